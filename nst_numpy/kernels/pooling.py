"""Pooling over 2 x 2 pixels, stride 2; a last odd row or column is left out.

Plain loops over the channels, which LLVM vectorizes: one pass through memory, on all threads.
"""

import numpy as np
from numba import types

from nst_numpy.kernels.compilation import INTEGER, kernel, read_only, writable
from nst_numpy.kernels.conv_relu import check_feature_map
from nst_numpy.kernels.thread_pool import run_parallel
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array, Mask, Shape

READ, WRITTEN = read_only(types.float32, 3), writable(types.float32, 3)


@kernel(READ, WRITTEN, INTEGER, INTEGER)
def average_pool_rows(x, y, first, last):
    """Rows [first, last) of y = mean of 2 x 2 pixels of x."""
    quarter = np.float32(0.25)
    for h in range(first, last):
        for w in range(y.shape[1]):
            for n in range(y.shape[2]):
                above = x[2 * h, 2 * w, n] + x[2 * h, 2 * w + 1, n]
                below = x[2 * h + 1, 2 * w, n] + x[2 * h + 1, 2 * w + 1, n]
                y[h, w, n] = (above + below) * quarter


@kernel(READ, WRITTEN, INTEGER, INTEGER)
def average_pool_backward_rows(dy, dx, first, last):
    """Rows [first, last) of dx: each pixel gets a quarter of the derivative of its mean."""
    quarter, zero = np.float32(0.25), np.float32(0)
    H, W, N = dy.shape
    for h in range(first, last):
        for w in range(dx.shape[1]):
            if h < 2 * H and w < 2 * W:
                for n in range(N):
                    dx[h, w, n] = dy[h // 2, w // 2, n] * quarter
            else:
                for n in range(N):
                    dx[h, w, n] = zero


@kernel(READ, WRITTEN, writable(types.uint8, 3), INTEGER, INTEGER)
def max_pool_rows(x, y, argmax, first, last):
    """Rows [first, last) of y = maximum of 2 x 2 pixels of x, and the first position it is at."""
    for h in range(first, last):
        for w in range(y.shape[1]):
            for n in range(y.shape[2]):
                best, k = x[2 * h, 2 * w, n], np.uint8(0)
                for j in range(1, 4):
                    value = x[2 * h + j // 2, 2 * w + j % 2, n]
                    if value > best:
                        best, k = value, np.uint8(j)
                y[h, w, n], argmax[h, w, n] = best, k


@kernel(READ, read_only(types.uint8, 3), WRITTEN, INTEGER, INTEGER)
def max_pool_backward_rows(dy, argmax, dx, first, last):
    """Rows [first, last) of dx: the derivative goes to the pixel that was the maximum."""
    H, W, N = dy.shape
    zero = np.float32(0)
    for h in range(first, last):
        for w in range(dx.shape[1]):
            j = np.uint8(h % 2 * 2 + w % 2)
            if h < 2 * H and w < 2 * W:
                for n in range(N):
                    is_max = argmax[h // 2, w // 2, n] == j
                    dx[h, w, n] = dy[h // 2, w // 2, n] if is_max else zero
            else:
                for n in range(N):
                    dx[h, w, n] = zero


def run_by_rows(function, rows, *arrays):
    """Run a kernel function(*arrays, first, last) over all rows, divided among the threads."""
    step = max(1, -(-rows // (4 * number_of_threads())))
    shares = [(first, min(first + step, rows)) for first in range(0, rows, step)]
    function.compile()
    run_parallel(lambda share: function(*arrays, *share), shares)


def average_pool(x: Array) -> Array:
    """Mean of 2 x 2 pixels: x (H, W, N) -> y (H // 2, W // 2, N), float32."""
    x, y = check_feature_map(x, x.shape[2]), empty_pooled(x, np.float32)
    run_by_rows(average_pool_rows, len(y), x, y)
    return y


def average_pool_backward(dy: Array, shape: Shape) -> Array:
    """dL/dx of `average_pool`, from dL/dy and the shape of x, float32."""
    dy, dx = check_feature_map(dy, shape[2]), np.empty(shape, np.float32)
    run_by_rows(average_pool_backward_rows, len(dx), dy, dx)
    return dx


def max_pool(x: Array) -> tuple[Array, Mask]:
    """Maximum of 2 x 2 pixels, and which pixel it is.

    Parameters
    ----------
    x : (H, W, N) float32

    Returns
    -------
    y : (H // 2, W // 2, N) float32
    argmax : (H // 2, W // 2, N) uint8
        0 to 3 in reading order, the first of equal pixels.
    """
    x = check_feature_map(x, x.shape[2])
    y, argmax = empty_pooled(x, np.float32), empty_pooled(x, np.uint8)
    run_by_rows(max_pool_rows, len(y), x, y, argmax)
    return y, argmax


def max_pool_backward(dy: Array, argmax: Mask, shape: Shape) -> Array:
    """dL/dx of `max_pool`, from dL/dy, the argmax and the shape of x, float32."""
    dy, dx = check_feature_map(dy, shape[2]), np.empty(shape, np.float32)
    run_by_rows(max_pool_backward_rows, len(dx), dy, np.ascontiguousarray(argmax), dx)
    return dx


def empty_pooled(x, dtype):
    """Return an empty array of the shape that x (H, W, N) has after pooling."""
    return np.empty((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]), dtype)
