"""Blend the statistics of several styles into those of one."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from nst_numpy.losses.mmd import Points
from nst_numpy.losses.moments import Moments
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array

Kept = TypeVar("Kept", Moments, Points)


def blend(statistics: Sequence[Kept], weights: Sequence[float] | Array) -> Kept:
    """Statistics of a mixture of styles.

    If a point is drawn from style s with probability w_s, its mean and second moment are

        mu = sum_s w_s mu_s        S = sum_s w_s S_s.

    The covariance of the mixture is not the weighted mean of covariances, because it includes the
    differences between the means. Therefore the moments are blended, and a loss computes from
    them what it needs. `Points` are concatenated.

    For a loss that is quadratic in the moments (Gram, linear and polynomial MMD) a blended target
    is a blended loss up to a constant: with sum_s w_s = 1,

        sum_s w_s |S - S_s|^2 = |S - sum_s w_s S_s|^2 + const,

    so both have the same derivative. For the others (covariance, mean and variance, Wasserstein,
    and the Gaussian MMD, whose width depends on the style) they differ, because the variance of
    the mixture includes the distance between its styles.

    Departs from Gatys et al.: the paper has one style.

    Parameters
    ----------
    statistics : sequence of Moments, or of Points
        Of one layer, one for each style.
    weights : sequence of float
        One for each style, not negative. Only their ratios matter.

    Returns
    -------
    Moments or Points

    Raises
    ------
    InputError
        If the number of weights is wrong, one of them is negative or not finite, or all are zero.

    Examples
    --------
    >>> from nst_numpy.losses import moments
    >>> one, two = moments(np.array([[1.0, 1.0]])), moments(np.array([[5.0, 5.0]]))
    >>> blend([one, two], [3, 1]).mu
    array([2.])
    """
    w = shares(weights, len(statistics))
    if isinstance(statistics[0], Points):
        Y = np.concatenate([a.Y for a in statistics], axis=1)  # (N, sum of K)
        return Points(Y, np.concatenate([w_s * a.v for w_s, a in zip(w, statistics, strict=True)]))
    mu = np.sum([w_s * a.mu for w_s, a in zip(w, statistics, strict=True)], axis=0)  # (N,)
    S = np.sum([w_s * a.S for w_s, a in zip(w, statistics, strict=True)], axis=0)  # (N, N)
    return Moments(mu, S)


def shares(weights: Sequence[float] | Array, n: int) -> Array:
    """Weights of n styles divided by their sum; raises `InputError` if they have none."""
    w = np.asarray(weights, np.float64)
    if w.shape != (n,):
        raise InputError(f"There are {n} styles and {w.size} weights to blend them: give one each.")
    if not np.isfinite(w).all() or (w < 0).any():
        raise InputError(
            "The weights of the styles must be numbers of at least 0, got "
            f"{', '.join(f'{each:g}' for each in w)}."
        )
    if not w.any():
        raise InputError("The weights of the styles sum to zero: give at least one more than 0.")
    w = w / w.max()  # the sum of large weights may overflow
    return w / w.sum()
