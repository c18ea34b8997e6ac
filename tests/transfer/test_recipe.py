"""The recipe: the weights of the style layers, and the defaults that follow from them."""

import numpy as np
import pytest

from nst_numpy import stylize
from nst_numpy.networks import random_network
from nst_numpy.transfer.checks import style_weights_of
from nst_numpy.transfer.recipe import (
    PAPER_STYLE_LAYERS,
    RATIO,
    STYLE_LAYERS,
    STYLE_WEIGHTS,
    TV,
    default_style_weights,
)
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.vgg import VGG16, VGG19


def test_style_layers_of_the_recipe_are_layers_of_both_networks():
    assert {*STYLE_LAYERS, *PAPER_STYLE_LAYERS} <= {*VGG16} & {*VGG19}


@pytest.mark.parametrize("layers", [STYLE_LAYERS, STYLE_LAYERS[::-1], PAPER_STYLE_LAYERS])
def test_default_weights_sum_to_one_so_that_the_ratio_weighs_against_one(layers):
    assert sum(default_style_weights(layers)) == pytest.approx(1, rel=1e-12)


def test_weights_belong_to_layers_whatever_their_order():
    shuffled = [*STYLE_LAYERS[3:], *STYLE_LAYERS[:3]]
    w = dict(zip(shuffled, default_style_weights(shuffled), strict=True))
    for one in STYLE_LAYERS:
        for other in STYLE_LAYERS:
            expected = STYLE_WEIGHTS[one] / STYLE_WEIGHTS[other]
            assert w[one] / w[other] == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("layers", [PAPER_STYLE_LAYERS, STYLE_LAYERS[:-1], ("conv2_2",)])
def test_other_layers_have_the_equal_weights_of_the_paper(layers):
    settings = StylizeSettings("p.png", "a.png", style_layers=layers)
    assert style_weights_of(settings) == pytest.approx(dict.fromkeys(layers, 1 / len(layers)))


def test_a_job_without_settings_follows_the_recipe():
    rng = np.random.default_rng(0)
    p, a = rng.uniform(0, 255, (2, 48, 48, 3))
    network = random_network((3, 4, 4, 5, 5))
    job = {"weights": network, "size": 48, "iterations": 2}
    settings = {"style_layers": STYLE_LAYERS, "style_weights": tuple(STYLE_WEIGHTS.values())}
    scale = sum(STYLE_WEIGHTS.values())
    given = stylize(p, a, **job)
    # Literal weights are `scale` times those of the recipe: the other terms must follow.
    literal = stylize(p, a, **job, **settings, ratio=RATIO * scale, tv=TV * scale)
    np.testing.assert_allclose(literal.losses, given.losses * scale, rtol=1e-5)
    for term in ("style conv1_1", "style conv5_1", "tv", "content conv4_2"):
        np.testing.assert_allclose(literal.terms[term], given.terms[term] * scale, rtol=1e-4)
