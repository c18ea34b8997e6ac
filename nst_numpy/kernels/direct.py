"""The first layer, whose three channels leave Winograd's algorithm little to save.

A pixel and its neighbours are a row of 9 C = 27 numbers, the kernel a matrix of 27 rows: one
product, in registers again, 14 pixels at a time. Measured on conv1_1 at 512 pixels: see `layer.py`.
"""

import numpy as np
from numba import njit

from .product import COLUMNS, ROWS, product_tile
from .threads import run, scratch
from .vectors import ALL, LANES, load, positive, relu, store
from .winograd import bits_below

FULL = np.uint16(ALL)


@njit(nogil=True, cache=True, error_model="numpy")
def direct_rows(padded, taps, b, y, mask, keep, first, last, space):
    """Rows [first, last) of y = relu(conv(x, W) + b) and of the bits y > 0, if to `keep` them.

    padded : x (H + 2, W + 2, C) with its border of zeros; taps : see `layer.panels`.
    """
    W, N, C = y.shape[1], y.shape[2], padded.shape[2]
    K = 9 * C
    A, tile = space[: ROWS * K].reshape(ROWS, C, 3, 3), space[ROWS * K :]
    for h in range(first, last):
        for w in range(0, W, ROWS):
            size = min(ROWS, W - w)
            for r in range(size):
                for c in range(C):
                    for i in range(3):
                        for j in range(3):
                            A[r, c, i, j] = padded[h + i, w + r + j, c]
            A[size:] = 0
            for n0 in range(0, N, COLUMNS):
                product_tile(A, 0, K, 1, taps, n0 * K, COLUMNS, tile, 0, COLUMNS, K)
                for n in range(n0, min(n0 + COLUMNS, N), LANES):
                    some = bits_below(N - n)
                    bias = load(b, n, some)
                    for r in range(size):
                        value = relu(load(tile, r * COLUMNS + n - n0, FULL) + bias)
                        if keep:
                            mask[h, w + r, n // LANES] = positive(value) & some
                        store(y, ((h * W) + w + r) * N + n, value, some)


def direct(x, taps, b, y, mask, threads):
    """y = relu(conv(x, W) + b); y > 0 goes to `mask`."""
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    written = np.empty((0, 0, 0), np.uint16) if mask is None else mask
    cells = ROWS * (9 * x.shape[2] + COLUMNS)
    step = max(1, -(-len(y) // (8 * threads)))
    strips = [(first, min(first + step, len(y))) for first in range(0, len(y), step)]

    def work(strip):
        direct_rows(padded, taps, b, y, written, mask is not None, *strip, scratch(cells))

    run(work, strips, threads)
