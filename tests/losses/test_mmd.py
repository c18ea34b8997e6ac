"""The maximum mean discrepancy: the Gram loss is one of them; blocks for the Gaussian kernel."""

from functools import partial

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import gradcheck, gram, style_layer_loss
from nst_numpy.losses import mmd
from nst_numpy.losses.moments import loss_of_feature_map, moments


def test_eq4_is_the_mmd_with_the_quadratic_kernel(rng):
    """k(x, y) = (x^T y / N)^2, over all pairs of positions as MMD is defined."""
    F, F_a = rng.random((4, 9)), rng.random((4, 9))
    means = [((X.T @ Y / 4) ** 2).mean() for X, Y in ((F, F), (F, F_a), (F_a, F_a))]
    E, dE_dF = style_layer_loss(F, gram(F_a))
    quadratic = partial(mmd.polynomial_mmd_loss, c=0)
    L, dL_dF = loss_of_feature_map(quadratic, F, moments(F_a))
    assert np.isclose(E, (means[0] - 2 * means[1] + means[2]) / 4, rtol=1e-10)
    assert np.isclose(E, L, rtol=1e-10)
    assert relative_error(dL_dF, dE_dF) < 1e-10


@pytest.fixture
def small_blocks(monkeypatch):
    monkeypatch.setattr(mmd, "POSITIONS", 8)


def test_blocks_have_their_exact_derivative(rng, small_blocks):
    F, a = rng.random((3, 29)), mmd.points(rng.random((3, 20)))
    assert a.Y.shape == (3, 8)
    assert gradcheck(lambda F: mmd.gaussian_mmd_loss(F, a), F).passed
    assert (mmd.gaussian_mmd_loss(F, a)[1] != 0).all(axis=0).all()  # every position has its part


def test_blocks_bound_the_whole_from_above(rng, monkeypatch):
    F, a = rng.random((3, 29)), mmd.points(rng.random((3, 8)))
    whole, _ = mmd.gaussian_mmd_loss(F, a)
    monkeypatch.setattr(mmd, "POSITIONS", 8)
    blocks, _ = mmd.gaussian_mmd_loss(F, a)
    assert whole < blocks < whole + 1 / (4 * 7)  # each block's mean is off by less than 1/m


def test_points_are_columns_of_the_style_each_once(rng, small_blocks):
    F = rng.random((3, 20))
    a = mmd.points(F)
    columns = {tuple(column) for column in F.T}
    chosen = {tuple(column) for column in a.Y.T}
    assert len(chosen) == 8
    assert chosen < columns
    assert np.isclose(a.v.sum(), 1)


def test_blocks_are_spread_over_the_picture():
    """Of 64 rows and 64 columns, 256 positions miss only a few; in order they would be 4 rows."""
    block = mmd.shuffled(64 * 64)[:256]
    assert len(np.unique(block // 64)) > 55
    assert len(np.unique(block % 64)) > 55


def test_the_styles_points_are_spread_over_the_picture():
    places = np.arange(64 * 64)[None]  # a feature map whose values are the positions
    chosen = mmd.points(places).Y[0]
    assert len(np.unique(chosen // 64)) > 55
    assert len(np.unique(chosen % 64)) > 55


def test_a_picture_of_two_halves_has_nearly_no_loss_in_its_own_style():
    """Each block has positions of both halves; blocks of one half would differ from the style."""
    F = np.repeat([[0.0, 1.0]], 1024, axis=1).reshape(1, -1)
    assert mmd.gaussian_mmd_loss(F, mmd.points(F))[0] < 0.005


def test_the_kernel_is_never_above_1(rng):
    """Rounding makes some squared distances of nearly equal points negative."""
    X = (1000 + rng.random((5, 200))).astype(np.float32)
    squares = np.sum(X * X, axis=0)[:, None] + np.sum(X * X, axis=0) - 2 * X.T @ X
    assert squares.min() < 0
    assert mmd.kernel(X, X, 1.0).max() == 1


def test_the_width_is_the_mean_squared_distance(rng):
    a = mmd.points(rng.random((3, 7)))
    pairs = np.sum((a.Y[:, :, None] - a.Y[:, None]) ** 2, axis=0)
    assert np.isclose(mmd.squared_width(a), pairs.mean(), rtol=1e-12)
