"""The general sum, with the paper's terms, is the paper's objective."""

from functools import partial

import numpy as np

from nst_numpy import content_loss, style_layer_loss, targets, total_loss
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.losses import total_variation
from nst_numpy.transfer.sum_of_terms import Term, sum_of_terms

W = {"conv1_1": 0.25, "conv2_1": 0.75, "conv4_2": 0.5}


def paper_terms(goal, alpha, beta, tv):
    content = [
        Term(f"content {l}", l, alpha, lambda F, P=P: content_loss(F, P)) for l, P in goal.P.items()
    ]
    style = [
        Term(f"style {l}", l, beta * W[l], partial(style_layer_loss, A=A))
        for l, A in goal.A.items()
    ]
    return [*content, *style, Term("tv", None, tv, total_variation)]


def test_eq7_is_one_case_of_it(rng, small_network):
    """Content and style meet at conv4_2."""
    p, a, x = rng.uniform(0, 255, (3, 24, 20, 3))
    goal = targets(p, a, small_network, ["conv4_2"], list(W))
    terms = paper_terms(goal, 0.3, 2.0, 1e-3)
    L, dL_dx, values = sum_of_terms(x, terms, small_network)
    L_paper, dL_dx_paper, values_paper = total_loss(x, goal, small_network, 0.3, 2.0, W, 1e-3)
    assert np.isclose(L, L_paper, rtol=1e-13)
    assert np.allclose(dL_dx, dL_dx_paper, rtol=1e-11, atol=1e-15)
    assert values.keys() == values_paper.keys()
    assert all(np.isclose(values[name], values_paper[name], rtol=1e-13) for name in values)


def test_its_derivative_is_that_of_its_value(rng, small_network):
    p, a, x = rng.uniform(0, 255, (3, 24, 20, 3))
    goal = targets(p, a, small_network, ["conv4_2"], list(W))
    terms = paper_terms(goal, 0.3, 2.0, 1e-3)
    assert gradcheck(lambda x: sum_of_terms(x, terms, small_network)[:2], x).passed


def test_terms_of_one_name_add_up(rng, small_network):
    x = rng.uniform(0, 255, (8, 8, 3))
    half = Term("sum", "conv1_1", 0.5, lambda F: (float(F.sum()), np.ones_like(F)))
    whole = Term("sum", "conv1_1", 1.0, half.loss)
    twice, once = (sum_of_terms(x, terms, small_network) for terms in ([half, half], [whole]))
    assert np.isclose(twice[2]["sum"], once[2]["sum"], rtol=1e-14)
    assert np.allclose(twice[1], once[1], rtol=1e-12)
