"""Decides which implementation is used: the kernels (float32) or the plain layers.

The functions have the names, parameters and results of the corresponding functions in
`nst_numpy.layers` and `nst_numpy.kernels`. For the layers of the network the decision is made once,
by `prepare`: the type of the prepared weights selects the implementation of `conv_relu` and
`conv_relu_backward`.

numba and the kernels are loaded when they are first used: most commands do not need them.
"""

import functools
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from nst_numpy import layers
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import Array, FeatureMap, Mask, Shape

if TYPE_CHECKING:
    from nst_numpy.kernels import PreparedWeights as KernelWeights
else:  # without loading the kernels
    KernelWeights = Any

PreparedWeights: TypeAlias = KernelWeights | tuple[Array, Array]


def uses_kernels(dtype: np.dtype[Any]) -> bool:
    """Whether arrays of this dtype are computed by the kernels instead of the plain layers.

    That is float32, unless numba's compiler is disabled.
    """
    return dtype == np.float32 and _can_compile()


@functools.cache
def _can_compile() -> bool:
    """Whether numba compiles. Warns, once in a process, if it does not."""
    if _kernels().COMPILER_IS_DISABLED:
        warn_user(
            "NUMBA_DISABLE_JIT disables numba's compiler: the plain layers in NumPy are used, "
            "which takes several times as long."
        )
        return False
    return True


def _kernels() -> ModuleType:
    from nst_numpy import kernels

    return kernels


def scratch_bytes(C: int) -> int:
    """Memory in bytes that the kernels need in each thread for layers of up to C channels."""
    return int(_kernels().scratch_bytes(C)) if _can_compile() else 0


def prepare(K: Array, b: Array) -> PreparedWeights:
    """Arrange the weights K (3, 3, C, N) and b (N,) of a convolution for `conv_relu`."""
    return _kernels().prepare(K, b) if uses_kernels(K.dtype) else (K, b)


def conv_relu(x: Array, weights: PreparedWeights) -> tuple[Array, Mask]:
    """Convolution and ReLU: (H, W, C) -> (H, W, N), and where the ReLU is active."""
    if isinstance(weights, tuple):
        return layers.conv_relu(x, weights)
    return _kernels().conv_relu(x, weights)


def conv_relu_backward(
    dy: Array, active: Mask, weights: PreparedWeights, out: Array | None = None
) -> Array:
    """dL/dx (H, W, C) of `conv_relu` from dL/dy (H, W, N).

    ``out`` (H, W, C), if given, holds the derivative of other losses with respect to x. The result
    includes it, and the kernels overwrite it.
    """
    if isinstance(weights, tuple):
        return layers.conv_relu_backward(dy, active, weights, out)
    return _kernels().conv_relu_backward(dy, active, weights, out)


def average_pool(x: Array) -> Array:
    """Mean of each 2 x 2 block: (H, W, C) -> (H // 2, W // 2, C)."""
    return _kernels().average_pool(x) if uses_kernels(x.dtype) else layers.average_pool(x)


def average_pool_backward(dy: Array, shape: Shape) -> Array:
    """dL/dx of `average_pool` for an x of that shape (H, W, C)."""
    if uses_kernels(dy.dtype):
        return _kernels().average_pool_backward(dy, shape)
    return layers.average_pool_backward(dy, shape)


def max_pool(x: Array) -> tuple[Array, Mask]:
    """Maximum of each 2 x 2 block, and its argmax: (H, W, C) -> (H // 2, W // 2, C) both."""
    return _kernels().max_pool(x) if uses_kernels(x.dtype) else layers.max_pool(x)


def max_pool_backward(dy: Array, argmax: Mask, shape: Shape) -> Array:
    """dL/dx of `max_pool` for an x of that shape (H, W, C)."""
    if uses_kernels(dy.dtype):
        return _kernels().max_pool_backward(dy, argmax, shape)
    return layers.max_pool_backward(dy, argmax, shape)


def gram(F: FeatureMap) -> Array:
    """F F^T of a feature map F (N, M): (N, N), dtype of F."""
    return _kernels().gram(F) if uses_kernels(F.dtype) else F @ F.T


def symmetric_matmul(D: Array, F: FeatureMap) -> FeatureMap:
    """D F for a symmetric D (N, N) and a feature map F (N, M): (N, M), dtype of F.

    The result has the memory layout of F, position by position: D F = (F^T D)^T.
    """
    return _kernels().symmetric_matmul(D, F) if uses_kernels(F.dtype) else (F.T @ D).T
