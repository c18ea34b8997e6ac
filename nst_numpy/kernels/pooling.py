"""Pooling over 2 x 2 pixels, stride 2; a last odd row or column is left out.

Plain loops over the channels, which LLVM vectorizes, one pass through memory, on all threads.
"""

import numpy as np
from numba import njit

from nst_numpy.kernels.conv_relu import flat
from nst_numpy.kernels.thread_pool import run
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array, Mask, Shape


@njit(nogil=True, cache=True, error_model="numpy")
def average_rows(x, y, first, last):
    """Rows [first, last) of y = mean of 2 x 2 pixels of x."""
    quarter = np.float32(0.25)
    for h in range(first, last):
        for w in range(y.shape[1]):
            a, b, c, d = (
                x[2 * h, 2 * w],
                x[2 * h, 2 * w + 1],
                x[2 * h + 1, 2 * w],
                x[2 * h + 1, 2 * w + 1],
            )
            for n in range(y.shape[2]):
                y[h, w, n] = ((a[n] + b[n]) + (c[n] + d[n])) * quarter


@njit(nogil=True, cache=True, error_model="numpy")
def average_back_rows(dy, dx, first, last):
    """Rows [first, last) of dx: each pixel a quarter of its mean's gradient."""
    quarter = np.float32(0.25)
    H, W, N = dy.shape
    for h in range(first, last):
        for w in range(dx.shape[1]):
            if h < 2 * H and w < 2 * W:
                for n in range(N):
                    dx[h, w, n] = dy[h // 2, w // 2, n] * quarter
            else:
                dx[h, w] = 0


@njit(nogil=True, cache=True, error_model="numpy")
def max_rows(x, y, which, first, last):
    """Rows [first, last) of y = max of 2 x 2 pixels of x, and which (the first) it was."""
    for h in range(first, last):
        for w in range(y.shape[1]):
            for n in range(y.shape[2]):
                best, k = x[2 * h, 2 * w, n], np.uint8(0)
                for j in range(1, 4):
                    value = x[2 * h + j // 2, 2 * w + j % 2, n]
                    if value > best:
                        best, k = value, np.uint8(j)
                y[h, w, n], which[h, w, n] = best, k


@njit(nogil=True, cache=True, error_model="numpy")
def max_back_rows(dy, which, dx, first, last):
    """Rows [first, last) of dx: the gradient goes where the maximum was."""
    H, W, N = dy.shape
    zero = np.float32(0)
    for h in range(first, last):
        for w in range(dx.shape[1]):
            if h < 2 * H and w < 2 * W:
                j = np.uint8(h % 2 * 2 + w % 2)
                for n in range(N):
                    dx[h, w, n] = dy[h // 2, w // 2, n] if which[h // 2, w // 2, n] == j else zero
            else:
                dx[h, w] = 0


def by_rows(kernel, rows, *arrays):
    """Run kernel(*arrays, first, last) over all rows, in strips on the threads."""
    step = max(1, -(-rows // (4 * number_of_threads())))
    strips = [(first, min(first + step, rows)) for first in range(0, rows, step)]
    run(lambda strip: kernel(*arrays, *strip), strips)


def average_pool(x: Array) -> Array:
    """Mean of 2 x 2 pixels: x (H, W, N) -> (H // 2, W // 2, N), float32."""
    x, y = flat(x, x.shape[2]), half(x, np.float32)
    by_rows(average_rows, len(y), x, y)
    return y


def average_pool_backward(dy: Array, shape: Shape) -> Array:
    """dL/dx of `average_pool`, given dL/dy and the shape of x."""
    dy, dx = flat(dy, shape[2]), np.empty(shape, np.float32)
    by_rows(average_back_rows, len(dx), dy, dx)
    return dx


def max_pool(x: Array) -> tuple[Array, Mask]:
    """Largest of 2 x 2 pixels, and which one it was, 0 to 3 in reading order, the first of equals.

    x (H, W, N) -> (H // 2, W // 2, N) float32, and the same of uint8.
    """
    x, y, winner = flat(x, x.shape[2]), half(x, np.float32), half(x, np.uint8)
    by_rows(max_rows, len(y), x, y, winner)
    return y, winner


def max_pool_backward(dy: Array, winner: Mask, shape: Shape) -> Array:
    """dL/dx of `max_pool`, given dL/dy, which pixel was the largest and the shape of x."""
    dy, dx = flat(dy, shape[2]), np.empty(shape, np.float32)
    by_rows(max_back_rows, len(dx), dy, winner, dx)
    return dx


def half(x, dtype):
    """Room for the pooled x."""
    return np.empty((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]), dtype)
