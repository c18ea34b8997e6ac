"""Mean and second moment of a feature map, and the pull-back of their derivatives.

The M columns of F are M points in a space of N dimensions. Their first two moments are sums over
positions. They do not depend on the order of the positions, they can be accumulated tile by tile,
and their size does not depend on M, so that pictures of different sizes can be compared.

A loss of moments is a function

    loss(m, a) -> (L, dL_dmu, dL_dS)

of the moments m of the generated image and a of the style image. `pull_back` turns its derivatives
into dL/dF, which is the same for all of these losses.
"""

from collections.abc import Callable
from typing import NamedTuple, TypeAlias

import numpy as np

from nst_numpy import backend
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


class Sums(NamedTuple):
    """Sums over positions, from which `moments_of` makes moments.

    Attributes
    ----------
    M : float
        Number of positions, or the sum of their weights T_k^2.
    first : (N,) float64
        sum_k T_k^2 F_k
    second : (N, N) float64, symmetric
        sum_k T_k^2 F_k F_k^T
    """

    M: float
    first: Array
    second: Array


# (m, a) -> (L, dL/dmu (N,), dL/dS), float64. dL/dS is a symmetric (N, N) array, the (N,) diagonal
# of a diagonal matrix, or None where it is zero.
MomentLoss: TypeAlias = Callable[[Moments, Moments], tuple[float, Array, Array | None]]


def moments(F: FeatureMap) -> Moments:
    """Mean and second moment over the positions.

        mu = 1/M sum_k F_k        S = 1/M sum_k F_k F_k^T = G / M        (F_k: column k of F)

    Parameters
    ----------
    F : (N, M) float32 or float64

    Returns
    -------
    Moments

    Examples
    --------
    >>> m = moments(np.array([[1.0, 3.0], [0.0, 2.0]]))
    >>> m.mu.tolist(), m.S.tolist()
    ([2.0, 1.0], [[5.0, 3.0], [3.0, 2.0]])
    """
    return moments_of(sums(F))


def sums(F: FeatureMap, T: Array | None = None) -> Sums:
    """Sums over the positions of a feature map, each position with the weight T_k^2.

    Parameters
    ----------
    F : (N, M) float32 or float64
    T : (M,), same dtype, optional
        A region's share of each position; 1 everywhere if not given.

    Returns
    -------
    Sums
    """
    if T is None:
        first = F.sum(axis=1, dtype=np.float64)  # (N,)
        return Sums(float(F.shape[1]), first, backend.gram(F).astype(np.float64))
    F_r = F * T  # (N, M)
    first = (F_r * T).sum(axis=1, dtype=np.float64)  # (N,)
    M_r = float(np.sum(T * T, dtype=np.float64))
    return Sums(M_r, first, backend.gram(F_r).astype(np.float64))


def add_sums(one: Sums, other: Sums) -> Sums:
    """Sums over the positions of two parts of a picture together."""
    return Sums(one.M + other.M, one.first + other.first, one.second + other.second)


def moments_of(sums: Sums) -> Moments:
    """Moments from sums: mu = first / M, S = second / M."""
    return Moments(sums.first / sums.M, sums.second / sums.M)


def pull_back(
    F: FeatureMap, q: float | Array, dL_dmu: Array, dL_dS: Array | None = None
) -> FeatureMap:
    """dL/dF of a loss that sees only the moments, from its derivatives dL/dmu and dL/dS.

    With mu = sum_k q_k F_k and S = sum_k q_k F_k F_k^T,

        dmu_p/dF_pk = q_k        dS_ij/dF_pk = q_k (delta_ip F_jk + delta_jp F_ik),

    so that for a symmetric dL/dS

        dL/dF_k = q_k (2 dL/dS F_k + dL/dmu).

    Parameters
    ----------
    F : (N, M) float32 or float64
        All positions, or the positions of one tile.
    q : float or (M,) array
        Weight of each position in the moments: 1 / (number of all positions), or
        T_k^2 / sum_k T_k^2 in a region.
    dL_dmu : (N,) float64
    dL_dS : (N, N) float64, symmetric, optional
        Or the (N,) diagonal of a diagonal matrix. None stands for zero. Neither of the two costs
        an N x N product.

    Returns
    -------
    dL_dF : (N, M), dtype of F
        In memory position by position, as the network's feature maps.

    Examples
    --------
    >>> F = np.array([[1.0, 3.0], [0.0, 2.0]])
    >>> pull_back(F, 1 / 2, dL_dmu=np.array([1.0, 0.0]))  # L = mu_1 = (F_11 + F_12) / 2
    array([[0.5, 0.5],
           [0. , 0. ]])
    """
    scale = q if isinstance(q, float) else 1.0  # a common weight multiplies the small arrays
    slope = (scale * dL_dmu).astype(F.dtype)[:, None]  # (N, 1)
    if dL_dS is None:
        dL_dF = np.empty(F.shape[::-1], F.dtype).T  # (N, M)
        dL_dF[:] = slope
    elif dL_dS.ndim == 1:
        dL_dF = (2 * scale * dL_dS).astype(F.dtype)[:, None] * F  # (N, M)
        dL_dF += slope
    else:
        dL_dF = backend.symmetric_matmul((2 * scale * dL_dS).astype(F.dtype), F)  # (N, M)
        dL_dF += slope
    if not isinstance(q, float):
        dL_dF *= q.astype(F.dtype)
    return dL_dF


def loss_of_feature_map(loss: MomentLoss, F: FeatureMap, a: Moments) -> tuple[float, FeatureMap]:
    """A loss of moments as a loss of F: moments, loss, pull-back.

    Parameters
    ----------
    loss : callable
        ``loss(m, a) -> (L, dL_dmu, dL_dS)``
    F : (N, M) float32 or float64
        Feature map of the generated image.
    a : Moments
        Of the style image.

    Returns
    -------
    L : float
    dL_dF : (N, M), dtype of F
    """
    L, dL_dmu, dL_dS = loss(moments(F), a)
    return L, pull_back(F, 1 / F.shape[1], dL_dmu, dL_dS)


def covariance(m: Moments) -> Array:
    """Covariance matrix C = 1/M sum_k (F_k - mu) (F_k - mu)^T = S - mu mu^T: (N, N).

    In float32, S is rounded to 6e-8 of itself. Where the mean is a thousand times the deviation,
    rounding is all that is left of C. Rectified features are not like that.
    """
    return m.S - np.outer(m.mu, m.mu)


def through_covariance(m: Moments, dL_dmu: Array, dL_dC: Array) -> tuple[Array, Array]:
    """dL/dmu and dL/dS of a loss that is written with mu and the covariance C.

    C = S - mu mu^T, so mu acts directly and through C: dL/dS = dL/dC, and dL/dmu becomes
    dL/dmu - 2 dL/dC mu.

    Parameters
    ----------
    m : Moments
    dL_dmu : (N,) float64
        For a fixed C.
    dL_dC : (N, N) float64, symmetric, or the (N,) diagonal of a diagonal matrix

    Returns
    -------
    dL_dmu : (N,) float64
    dL_dS : shape of dL_dC
    """
    through_C = dL_dC * m.mu if dL_dC.ndim == 1 else dL_dC @ m.mu  # (N,)
    return dL_dmu - 2 * through_C, dL_dC


def ridge(a: Moments) -> float:
    """Variance that keeps square roots of the style's variances a away from zero.

    Roots have an infinite slope at 0, and variances of 0 are common: a filter that is never
    active, or fewer positions than filters (M < N leaves N - M + 1 directions without variance).
    A ten thousandth of the style's mean square is added to the variance of each direction, in
    both pictures, as if both had that much noise. Equal pictures still have the distance 0.
    """
    return max(RIDGE * float(np.mean(np.diag(a.S))), SMALLEST_RIDGE)
