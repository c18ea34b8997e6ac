"""The derivative of each term by itself, on the losses that jobs minimize and in their results."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import stylize
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.paper import CONVENTIONS, like_settings, stylize_like
from nst_numpy.paper.convention_objective import convention_objective
from nst_numpy.transfer.build_loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate, single_term, term_gradient
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS
from nst_numpy.transfer.weighted_terms import Objective

V, W = {"conv2_1": 0.25, "conv4_2": 0.75}, {"conv1_1": 0.5, "conv3_1": 0.25}


@pytest.fixture
def pictures(rng):
    return np.rint(rng.uniform(0, 255, (4, 32, 20, 3)))


def paper_objective(p, a, encoder, content_layer, ratio, w, tv):
    terms = (
        *content_terms(p, encoder, {content_layer: 1.0}, ratio, "squared"),
        *style_terms([a], encoder, "gram", [1.0], w),
        *pixel_terms(p, 0.0, tv, "squared"),
    )
    return Objective(encoder, terms)


@pytest.fixture(params=["paper", "tiles", "sum"])
def objective(request, pictures, small_network):
    """The objective of a job, with all kinds of terms."""
    p, a, b, _ = pictures
    if request.param == "sum":
        encoder = Encoder(small_network)
        terms = (
            *content_terms(p, encoder, V, 0.3, "squared"),
            *style_terms([a, b], encoder, "covariance", [0.25, 0.75], W),
            *pixel_terms(p, 0.1, 2.0, "nine-point"),
        )
        return Objective(encoder, terms)
    encoder = Encoder(small_network, tile_rows=16 if request.param == "tiles" else None)
    return paper_objective(p, a, encoder, "conv4_2", 0.3, W, 2.0)


@pytest.mark.parametrize("luminance_only", [False, True])
def test_the_terms_derivatives_sum_to_the_total(objective, pictures, luminance_only):
    x, objective = pictures[3], replace(objective, luminance_only=luminance_only)
    _, total, values = evaluate(objective, x)
    parts = sum(term_gradient(objective, x, name) for name in values)
    assert relative_error(parts, total) < 1e-10


def test_each_is_the_derivative_of_its_term(objective, pictures):
    _, _, values = evaluate(objective, pictures[3])
    for name in values:
        single = single_term(objective, name)
        assert np.isclose(evaluate(single, pictures[3])[0], values[name], rtol=1e-12)
        assert gradcheck(lambda x, single=single: evaluate(single, x)[:2], pictures[3]).passed, name


@pytest.mark.parametrize("name", [None, *CONVENTIONS])
def test_a_result_has_them_at_its_end(pictures, small_network, name):
    """Of jobs without a margin: their callback sees the very pixels."""
    p, a, _, x0 = pictures
    seen = []
    job = {"size": 32, "iterations": 1, "weights": small_network, "dtype": np.float64, "init": x0}
    job |= {"normalized": False, "callback": lambda i, x, *_: seen.append(x), "gradients": True}
    job |= {"content_layer": "conv4_2"}
    if name:
        result = stylize_like(name, p, a, **job)
        like = like_settings(name, p, a, **job)
        encoder, layers = Encoder(small_network, like.pooling), like.style_layers
        objective = convention_objective(CONVENTIONS[name], p, a, encoder, "conv4_2", layers)
    else:
        paper = {"style_layers": PAPER_STYLE_LAYERS, "ratio": 3e-3, "tv": 0}
        result = stylize(p, a, **job, **paper, padding="reflect")
        w = dict.fromkeys(PAPER_STYLE_LAYERS, 1 / 5)
        encoder = Encoder(small_network, padding="reflect")
        objective = paper_objective(p, a, encoder, "conv4_2", 3e-3, w, 0.0)
    for term, gradient in result.gradients.items():
        assert relative_error(gradient, term_gradient(objective, seen[-1], term)) < 1e-10
    assert result.gradients.keys() == result.terms.keys()


def test_with_scales_they_are_of_the_last_one_and_without_margin(pictures, small_network):
    job = {"size": 40, "iterations": 1, "weights": small_network, "normalized": False}
    result = stylize(*pictures[:2], **job, scales=((32, 1),), dtype=np.float64, gradients=True)
    assert {g.shape for g in result.gradients.values()} == {result.picture.shape}
    assert not result.earlier[0].gradients
    assert not stylize(*pictures[:2], **job, dtype=np.float64).gradients
