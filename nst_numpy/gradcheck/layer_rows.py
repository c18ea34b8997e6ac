"""Rows of the layers that have a derivative, and of the float32 kernels.

A layer's y becomes a scalar through the inner product with a fixed random r, f(x) = <layer(x), r>,
whose derivative is layer_backward(r).
"""

from collections.abc import Callable

import numpy as np

from nst_numpy import backend, layers
from nst_numpy.gradcheck.row import DerivativeRow, KernelRow
from nst_numpy.utils.types import Array, Loss

SHAPE = (9, 7, 4)  # odd, not square
KERNEL_SHAPE = (13, 30, 17)  # not divided by the kernels' tiles, vectors and blocks
FILTERS = 19


def layer_rows(rng: np.random.Generator) -> list[DerivativeRow]:
    """The plain layers, each as <layer(x), r>."""
    H, W, C = SHAPE
    x = off_the_kink(rng.standard_normal(SHAPE))
    K, b = rng.standard_normal((3, 3, C, 5)), rng.standard_normal(5)
    r, r_conv = rng.standard_normal(SHAPE), rng.standard_normal((H, W, 5))
    r_pool, r_pad = rng.standard_normal((H // 2, W // 2, C)), rng.standard_normal((H + 2, W + 2, C))

    def convolution(x: Array) -> tuple[float, Array]:
        return np.sum(layers.convolution(x, K, b) * r_conv), layers.convolution_backward(r_conv, K)

    def conv_relu(x: Array) -> tuple[float, Array]:
        y, active = layers.conv_relu(x, (K, b))
        out = np.ones_like(x)  # of a loss that is the sum of x
        dx = layers.conv_relu_backward(r_conv, active, (K, b), out)
        return np.sum(y * r_conv) + np.sum(x), dx

    def relu(x: Array) -> tuple[float, Array]:
        y = layers.relu(x)
        return np.sum(y * r), layers.relu_backward(r, y > 0)

    def average_pool(x: Array) -> tuple[float, Array]:
        dx = layers.average_pool_backward(r_pool, x.shape)
        return np.sum(layers.average_pool(x) * r_pool), dx

    def max_pool(x: Array) -> tuple[float, Array]:
        y, argmax = layers.max_pool(x)
        return np.sum(y * r_pool), layers.max_pool_backward(r_pool, argmax, x.shape)

    return [
        DerivativeRow("convolution", "", convolution, x),
        DerivativeRow("pad reflect", "", _pad("reflect", r_pad), x),
        DerivativeRow("pad replicate", "", _pad("replicate", r_pad), x),
        DerivativeRow("relu", "F > 0 in eqs. 2, 6", relu, x),
        DerivativeRow("conv_relu", "", conv_relu, x),
        DerivativeRow("average_pool", "", average_pool, x),
        DerivativeRow("max_pool", "", max_pool, x),
    ]


def _pad(padding: str, r: Array) -> Loss:
    """<pad(x), r> and its derivative."""
    return lambda x: (np.sum(layers.pad(x, padding) * r), layers.pad_backward(r, padding))


def off_the_kink(x: Array) -> Array:
    """Move values near 0, where a ReLU has its kink, away from it."""
    return x + 0.01 * np.sign(x)


def kernel_rows(rng: np.random.Generator) -> list[KernelRow]:
    """What computes in float32 (`nst_numpy.backend`), forward and backward."""
    H, W, C = KERNEL_SHAPE
    x, dy = rng.standard_normal(KERNEL_SHAPE), rng.standard_normal((H, W, FILTERS))
    K, b = rng.standard_normal((3, 3, C, FILTERS)), rng.standard_normal(FILTERS)
    F, D = rng.standard_normal((FILTERS, 777)), rng.standard_normal((FILTERS, FILTERS))
    x, dy, K, b, F, D = (
        array.astype(np.float32).astype(np.float64) for array in (x, dy, K, b, F, D + D.T)
    )
    y, active = layers.conv_relu(x, (K, b))
    # Near 0, rounding errors decide whether a ReLU is active.
    dy *= np.abs(layers.convolution(x, K, b)) > 1e-3

    def conv_relu() -> Array:
        return backend.conv_relu(single(x), backend.prepare(single(K), single(b)))[0]

    def conv_relu_backward() -> Array:
        weights = backend.prepare(single(K), single(b))
        _, mask = backend.conv_relu(single(x), weights)
        return backend.conv_relu_backward(single(dy), mask, weights, single(x))

    def plain_backward() -> Array:
        return layers.conv_relu_backward(dy, active, (K, b), x)

    return [
        KernelRow("kernel conv_relu", "", conv_relu, lambda: y),
        KernelRow("kernel conv_relu_backward", "", conv_relu_backward, plain_backward),
        *_pooling_rows(x, rng.standard_normal((H // 2, W // 2, C))),
        KernelRow("kernel gram", "eq. 3", lambda: backend.gram(single(F)), lambda: F @ F.T),
        KernelRow(
            "kernel symmetric_matmul",
            "D F in eq. 6",
            lambda: backend.symmetric_matmul(single(D), single(F)),
            lambda: D @ F,
        ),
    ]


def _pooling_rows(x: Array, dy: Array) -> list[KernelRow]:
    """The pooling kernels for an input x (H, W, C)."""
    _, argmax = layers.max_pool(x)

    def both(
        name: str, pool: Callable[[Array], Array], backward: Callable[[Array], Array]
    ) -> list[KernelRow]:
        return [
            KernelRow(f"kernel {name}", "", lambda: pool(single(x)), lambda: pool(x)),
            KernelRow(
                f"kernel {name}_backward", "", lambda: backward(single(dy)), lambda: backward(dy)
            ),
        ]

    return [
        *both(
            "average_pool",
            backend.average_pool,
            lambda dy: backend.average_pool_backward(dy, x.shape),
        ),
        *both(
            "max_pool",
            lambda x: backend.max_pool(x)[0],
            lambda dy: backend.max_pool_backward(dy, argmax, x.shape),
        ),
    ]


def single(array: Array) -> Array:
    """The array in float32."""
    return array.astype(np.float32)
