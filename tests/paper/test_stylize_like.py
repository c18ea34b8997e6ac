"""Jobs with the conventions of other implementations."""

import numpy as np
import pytest

from nst_numpy import InputError, write_picture
from nst_numpy.cli import main, parser, settings_options
from nst_numpy.networks import random_network
from nst_numpy.paper import CONVENTIONS, like_settings, stylize_like
from nst_numpy.paper.paper_form import NEAR_MEAN
from nst_numpy.paper.stylize_like import initial_image_like
from nst_numpy.transfer.recipe import ITERATIONS, STYLE_LAYERS
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.vgg import VGG19

NETWORK = random_network((4, 5, 6, 5, 3), layers=VGG19[: VGG19.index("conv5_2") + 1])
QUICK = {"size": 40, "iterations": 3, "weights": NETWORK, "normalized": False}


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 34, 40, 3))


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_loss_of_every_convention_decreases(pictures, name):
    result = stylize_like(name, *pictures, **QUICK)
    assert result.picture.shape == (34, 40, 3)
    assert (np.diff(result.losses) < 0).all()
    assert np.allclose(sum(result.terms.values()), result.losses, rtol=1e-9)


def test_arguments_override_the_convention_which_overrides_the_defaults():
    job = like_settings("neural-style", "p", "a", pooling="average", iterations=7)
    assert (job.pooling, job.iterations) == ("average", 7)
    assert job.normalized is False
    assert job.content_layer == "conv4_2"
    assert like_settings("pytorch", "p", "a").content_layer == "conv2_2"
    default = like_settings("paper", "p", "a").iterations
    assert default == like_settings("gatys", "p", "a", iterations=ITERATIONS).iterations


@pytest.mark.parametrize("name", CONVENTIONS)
def test_conventions_know_nothing_of_the_recipe(name):
    """Only the options that do not decide how the picture looks have the package's defaults."""
    job = like_settings(name, "p", "a")
    assert (job.padding, job.tv) == ("zero", 0)
    assert job.style_layers == CONVENTIONS[name].settings["style_layers"] != STYLE_LAYERS
    assert like_settings(name, "p", "a", tv=2.0).tv == 2.0


def test_given_layers_and_total_variation_replace_the_convention_s(pictures):
    layers = {"content_layer": "conv1_2", "style_layers": ("conv2_1",)}
    result = stylize_like("neural-style", *pictures, **QUICK, **layers, tv=0)
    assert result.terms.keys() == {"content conv1_2", "style conv2_1"}


@pytest.mark.parametrize(
    ("name", "given", "message"),
    [
        ("gaty", {}, "Unknown convention: 'gaty'; did you mean gatys?"),
        ("gatys", {"ratio": 1e-3}, "`ratio` cannot be combined with the convention gatys"),
        ("paper", {"style_weights": (1,)}, "`style_weights` cannot be combined"),
        ("paper", {"size": 0}, "`size` must be"),
        ("paper", {"tv": -1}, "`tv` must be"),
        ("paper", {"style_layers": ()}, "`style_layers` is empty"),
        ("keras", {"weights": "random"}, "keras uses the layer conv5_2, which the network random"),
        ("paper", {"memory": 1}, "the memory budget is 1 MB; no size fits"),
        ("pytorch", {"memory": 1}, "1 MB, and a job with a convention that reads layers before"),
        ("paper", {"pooling": "min"}, "Unknown `pooling`"),
    ],
)
def test_an_invalid_argument_is_refused(pictures, name, given, message):
    with pytest.raises(InputError, match=message.replace("?", r"\?")):
        stylize_like(name, *pictures, **{**QUICK, **given})


@pytest.mark.parametrize(("name", "deviation"), [("neural-style", 0.001), ("anishathalye", 0.256)])
def test_the_start_near_the_mean_is_noise_at_the_network_s_input(name, deviation):
    """The network's input, pixels scaled and mean subtracted, has mean 0."""
    mean, p = NETWORK.mean.astype(np.float64), np.zeros((60, 70, 3))
    settings = like_settings(name, p, p)
    assert settings.init == NEAR_MEAN
    x0 = initial_image_like(CONVENTIONS[name], settings, mean, p, p)
    seen = CONVENTIONS[name].pixels * x0 - mean
    assert np.isclose(seen.std(), deviation, rtol=0.05)
    assert (abs(seen.mean(axis=(0, 1))) < 0.1 * deviation).all()


@pytest.fixture
def files(tmp_path, rng, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p.png", "a.png"):
        write_picture(name, rng.uniform(0, 255, (20, 26, 3)))


def transfer(*options):
    quick = ["--size", "26", "-o", "out.png", "--weights", "random", *options]
    return main(["transfer", "p.png", "a.png", *quick])


def test_the_command_runs_with_a_convention(files, capsys):
    """Also with a normalized network, in which its terms have about the released VGG's size."""
    options = ["--convention", "neural-style", "--iterations", "2"]
    assert transfer(*options) == 0
    assert "Stopped after 2 iterations (the limit)." in capsys.readouterr().out
    assert transfer(*options, "--weights", "tiny") == 0
    assert "nst-numpy:" not in capsys.readouterr().err


def test_the_total_variation_does_not_outweigh_the_style_of_a_normalized_network(rng):
    p, a = rng.uniform(0, 255, (2, 32, 40, 3))
    terms = stylize_like("neural-style", p, a, size=40, init="content", iterations=1).terms
    style = sum(values[0] for name, values in terms.items() if name.startswith("style"))
    assert terms["tv"][0] < 0.1 * style


def given_like(name, arguments):
    return like_settings(name, **settings_options.settings_given(arguments, StylizeSettings))


def test_an_option_with_the_default_s_value_overrides_the_convention(files):
    """150 iterations of average pooling are not the convention's 4000 of max pooling."""
    words = ["transfer", "p.png", "a.png", "-o", "out.png", "--convention", "keras"]
    arguments = parser().parse_args([*words, "--pooling", "average", "--iterations", "150"])
    settings = given_like("keras", arguments)
    assert (settings.pooling, settings.iterations) == ("average", 150)
    settings = given_like("keras", parser().parse_args(words))
    assert (settings.pooling, settings.iterations) == ("max", 4000)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--convention", "jcjohnson"], "Unknown convention: 'jcjohnson'"),
        (["--convention", "gatys", "--ratio", "3e-3"], "--ratio cannot be combined with"),
        (["--convention", "gatys", "--style-weights", "1,1,1,1,1"], "--style-weights cannot be"),
        (["--convention", "keras"], "keras uses the layer conv5_2"),
    ],
)
def test_a_contradiction_gives_one_message_and_exit_code_2(files, capsys, options, message):
    assert transfer(*options) == 2
    message = capsys.readouterr().err.strip()
    assert message.startswith("nst-numpy: ")
    assert message in message
    assert len(message.splitlines()) == 1


def test_the_conventions_are_printed(capsys):
    """A row of each, in the paper's form first; without a layer that a network does not have."""
    assert main(["conventions"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines[2:8]] == list(CONVENTIONS)
    assert lines[4].split()[1:7] == ["6.36e-06", "0.0977", "0.0244", "0.0061", "0.00153", "0.00153"]
    assert main(["conventions", "--size", "64", "48", "--weights", "tiny"]) == 0
    assert "not with this network, which has no conv5_2" in capsys.readouterr().out
