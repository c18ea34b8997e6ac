"""The derivative of each term by itself, on the losses that jobs minimize and in their results."""

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import stylize
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.paper import CONVENTIONS, settings_like, stylize_like
from nst_numpy.paper.stylize_like import objective
from nst_numpy.transfer.color_control import only_gray
from nst_numpy.transfer.loss_terms import sum_loss
from nst_numpy.transfer.stylize import STYLE_LAYERS, paper_loss
from nst_numpy.transfer.sum_of_terms import loss_of

V, W = {"conv2_1": 0.25, "conv4_2": 0.75}, {"conv1_1": 0.5, "conv3_1": 0.25}
CONTROLS = {"style_loss": "covariance", "content_loss": "squared", "laplacian": 0.1}


@pytest.fixture
def pictures(rng):
    return np.rint(rng.uniform(0, 255, (4, 32, 20, 3)))


@pytest.fixture(params=["paper", "strips", "sum"])
def loss(request, pictures, small_network):
    """f of a job, with all kinds of terms."""
    p, a, b, _ = pictures
    if request.param == "sum":
        job = p, [a, b], small_network, V, W, [0.25, 0.75], None, 0.3, "average"
        return sum_loss(*job, **CONTROLS, tv=2.0, tv_kind="nine-point")
    rows = 16 if request.param == "strips" else None
    return paper_loss(p, a, small_network, "conv4_2", 0.3, W, 2.0, "average", rows)


def add_up(loss, x):
    _, total, terms = loss(x)
    return relative_error(sum(loss(x, only=term)[1] for term in terms), total) < 1e-10


def test_the_terms_derivatives_sum_to_the_total(loss, pictures):
    assert add_up(loss, pictures[3])
    assert add_up(only_gray(lambda: loss)(), pictures[3])


def test_each_is_the_derivative_of_its_term(loss, pictures):
    _, _, terms = loss(pictures[3])
    for term in terms:
        value, _, _ = loss(pictures[3], only=term)
        assert np.isclose(value, terms[term], rtol=1e-12)
        assert gradcheck(lambda x, term=term: loss(x, only=term)[:2], pictures[3]).passed, term


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
        like = settings_like(name, job)
        loss = loss_of(*objective(CONVENTIONS[name], p, a, small_network, like), like["pooling"])
    else:
        result = stylize(p, a, **job, padding="reflect")
        w = dict.fromkeys(STYLE_LAYERS, 1 / 5)
        job = p, a, small_network, "conv4_2", 3e-3, w, 0.0, "average", None, "reflect"
        loss = paper_loss(*job)
    for term, gradient in result.gradients.items():
        assert relative_error(gradient, loss(seen[-1], only=term)[1]) < 1e-10
    assert result.gradients.keys() == result.terms.keys()


def test_with_scales_they_are_of_the_last_one_and_without_margin(pictures, small_network):
    job = {"size": 40, "iterations": 1, "weights": small_network, "normalized": False}
    result = stylize(*pictures[:2], **job, scales=((32, 1),), dtype=np.float64, gradients=True)
    assert {g.shape for g in result.gradients.values()} == {result.picture.shape}
    assert not result.earlier[0].gradients
    assert not stylize(*pictures[:2], **job, dtype=np.float64).gradients
