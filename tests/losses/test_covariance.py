"""What covariance and deviations see and what they do not."""

import numpy as np

from nst_numpy import gram
from nst_numpy.losses.covariance import covariance_loss, mean_variance_loss
from nst_numpy.losses.moments import covariance, moments


def test_covariance_is_numpys(rng):
    F = rng.random((4, 9))
    assert np.allclose(covariance(moments(F)), np.cov(F, bias=True), rtol=0, atol=1e-14)
    assert np.allclose(moments(F).S, gram(F) / 9, rtol=1e-14)


def test_a_shift_of_all_features_moves_the_mean_only(rng):
    """L = 1/(4 N) |shift|^2: the covariance does not see it."""
    F, shift = rng.random((4, 9)), rng.normal(size=(4, 1))
    for loss in (covariance_loss, mean_variance_loss):
        assert np.isclose(
            loss(moments(F + shift), moments(F))[0], np.mean(shift**2) / 4, rtol=1e-10
        )


def test_deviations_do_not_see_correlations(rng):
    """Shuffling each filter's map by itself keeps its deviation and changes the covariance."""
    F = rng.random((4, 9))
    apart = rng.permuted(F, axis=1)
    assert mean_variance_loss(moments(apart), moments(F))[0] < 1e-15
    assert covariance_loss(moments(apart), moments(F))[0] > 1e-5


def test_centered_eq4(rng):
    """Of features without a mean, the covariance is the Gram matrix per position."""
    F, F_a = (F - F.mean(axis=1, keepdims=True) for F in rng.random((2, 4, 9)))
    D = (gram(F) - gram(F_a)) / 9
    assert np.isclose(
        covariance_loss(moments(F), moments(F_a))[0], np.sum(D * D) / (4 * 4**2), rtol=1e-10
    )
