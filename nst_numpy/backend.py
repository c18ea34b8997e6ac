"""The one place that decides which code computes: the kernels (float32) or the plain layers.

The functions have the names, parameters and results of their twins in `nst_numpy.layers` and
`nst_numpy.kernels`. For the layers of the network the decision is made once, by `prepare`: the
type of the prepared weights selects the code of `conv_relu` and `conv_relu_backward`.
"""

from typing import Any, TypeAlias

import numpy as np

from nst_numpy import kernels, layers
from nst_numpy.utils.types import Array, FeatureMap, Mask, Shape

PreparedWeights: TypeAlias = kernels.PreparedWeights | tuple[Array, Array]


def uses_kernels(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of this dtype are computed by the kernels instead of the plain layers."""
    return dtype == np.float32


def prepare(K: Array, b: Array) -> PreparedWeights:
    """Arrange the weights K (3, 3, C, N) and b (N,) of a convolution for `conv_relu`."""
    return kernels.prepare(K, b) if uses_kernels(K.dtype) else (K, b)


def conv_relu(x: Array, weights: PreparedWeights) -> tuple[Array, Mask]:
    """Convolution and ReLU: (H, W, C) -> (H, W, N), and where the ReLU is active."""
    if isinstance(weights, kernels.PreparedWeights):
        return kernels.conv_relu(x, weights)
    return layers.conv_relu(x, weights)


def conv_relu_backward(
    dy: Array, active: Mask, weights: PreparedWeights, out: Array | None = None
) -> Array:
    """dL/dx (H, W, C) of `conv_relu` from dL/dy (H, W, N).

    ``out`` (H, W, C), if given, holds the derivative of other losses with respect to x. The result
    includes it, and the kernels overwrite it.
    """
    if isinstance(weights, kernels.PreparedWeights):
        return kernels.conv_relu_backward(dy, active, weights, out)
    return layers.conv_relu_backward(dy, active, weights, out)


def average_pool(x: Array) -> Array:
    """Mean of each 2 x 2 block: (H, W, C) -> (H // 2, W // 2, C)."""
    return kernels.average_pool(x) if uses_kernels(x.dtype) else layers.average_pool(x)


def average_pool_backward(dy: Array, shape: Shape) -> Array:
    """dL/dx of `average_pool` for an x of that shape (H, W, C)."""
    if uses_kernels(dy.dtype):
        return kernels.average_pool_backward(dy, shape)
    return layers.average_pool_backward(dy, shape)


def max_pool(x: Array) -> tuple[Array, Mask]:
    """Maximum of each 2 x 2 block, and its argmax: (H, W, C) -> (H // 2, W // 2, C) both."""
    return kernels.max_pool(x) if uses_kernels(x.dtype) else layers.max_pool(x)


def max_pool_backward(dy: Array, argmax: Mask, shape: Shape) -> Array:
    """dL/dx of `max_pool` for an x of that shape (H, W, C)."""
    if uses_kernels(dy.dtype):
        return kernels.max_pool_backward(dy, argmax, shape)
    return layers.max_pool_backward(dy, argmax, shape)


def gram(F: FeatureMap) -> Array:
    """F F^T of a feature map F (N, M): (N, N), dtype of F."""
    return kernels.gram(F) if uses_kernels(F.dtype) else F @ F.T


def matmul(D: Array, F: FeatureMap) -> FeatureMap:
    """D F for a symmetric D (N, N) and a feature map F (N, M): (N, M), dtype of F.

    The result lies in memory as F does, position by position: D F = (F^T D)^T.
    """
    return kernels.matmul(D, F) if uses_kernels(F.dtype) else (F.T @ D).T
