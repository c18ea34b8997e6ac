"""Each control's law, on the terms themselves and on small jobs."""

import numpy as np
import pytest

from nst_numpy import InputError, stylize, targets, total_loss
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.losses import STYLE_LOSSES, VARIATIONS, laplacian_loss
from nst_numpy.transfer.build_loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate, sum_of_terms
from nst_numpy.transfer.margin import extend
from nst_numpy.transfer.recipe import STYLE_LAYERS
from nst_numpy.transfer.weighted_terms import Objective

W = {"conv1_1": 0.5, "conv3_1": 0.25}
V = {"conv2_1": 0.25, "conv4_2": 0.75}


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (4, 20, 28, 3))


@pytest.fixture
def job(pictures, small_network):
    """Job on two of the pictures, in float64, so that equal means equal to rounding."""

    def do(p=pictures[0], a=pictures[1], **settings):
        quick = {"size": 28, "iterations": 4, "weights": small_network, "dtype": np.float64}
        return stylize(p, a, **{**quick, "normalized": False, "init": pictures[3], **settings})

    return do


def same(one, other):
    return np.allclose(one.losses, other.losses, rtol=1e-9)


def test_the_papers_terms_are_the_papers_sum(pictures, small_network):
    """What `style_loss="gram"` means here and in eq. 7 is the same."""
    p, a, x, _ = pictures
    encoder = Encoder(small_network)
    terms = (
        *content_terms(p, encoder, {"conv4_2": 1.0}, 0.3, "squared"),
        *style_terms([a], encoder, "gram", [1.0], W),
        *pixel_terms(p, 0.0, 2.0, "squared"),
    )
    objective = Objective(encoder, terms)
    goal = targets(p, a, small_network, ["conv4_2"], W)
    alpha = 0.3 / goal.P["conv4_2"].size
    L, dL_dx, values = sum_of_terms(objective, x)
    L_paper, dL_dx_paper, values_paper = total_loss(x, goal, small_network, alpha, 1.0, W, 2.0)
    assert np.isclose(L, L_paper, rtol=1e-12)
    assert np.allclose(dL_dx, dL_dx_paper, rtol=1e-9, atol=1e-14)
    assert values.keys() == values_paper.keys()


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_all_controls_together_have_the_derivative_of_their_value(pictures, small_network, name):
    p, a, b, x = pictures
    encoder = Encoder(small_network)
    terms = (
        *content_terms(p, encoder, V, 0.3, "squared"),
        *style_terms([a, b], encoder, name, [0.25, 0.75], W),
        *pixel_terms(p, 3.0, 2.0, "nine-point"),
    )
    objective = Objective(encoder, terms)
    assert gradcheck(lambda x: evaluate(objective, x)[:2], x).passed


@pytest.mark.parametrize("name", ["gram", "wasserstein", "mmd-gaussian"])
def test_two_equal_styles_at_one_half_are_one(pictures, job, name):
    a = pictures[1]
    twice = job(a=[a, a], style_blend=(0.5, 0.5), style_loss=name)
    assert same(twice, job(style_loss=name))


def test_a_style_with_weight_0_is_left_out(pictures, job):
    assert same(job(a=[*pictures[1:3]], style_blend=(3, 0)), job())


def test_blended_styles_lie_between(pictures, job):
    """Half of each is nearer to either than all of the other: eq. 4 at the start is convex."""
    first, both, last = (
        job(a=[*pictures[1:3]], style_blend=blend, ratio=0).losses[0]
        for blend in ((1, 0), (1, 1), (0, 1))
    )
    assert both < (first + last) / 2


@pytest.mark.parametrize("name", sorted(set(STYLE_LOSSES) - {"mmd-gaussian"}))
def test_a_picture_in_its_own_style_has_zero_loss(pictures, job, name):
    """But for the Gaussian MMD, which keeps some of the positions only."""
    result = job(a=pictures[0], init="content", style_loss=name, tv=0, padding="zero")
    assert result.losses[0] < 1e-20
    assert result.terms.keys() >= {"style conv1_1", "content conv4_2"}


def test_style_scale_1_changes_nothing(job):
    assert np.array_equal(job(style_scale=1).losses, job().losses)
    assert not same(job(style_scale=2), job())


def test_style_size_is_style_scale_in_pixels(job):
    assert np.array_equal(job(style_size=42).losses, job(style_scale=1.5).losses)


def test_a_content_layer_with_weight_0_is_left_out(job):
    two = job(content_layer=("conv2_1", "conv4_2"), content_weights=(0, 1))
    assert same(two, job())


def test_content_layers_share_the_ratio(job):
    """Each of two layers at its default weight has half of what it has alone."""
    both = job(content_layer=("conv2_1", "conv4_2")).terms
    for l in ("conv2_1", "conv4_2"):
        alone = job(content_layer=l).terms[f"content {l}"][0]
        assert np.isclose(both[f"content {l}"][0], alone / 2, rtol=1e-9)


def test_the_laplacian_joins_or_replaces_the_content_loss(pictures, job):
    p, _, x, _ = pictures
    beside = pixel_terms(p, 5.0, 0.0, "squared")
    assert [(t.name, t.weight) for t in beside] == [("laplacian", 5.0)]
    assert beside[0].loss(x)[0] == laplacian_loss(x, p)[0]
    assert job(content_loss="laplacian", tv=0).terms.keys() == {
        "laplacian",
        *(f"style {l}" for l in STYLE_LAYERS),
    }


def test_the_laplacian_in_place_of_eq1_has_ten_times_the_ratio(pictures, small_network):
    p, _, x, _ = pictures
    (term,) = content_terms(p, Encoder(small_network), V, 0.3, "laplacian")
    assert (term.name, term.weight) == ("laplacian", 10 * 0.3)
    assert term.loss(x)[0] == laplacian_loss(x, p, (2, 4))[0]


@pytest.mark.parametrize("kind", VARIATIONS)
def test_tv_kind_is_what_tv_weighs(pictures, job, kind):
    result = job(init="content", tv=2.0, tv_kind=kind, padding="zero")
    value, _ = VARIATIONS[kind](extend(np.float32(pictures[0]).astype(float)))
    assert np.isclose(result.terms["tv"][0], 2.0 * value, rtol=1e-12)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"style_loss": "grem"}, "Unknown `style_loss`: 'grem'; did you mean gram?"),
        ({"content_loss": "l1"}, "Unknown `content_loss`"),
        ({"tv_kind": "nine", "tv": 1}, "Unknown `tv_kind`: 'nine'; did you mean nine-point?"),
        ({"tv_kind": "nine-point", "tv": 0}, "`tv_kind` is nine-point but `tv` is 0"),
        ({"laplacian": -1}, "`laplacian` must be a number of at least 0"),
        ({"content_loss": "laplacian", "laplacian": 1}, "leave out `laplacian` or `content_loss`"),
        ({"content_loss": "laplacian", "content_layer": ["conv1_1", "conv2_1"]}, "no layer"),
        ({"content_weights": (0,)}, "`content_weights` sum to zero"),
        ({"content_weights": (1, 2)}, "each of the 1 content layers, got 2"),
        ({"content_layer": ()}, "`content_layer` is empty or repeats a layer"),
        ({"style_weights": (0,) * len(STYLE_LAYERS)}, "`style_weights` sum to zero"),
        ({"style_blend": (0,)}, "weights of the styles sum to zero"),
        ({"style_blend": (1, 2)}, "There are 1 styles and 2 weights"),
        ({"style_scale": 0}, "`style_scale` must be a number above 0"),
        ({"style_scale": 1e9}, "longer side of the style must be 1 to 16384"),
        ({"style_scale": 2, "style_size": 30}, "give one"),
        ({"style_scale": 0.1}, "too small for the layer conv5_1"),
        ({"color": "gray"}, "Unknown `color`: 'gray'. Known: keep, match"),
        ({"a": []}, "`style` is an empty list"),
    ],
)
def test_a_wrong_setting_is_an_error(job, settings, sentence):
    with pytest.raises(InputError, match=sentence.replace("?", r"\?")):
        job(**settings)
