"""The Wasserstein distance where it is known in closed form, and the transport behind it."""

import numpy as np
import scipy.linalg
from helpers.agreement import relative_error

from nst_numpy import gradcheck
from nst_numpy.losses.moments import (
    RIDGE,
    Moments,
    covariance,
    loss_of_feature_map,
    moments,
    ridge,
)
from nst_numpy.losses.wasserstein import transport, wasserstein_loss


def positive_definite(rng, N=5):
    X = rng.normal(size=(N, 2 * N))
    return X @ X.T / (2 * N)


def test_the_transport_makes_one_covariance_into_the_other(rng):
    C, C_a = positive_definite(rng), positive_definite(rng)
    _, T = transport(C, C_a, 1e-12)
    assert relative_error(T @ C @ T, C_a) < 1e-12
    assert relative_error(T, T.T) < 1e-12
    assert np.linalg.eigvalsh(T).min() > 0


def test_the_trace_is_that_of_scipys_square_root(rng):
    C, C_a = positive_definite(rng), positive_definite(rng)
    root = scipy.linalg.sqrtm(C_a)
    trace, _ = transport(C, C_a, 1e-12)
    assert np.isclose(trace, np.trace(scipy.linalg.sqrtm(root @ C @ root)).real, rtol=1e-10)


def test_one_filter_in_closed_form(rng):
    """W^2 = (mu - mu_a)^2 + (s - s_a)^2 for normal distributions of one variable."""
    F, F_a = rng.random((1, 9)), rng.random((1, 7))
    eps = RIDGE * np.mean(F_a**2)
    s, s_a = np.sqrt(F.var() + eps), np.sqrt(F_a.var() + eps)
    expected = ((F.mean() - F_a.mean()) ** 2 + (s - s_a) ** 2) / 4
    assert np.isclose(wasserstein_loss(moments(F), moments(F_a))[0], expected, rtol=1e-10)


def test_the_derivative_pulls_to_the_transported_place(rng):
    """A step of 2 N M against it moves the features there: they have the style's moments."""
    F, F_a = rng.random((3, 40)), rng.random((3, 50))
    a = moments(F_a)
    _, dL_dF = loss_of_feature_map(wasserstein_loss, F, a)
    there = moments(F - 2 * 3 * 40 * dL_dF)
    assert relative_error(there.mu, a.mu) < 1e-12
    assert relative_error(covariance(there), covariance(a)) < 10 * RIDGE
    assert wasserstein_loss(moments(F), a)[0] > 1e-4


def test_fewer_positions_than_filters(rng):
    """C has rank 2 and filters that never answer: the ridge keeps value and slope finite."""
    F, F_a = rng.random((8, 3)), rng.random((8, 3))
    F[2], F_a[5] = 0, 0
    a = moments(F_a)
    assert np.linalg.matrix_rank(covariance(a)) == 2
    assert (
        gradcheck(lambda F: loss_of_feature_map(wasserstein_loss, F, a), F, step=1e-6).error < 1e-4
    )


def test_the_ridge_belongs_to_the_style():
    a = Moments(np.zeros(2), np.diag([1.0, 3.0]))
    assert np.isclose(ridge(a), 2 * RIDGE)
    assert ridge(Moments(np.zeros(2), np.zeros((2, 2)))) > 0
