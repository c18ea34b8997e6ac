"""Total variation: penalize differences of neighboring pixels."""

from collections.abc import Iterable
from typing import Any

import numpy as np

from nst_numpy.utils.types import Image, Loss

WHITE = 255.0
# The pixels of a picture, and their neighbors below and to the right.
BELOW, RIGHT = (np.s_[:-1], np.s_[1:]), (np.s_[:, :-1], np.s_[:, 1:])


def squared_differences(
    x: Image, pairs: Iterable[tuple[tuple[Any, Any], float]]
) -> tuple[float, Image]:
    """Weighted sum of squared differences of neighbors, and its derivative.

        V = sum_pairs weight sum |x[other] - x[one]|^2

    Each difference d is that of two pixels, which get 2 weight d and -2 weight d.

    Parameters
    ----------
    x : (H, W, 3) float32 or float64
    pairs : iterable of ((index, index), float)
        ``(one, other)``, which select two arrays of the same shape from x, and their weight.

    Returns
    -------
    V : float
        Summed in float64.
    dV_dx : (H, W, 3), dtype of x
    """
    V, dV_dx = 0.0, np.zeros_like(x)
    for (one, other), weight in pairs:
        d = x[other] - x[one]
        V += weight * np.sum(d * d, dtype=np.float64)
        d *= 2 * weight
        dV_dx[other] += d
        dV_dx[one] -= d
    return float(V), dV_dx


def total_variation(x: Image) -> tuple[float, Image]:
    """Squared total variation of a picture per pixel, and its derivative.

        V = 1 / (2 H W 255^2) sum_ij |x_{i+1,j} - x_ij|^2 + |x_{i,j+1} - x_ij|^2

    x_ij stands in up to four of the differences, once with each sign for each direction:

        dV/dx_ij = 1 / (H W 255^2) (sum of x_ij - x_kl over the neighbors k, l inside the picture).

    Departs from Gatys et al.: the paper has no such term. Later work has [Mahendran & Vedaldi
    2015]: a network that averages over pixels does not penalize grain of smaller scale.

    Parameters
    ----------
    x : (H, W, 3) float32 or float64, 0..255

    Returns
    -------
    V : float
        Summed in float64.
    dV_dx : (H, W, 3), dtype of x

    Examples
    --------
    >>> black_and_white = np.array([[[0.0, 0.0, 0.0], [255.0, 255.0, 255.0]]])
    >>> round(total_variation(black_and_white)[0], 6)
    0.75
    """
    scale = 1 / (x.shape[0] * x.shape[1] * WHITE**2)
    return squared_differences(x, ((BELOW, scale / 2), (RIGHT, scale / 2)))


def nine_point_variation(x: Image) -> tuple[float, Image]:
    """Squared total variation with the diagonal neighbors, and its derivative.

        V = 1 / (H W 255^2) sum 1/3 (dx^2 + dy^2) + 1/12 (d1^2 + d2^2)

    with d1 and d2 the differences along both diagonals, and each sum over the pairs inside
    the picture. On a ramp of slope (a, b) the diagonals differ by a + b and a - b, so the sum is
    (1/3 + 2/12) (a^2 + b^2), as for `total_variation`, but fine detail is penalized equally in
    all directions. Each pixel is one end of up to eight differences:

        dV/dx_ij = 2 / (H W 255^2) (1/3 sum of x_ij - side + 1/12 sum of x_ij - corner),

    the nine-point Laplacian with weights 4, 1 and -20, over 6, with the sign changed.

    Departs from Gatys et al.: the paper has no such term.

    Parameters and results are those of `total_variation`.
    """
    scale = 1 / (x.shape[0] * x.shape[1] * WHITE**2)
    corners = (np.s_[:-1, :-1], np.s_[1:, 1:]), (np.s_[:-1, 1:], np.s_[1:, :-1])
    sides = [(pair, scale / 3) for pair in (BELOW, RIGHT)]
    return squared_differences(x, [*sides, *((pair, scale / 12) for pair in corners)])


def power_variation(x: Image, power: float = 1.25) -> tuple[float, Image]:
    """A power of the squared differences, and its derivative.

        V = 1 / (2 H W 255^(2 power)) sum_ij (dx_ij^2 + dy_ij^2)^power
        dx_ij = x_{i,j+1} - x_ij        dy_ij = x_{i+1,j} - x_ij

    over the (H - 1) x (W - 1) pixels that have both differences, for each channel. With
    q = dx^2 + dy^2, the summand's derivative with respect to dx is 2 power q^(power-1) dx, and dx
    is the difference of two pixels, which get it with opposite signs.

    power = 1 is `total_variation` without the differences in the last row and column. 1/2 would
    be the total variation of [Rudin, Osher & Fatemi 1992], which has no derivative where a picture
    is flat, so power must be at least 1. Keras' style transfer example uses 1.25, without the
    factor before the sum.

    Departs from Gatys et al.: the paper has no such term.

    Parameters and results are those of `total_variation`.
    """
    scale = 1 / (2 * x.shape[0] * x.shape[1] * WHITE ** (2 * power))
    dx, dy = x[:-1, 1:] - x[:-1, :-1], x[1:, :-1] - x[:-1, :-1]  # (H - 1, W - 1, 3)
    q = dx * dx + dy * dy
    V = scale * np.sum(q**power, dtype=np.float64)
    slope = 2 * power * scale * q ** (power - 1)
    dV_dx = np.zeros_like(x)
    dV_dx[:-1, 1:] += slope * dx
    dV_dx[1:, :-1] += slope * dy
    dV_dx[:-1, :-1] -= slope * (dx + dy)
    return float(V), dV_dx


VARIATIONS: dict[str, Loss] = {
    "squared": total_variation,
    "nine-point": nine_point_variation,
    "power": power_variation,
}
