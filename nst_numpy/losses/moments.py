"""Mean and second moment of a feature map: what most style losses keep of a picture.

The M columns of F are M points in a space of N dimensions. Their first two moments are sums
over positions: they forget where a feature stood, they can be added up strip by strip, and
their size does not depend on M, so that pictures of different sizes can be compared.
"""

from typing import NamedTuple, TypeAlias

import numpy as np

from nst_numpy.losses.gram import gram, times
from nst_numpy.utils.types import Array, FeatureMap

RIDGE = 1e-4  # variance added to every direction, relative to the style's mean square, see `ridge`
SMALLEST_RIDGE = 1e-12  # where the style's features are all zero


class Moments(NamedTuple):
    """First and second moment of the columns of a feature map.

    Attributes
    ----------
    mu : (N,) float64
    S : (N, N) float64, symmetric
        The Gram matrix of eq. 3 per position.
    """

    mu: Array
    S: Array


Whole: TypeAlias = tuple[Moments, float]  # of all positions, and their number M


def moments(F: FeatureMap) -> Moments:
    """Mean and second moment over the positions.

        mu = 1/M sum_k F_k        S = 1/M sum_k F_k F_k^T = G / M        (F_k: column k of F)

    Parameters
    ----------
    F : (N, M) float32 or float64

    Returns
    -------
    Moments
    """
    mu = F.mean(axis=1, dtype=np.float64)  # (N,)
    return Moments(mu, gram(F).astype(np.float64) / F.shape[1])


def covariance(m: Moments) -> Array:
    """Covariance matrix C = 1/M sum_k (F_k - mu) (F_k - mu)^T = S - mu mu^T of `Moments` m: (N, N).

    In float32, S is rounded to 6e-8 of itself, and what is left of C where the mean is a
    thousand times the deviation is only rounding. Rectified features are not like that.
    """
    return m.S - np.outer(m.mu, m.mu)


def derivative(F: FeatureMap, M: float, dL_dmu: Array, dL_dS: Array) -> FeatureMap:
    """dL/dF of a loss that sees only the moments.

    With dmu_p/dF_pk = 1/M and dS_ij/dF_pk = 1/M (delta_ip F_jk + delta_jp F_ik), and dL/dS
    symmetric,

        dL/dF = 1/M (2 dL/dS F + dL/dmu 1^T).

    Parameters
    ----------
    F : (N, M') float32 or float64
        All positions, or some of them.
    M : float
        The number of all positions, over which the moments were taken.
    dL_dmu : (N,) float64
    dL_dS : (N, N) float64, symmetric

    Returns
    -------
    dL_dF : (N, M'), dtype of F
    """
    dL_dF = times((2 / M * dL_dS).astype(F.dtype), F)  # (N, M')
    dL_dF += (dL_dmu / M).astype(F.dtype)[:, None]
    return dL_dF


def centered_derivative(
    F: FeatureMap, mu: Array, M: float, dL_dmu: Array, dL_dC: Array
) -> FeatureMap:
    """dL/dF of a loss that is written with mu and the covariance C.

    C = S - mu mu^T, so mu acts directly and through C: dL/dS = dL/dC, and to dL/dmu comes
    -2 dL/dC mu. Together with `derivative`

        dL/dF = 1/M (2 dL/dC (F - mu 1^T) + dL/dmu 1^T).
    """
    return derivative(F, M, dL_dmu - 2 * dL_dC @ mu, dL_dC)


def ridge(a: Moments) -> float:
    """The small variance that keeps square roots of the style's variances a away from zero.

    Roots have an infinite slope at 0, and variances of 0 are common: a filter that never
    answers, or fewer positions than filters (M < N leaves N - M + 1 directions without any).
    A ten thousandth of the style's mean square is added to the variance of each direction, in
    both pictures, as if both had that much noise: equal pictures still have no distance.
    """
    return max(RIDGE * float(np.mean(np.diag(a.S))), SMALLEST_RIDGE)
