"""Several styles as one."""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np

from nst_numpy.losses.mmd import Points
from nst_numpy.losses.moments import Moments
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array

Kept = TypeVar("Kept", Moments, Points)


def blend(statistics: Sequence[Kept], weights: Sequence[float] | Array) -> Kept:
    """Statistics of a mixture of styles: the points of all of them, weighted.

    Take a point from style s with probability w_s. Mean and second moment of what is taken are

        mu = sum_s w_s mu_s        S = sum_s w_s S_s,

    not so its covariance, which holds the differences between the means, too; therefore the
    moments are blended, and a loss makes of them what it needs. `Points` are put together. In
    the same way the strips of one picture, weighted by their numbers of positions, make the whole.

    For a loss that is quadratic in the moments (Gram, linear and polynomial MMD) a blended target
    is a blended loss up to a constant: with sum_s w_s = 1,

        sum_s w_s |S - S_s|^2 = |S - sum_s w_s S_s|^2 + const,

    so that both have the same derivative. For the others (covariance, mean and variance,
    Wasserstein, and the Gaussian MMD, whose width depends on the style) they differ, because
    the mixture also varies by as much as its styles lie apart.

    Departs from Gatys et al.: the paper has one style.

    Parameters
    ----------
    statistics : sequence of Moments, or of Points
        Of one layer, one for each style.
    weights : sequence of float
        One for each style, not negative; only their ratios count.

    Returns
    -------
    Moments or Points

    Raises
    ------
    InputError
        If the weights do not fit.
    """
    w = shares(weights, len(statistics))
    if isinstance(statistics[0], Points):
        Y = np.concatenate([a.Y for a in statistics], axis=1)  # (N, sum of K)
        return Points(Y, np.concatenate([w_s * a.v for w_s, a in zip(w, statistics, strict=True)]))
    mu = sum(w_s * a.mu for w_s, a in zip(w, statistics, strict=True))  # (N,)
    return Moments(mu, sum(w_s * a.S for w_s, a in zip(w, statistics, strict=True)))


def shares(weights: Sequence[float] | Array, n: int) -> Array:
    """The weights of n styles divided by their sum, or say why that cannot be."""
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
    w = w / w.max()  # their sum may be more than a number can be
    return w / w.sum()
