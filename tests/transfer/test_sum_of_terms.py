"""The general sum of terms equals the paper's objective where both apply."""

from dataclasses import replace

import numpy as np

from nst_numpy import targets, total_loss, vgg
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.losses import Moments, total_variation
from nst_numpy.losses.gram import gram_loss
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate, sum_of_terms
from nst_numpy.transfer.weighted_terms import (
    ContentTerm,
    FeatureMapTerm,
    Objective,
    PixelTerm,
    StyleTerm,
)

W = {"conv1_1": 0.25, "conv2_1": 0.75, "conv4_2": 0.5}


def paper_objective(goal, shape, network, alpha, beta, tv):
    encoder = Encoder(network)
    M = vgg.positions(network, shape, W)
    content = [ContentTerm(f"content {l}", l, alpha, P) for l, P in goal.P.items()]
    style = [
        StyleTerm(f"style {l}", l, beta * W[l], gram_loss, (Moments(np.zeros(len(A)), A / M[l]),))
        for l, A in goal.A.items()
    ]
    return Objective(encoder, (*content, *style, PixelTerm("tv", tv, total_variation)))


def test_eq7_is_one_case_of_the_general_sum(rng, small_network):
    """Content and style are both at conv4_2."""
    p, a, x = rng.uniform(0, 255, (3, 24, 20, 3))
    goal = targets(p, a, small_network, ["conv4_2"], list(W))
    objective = paper_objective(goal, x.shape, small_network, 0.3, 2.0, 1e-3)
    L_paper, dL_dx_paper, values_paper = total_loss(x, goal, small_network, 0.3, 2.0, W, 1e-3)
    assert objective.is_paper_sum
    for evaluation in (sum_of_terms, evaluate):
        L, dL_dx, values = evaluation(objective, x)
        assert np.isclose(L, L_paper, rtol=1e-13)
        assert np.allclose(dL_dx, dL_dx_paper, rtol=1e-11, atol=1e-15)
        assert values.keys() == values_paper.keys()
        assert all(np.isclose(values[name], values_paper[name], rtol=1e-13) for name in values)


def test_the_general_sum_has_the_derivative_of_its_value(rng, small_network):
    p, a, x = rng.uniform(0, 255, (3, 24, 20, 3))
    goal = targets(p, a, small_network, ["conv4_2"], list(W))
    objective = paper_objective(goal, x.shape, small_network, 0.3, 2.0, 1e-3)
    assert gradcheck(lambda x: sum_of_terms(objective, x)[:2], x).passed


def test_terms_of_one_name_add_up(rng, small_network):
    x = rng.uniform(0, 255, (8, 8, 3))
    loss = lambda F: (float(F.sum()), np.ones_like(F))  # noqa: E731
    half = FeatureMapTerm("sum", "conv1_1", 0.5, loss, "a test")
    one = replace(half, weight=1.0)
    twice, once = (
        evaluate(Objective(Encoder(small_network), terms), x) for terms in ((half, half), (one,))
    )
    assert np.isclose(twice[2]["sum"], once[2]["sum"], rtol=1e-14)
    assert np.allclose(twice[1], once[1], rtol=1e-12)
