"""Style as a set of points: the maximum mean discrepancy between two of them.

A kernel k(x, y) = <phi(x), phi(y)> is an inner product of features of features. The discrepancy of
two sets of points is the distance between their means there [Gretton et al. 2012],

    MMD^2 = |mean_k phi(F_k) - mean_l phi(A_l)|^2
          = mean_kk' k(F_k, F_k') - 2 mean_kl k(F_k, A_l) + mean_ll' k(A_l, A_l'),

where F_k are the columns of F and A_l those of the style image's feature map. The Gram loss is one
of these distances [Li et al. 2017, "Demystifying Neural Style Transfer"]. The losses are a quarter
of MMD^2, so that the quadratic kernel (x^T y / N)^2 gives eq. 4.

With a polynomial kernel the loss sees only the moments of F (`nst_numpy.losses.moments`). With the
Gaussian kernel it compares single positions: it is a function of the whole feature map and cannot
be computed in tiles.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from nst_numpy.losses.moments import Moments
from nst_numpy.utils.types import Array, FeatureMap

POSITIONS = 256  # of the style that are kept, and of F that are compared with each other
# Smallest sigma^2 of a style with little variance: relative to the square of its mean feature, and
# for each filter, in units of the mean activation of a normalized network.
SMALLEST_WIDTH, SMALLEST_WIDTH_PER_FILTER = 0.1, 0.01


def linear_mmd_loss(m: Moments, a: Moments) -> tuple[float, Array, None]:
    """A quarter of MMD^2 with the kernel x^T y / N, and its derivatives.

        L = 1/(4 N) |mu - mu_a|^2        dL/dmu = 1/(2 N) (mu - mu_a)        dL/dS = 0

    because here phi(x) = x / sqrt(N): the kernel sees only the mean.

    Departs from Gatys et al.: they compare Gram matrices.

    Parameters
    ----------
    m, a : Moments
        Of the generated image and of the style image.

    Returns
    -------
    L : float
    dL_dmu : (N,) float64
    dL_dS : None
        Zero.
    """
    N = m.mu.size
    d = m.mu - a.mu  # (N,)
    return float(np.sum(d * d) / (4 * N)), d / (2 * N), None


def polynomial_mmd_loss(m: Moments, a: Moments, c: float = 1.0) -> tuple[float, Array, Array]:
    """A quarter of MMD^2 with the kernel (x^T y / N + c)^2, and its derivatives.

        (x^T y / N + c)^2 = <x x^T, y y^T> / N^2 + 2 c <x, y> / N + c^2

    so phi(x) holds the entries of x x^T / N, of sqrt(2 c / N) x, and c. Their means are S and mu:

        L = 1/4 (1/N^2 sum_ij (S - S_a)_ij^2 + 2 c/N sum_i (mu - mu_a)_i^2)

        dL/dS = 1/(2 N^2) (S - S_a)        dL/dmu = c/N (mu - mu_a)

    With c = 0, and S = G / M, this is eq. 4: 1/(4 N^2 M^2) sum_ij (G - A)_ij^2.

    Departs from Gatys et al.: with c > 0 the mean has a term of its own.

    Parameters
    ----------
    m, a : Moments
        Of the generated image and of the style image.
    c : float

    Returns
    -------
    L : float
    dL_dmu : (N,) float64
    dL_dS : (N, N) float64, symmetric
    """
    N = m.mu.size
    D, d = m.S - a.S, m.mu - a.mu  # (N, N), (N,)
    L = (np.sum(D * D) / N**2 + 2 * c * np.sum(d * d) / N) / 4
    return float(L), c / N * d, D / (2 * N**2)


class Points(NamedTuple):
    """Points that stand for a style.

    Attributes
    ----------
    Y : (N, K) float64
    v : (K,) float64
        Weight of each; their sum is 1.
    """

    Y: Array
    v: Array


def points(F: FeatureMap) -> Points:
    """At most `POSITIONS` columns of F, at the same positions for each F of M columns."""
    Y = F[:, shuffled(F.shape[1])[:POSITIONS]].astype(np.float64)  # (N, K)
    return Points(Y, np.full(Y.shape[1], 1 / Y.shape[1]))


def shuffled(M: int) -> npt.NDArray[np.int64]:
    """The numbers 0 ... M-1 in a fixed random order: each part is spread over the picture."""
    return np.random.default_rng(0).permutation(M)


def gaussian_mmd_loss(F: FeatureMap, a: Points) -> tuple[float, FeatureMap]:
    """A quarter of MMD^2 with the kernel exp(-|x - y|^2 / (2 sigma^2)), and its derivative.

    phi has infinitely many entries, so the loss is not a function of moments, and all pairs of
    positions would cost M^2. Instead the positions are divided, in a fixed random order, into
    blocks b of at most `POSITIONS`, and each block X of m_b columns is compared with the style's
    points Y, which have the weights v:

        L = 1/4 sum_b m_b/M MMD^2_b,   MMD^2_b = |1/m_b sum_i phi(X_i) - sum_l v_l phi(Y_l)|^2.

    It costs about 2 M N POSITIONS operations, and every position enters. The blocks' means average
    to the mean over all positions, so by convexity L is an upper bound of MMD^2 / 4 over all
    pairs, and equal to it for M <= POSITIONS. With d k(x, y)/dx = (y - x) k(x, y) / sigma^2,

        dMMD^2_b/dX_i = 2/(m_b sigma^2) (1/m_b sum_j k(X_i, X_j) (X_j - X_i)
                                         - sum_l v_l k(X_i, Y_l) (Y_l - X_i)).

    sigma^2 is the mean squared distance between two of the style's points [Li et al. 2017]
    (`squared_width`). Only differences of points enter, so the style's mean is subtracted from all
    of them first: in float32, squares of large nearly equal points would cancel.

    Departs from Gatys et al.: they compare Gram matrices.

    Parameters
    ----------
    F : (N, M) float32 or float64
        The whole feature map of the generated image.
    a : Points
        Of the style image.

    Returns
    -------
    L : float
    dL_dF : (N, M), dtype of F
    """
    M = F.shape[1]
    sigma2 = squared_width(a)
    of_style = a.v @ kernel(a.Y, a.Y, sigma2) @ a.v
    center = (a.Y @ a.v)[:, None]  # (N, 1)
    a = Points((a.Y - center).astype(F.dtype), a.v.astype(F.dtype))
    center = center.astype(F.dtype)
    dL_dF = np.empty_like(F)  # (N, M)
    MMD2 = 0.0
    for block in np.array_split(shuffled(M), -(-M // POSITIONS)):
        value, d = block_mmd(F[:, block] - center, a, sigma2)  # float, (N, m)
        MMD2 += block.size / M * (value + of_style)
        dL_dF[:, block] = block.size / (4 * M) * d
    return float(MMD2 / 4), dL_dF


def block_mmd(X: FeatureMap, a: Points, sigma2: float) -> tuple[float, FeatureMap]:
    """MMD^2 of a block X (N, m), without the term of the style alone, and its derivative (N, m).

    In the derivative sum_j k_ij (X_j - X_i) is column i of X K - X diag(K 1), and likewise for Y.
    """
    m = X.shape[1]
    K = kernel(X, X, sigma2) / m  # (m, m)
    K_a = kernel(X, a.Y, sigma2) * a.v  # (m, K)
    sums = K.sum(axis=1), K_a.sum(axis=1)  # (m,)
    value = sums[0].mean(dtype=np.float64) - 2 * sums[1].mean(dtype=np.float64)
    d = X @ K - a.Y @ K_a.T - X * (sums[0] - sums[1])  # (N, m)
    return value, 2 / (m * sigma2) * d


def kernel(X: FeatureMap, Y: FeatureMap, sigma2: float) -> Array:
    """exp(-|X_i - Y_j|^2 / (2 sigma^2)) for all columns of X (N, m) and Y (N, K): (m, K)."""
    squares = np.sum(X * X, axis=0)[:, None] + np.sum(Y * Y, axis=0) - 2 * X.T @ Y
    return np.exp(np.maximum(squares, 0) / (-2 * sigma2))


def squared_width(a: Points) -> float:
    """sigma^2 = sum_kl v_k v_l |Y_k - Y_l|^2 = 2 sum_k v_k |Y_k - mean|^2, or a lower bound.

    In a style of one color all points are nearly equal. With sigma^2 near 0, every other point
    would be infinitely far away, and the derivative would be 0 or pure rounding. The bounds keep
    the points of a photograph within reach of the style.
    """
    mean = a.Y @ a.v  # (N,)
    D = a.Y - mean[:, None]  # (N, K)
    width = 2 * float(np.sum(a.v * D * D))
    of_mean = SMALLEST_WIDTH * float(np.sum(mean * mean))
    return max(width, of_mean, SMALLEST_WIDTH_PER_FILTER * mean.size)
