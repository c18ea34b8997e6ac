"""Laplacian content loss: compare edges and fine structure of the pixels."""

from collections.abc import Sequence

import numpy as np

from nst_numpy.layers import average_pool, average_pool_backward
from nst_numpy.losses.total_variation import WHITE
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Image, Shape

POOLINGS = (2, 4)  # cells of 4 and of 16 pixels [Li et al. 2017]


def laplacian_loss(x: Image, p: Image, poolings: Sequence[int] = POOLINGS) -> tuple[float, Image]:
    """Distance between the Laplacians of two downsampled pictures, and its derivative.

        L = sum_s 1 / (2 H_s W_s 255^2) |D Q_s x - D Q_s p|^2
        dL/dx = sum_s 1 / (H_s W_s 255^2) Q_s^T D D Q_s (x - p)

    Q_s applies `average_pool` s times, giving H_s x W_s pixels, and Q_s^T is its backward pass. D
    is `laplacian`, which is symmetric. All of these are linear, so the loss depends only on x - p.
    A shift of all colors does not change L, a blurred edge does.

    Departs from Gatys et al.: the paper has no such term. [Li et al. 2017, "Laplacian-Steered
    Neural Style Transfer"] add the three channels before the comparison, use a sum instead of a
    mean, and weight each s. Here the channels are compared separately, and all s have the same
    weight.

    Parameters
    ----------
    x, p : (H, W, 3) float32 or float64, 0..255
        The generated image and the content image.
    poolings : sequence of int
        Number of poolings s of each term.

    Returns
    -------
    L : float
        Summed in float64.
    dL_dx : (H, W, 3), dtype of x

    Raises
    ------
    InputError
        If a side of the picture is too short for that many poolings.

    Examples
    --------
    >>> p = np.zeros((16, 16, 3))
    >>> laplacian_loss(p + 9, p)[0]  # a shift of all colors
    0.0
    >>> edge = p.copy()
    >>> edge[:, 8:] = 255
    >>> laplacian_loss(edge, p)[0] > 0
    True
    """
    if min(x.shape[:2]) < 2 ** max(poolings):
        raise InputError(
            f"A picture of {x.shape[1]} x {x.shape[0]} pixels is too small for the Laplacian loss: "
            f"each side needs at least {2 ** max(poolings)} pixels."
        )
    L, dL_dx = 0.0, np.zeros_like(x)
    for s in poolings:
        d, shapes = pooled(x - p, s)  # (H_s, W_s, 3)
        scale = 1 / (d.shape[0] * d.shape[1] * WHITE**2)
        e = laplacian(d)  # (H_s, W_s, 3)
        L += scale / 2 * np.sum(e * e, dtype=np.float64)
        dL_dx += pooled_backward(scale * laplacian(e), shapes)
    return float(L), dL_dx


def laplacian(x: Image) -> Image:
    """Sum of x_ij - x_kl over the up to four neighbors k, l inside the picture: shape of x.

    Each pair of neighbors enters with the same weight from both sides. As a matrix this is
    symmetric, so it is its own backward.
    """
    y = np.zeros_like(x)
    for d, one, other in (
        (np.diff(x, axis=0), np.s_[:-1], np.s_[1:]),
        (np.diff(x, axis=1), np.s_[:, :-1], np.s_[:, 1:]),
    ):
        y[other] += d
        y[one] -= d
    return y


def pooled(x: Image, times: int) -> tuple[Image, list[Shape]]:
    """Apply `average_pool` repeatedly; also return the input shapes, for the backward pass."""
    shapes = []
    for _ in range(times):
        shapes.append(x.shape)
        x = average_pool(x)
    return x, shapes


def pooled_backward(dy: Image, shapes: Sequence[Shape]) -> Image:
    """dL/dx of `pooled`."""
    for shape in reversed(shapes):
        dy = average_pool_backward(dy, shape)
    return dy
