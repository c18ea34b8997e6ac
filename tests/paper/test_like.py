"""Jobs by a convention."""

import numpy as np
import pytest

from nst_numpy import InputError
from nst_numpy.networks import random_network
from nst_numpy.paper import CONVENTIONS, settings_like, stylize_like
from nst_numpy.vgg import VGG19

NETWORK = random_network((4, 5, 6, 5, 3), layers=VGG19[: VGG19.index("conv5_2") + 1])
QUICK = {"size": 40, "iterations": 3, "weights": NETWORK, "normalized": False}


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 34, 40, 3))


@pytest.mark.parametrize("name", CONVENTIONS)
def test_a_job_by_a_convention(pictures, name):
    result = stylize_like(name, *pictures, **QUICK)
    assert result.picture.shape == (34, 40, 3)
    assert (np.diff(result.losses) < 0).all()
    assert np.allclose(sum(result.terms.values()), result.losses, rtol=1e-9)


def test_what_is_given_wins_over_the_convention_and_that_over_the_default():
    job = settings_like("neural-style", {"pooling": "average", "iterations": 7})
    assert (job["pooling"], job["iterations"]) == ("average", 7)
    assert job["normalized"] is False
    assert job["content_layer"] == "conv4_2"
    assert settings_like("pytorch", {})["content_layer"] == "conv2_2"
    assert (
        settings_like("paper", {})["iterations"]
        == settings_like("gatys", {"iterations": 300})["iterations"]
    )


def test_given_layers_and_smoothing_are_taken(pictures):
    layers = {"content_layer": "conv1_2", "style_layers": ("conv2_1",)}
    result = stylize_like("neural-style", *pictures, **QUICK, **layers, tv=0)
    assert result.terms.keys() == {"content conv1_2", "style conv2_1"}


@pytest.mark.parametrize(
    ("name", "given", "sentence"),
    [
        ("gaty", {}, "Unknown convention: 'gaty'; did you mean gatys?"),
        ("gatys", {"ratio": 1e-3}, "ratio cannot be combined with the convention gatys"),
        ("paper", {"style_weights": (1,)}, "style_weights cannot be combined"),
        ("paper", {"size": 0}, "size must be"),
        ("paper", {"tv": -1}, "tv must be"),
        ("paper", {"style_layers": ()}, "style_layers is empty"),
        ("keras", {"weights": "random"}, "keras looks at conv5_2, which the network random"),
        ("paper", {"memory": 1}, "1 MB; with a convention a job is not cut"),
        ("paper", {"pooling": "min"}, "Unknown pooling"),
    ],
)
def test_a_wrong_argument_is_told(pictures, name, given, sentence):
    with pytest.raises(InputError, match=sentence.replace("?", r"\?")):
        stylize_like(name, *pictures, **{**QUICK, **given})
