"""Products of a feature map with itself and with a small matrix, without a BLAS.

NumPy's would be right and about as fast, but its own threads go on spinning for a while after each
product and take the CPUs from ours: with it, an evaluation took 1.6 times as long.
"""

import numpy as np
from numba import njit

from nst_numpy.kernels.matrix_product import COLUMNS, ROWS, product_tile
from nst_numpy.kernels.simd_vectors import LANES, load, store
from nst_numpy.kernels.thread_pool import run, scratch
from nst_numpy.kernels.winograd import FULL, bits_below
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array

PIXELS = 256  # that one thread takes at a time
MANY = 512  # channels from which threads share the rows of G; below, each sums pixels of its own


@njit(nogil=True, cache=True, error_model="numpy")
def gram_share(F, first, last, i0, i1, G, space):
    """Rows [i0, i1) of G += F^T F over pixels [first, last), on and above the diagonal.

    F : (M, N); G : (N, N) float64.
    """
    N = F.shape[1]
    width = (N + COLUMNS - 1) // COLUMNS * COLUMNS + ROWS  # room for tiles that stand over
    tile = space[PIXELS * width :]
    for start in range(first, last, PIXELS):
        size = min(PIXELS, last - start)
        block = space[: size * width].reshape(size, width)
        block[:, :N] = F[start : start + size]
        block[:, N:] = 0
        for i in range(i0, i1, ROWS):
            for j in range(i // COLUMNS * COLUMNS, N, COLUMNS):
                product_tile(block, i, 1, width, block, j, width, tile, 0, COLUMNS, size)
                for r in range(min(ROWS, i1 - i)):
                    for c in range(min(COLUMNS, N - j)):
                        G[i + r, j + c] += tile[r * COLUMNS + c]


def gram(F: Array) -> Array:
    """G = F F^T of a feature map F (N, M) float32 whose memory is that of a (H, W, N) array.

    Products are added up in float64 every 256 pixels. The work is cut up by the shape of F
    alone, so the result does not depend on the number of threads.

    Returns
    -------
    G : (N, N) float32
    """
    F = np.ascontiguousarray(F.T)  # (M, N)
    M, N = F.shape
    few = N < MANY
    pixels, rows = (-(-M // 8), N) if few else (M, 10 * ROWS)
    shares = [
        (G_k, first, min(first + pixels, M), i, min(i + rows, N))
        for G_k, first in enumerate(range(0, M, pixels))
        for i in range(0, N, rows)
    ]
    G = np.zeros((shares[-1][0] + 1, N, N))
    cells = PIXELS * (N + COLUMNS + ROWS) + ROWS * COLUMNS

    def work(share):
        gram_share(F, *share[1:], G[share[0]], scratch(cells))

    run(work, shares)
    upper = np.triu(G.sum(0))
    return (upper + np.triu(upper, 1).T).astype(np.float32)


@njit(nogil=True, cache=True, error_model="numpy")
def times_share(F, N, D, y, first, last, space):
    """Rows [first, last) of y = F D; F, y (M, N) taken as flat, D (panels, N, COLUMNS)."""
    tile, end = space[: ROWS * COLUMNS], space[ROWS * COLUMNS :]
    for row in range(first, last, ROWS):
        size = min(ROWS, last - row)
        A, a = F, row * N
        if size < ROWS:  # the rows that are left, and zeros
            end[size * N :] = 0
            end[: size * N] = F[a : last * N]
            A, a = end, 0
        for j in range(0, N, COLUMNS):
            product_tile(A, a, N, 1, D, j * N, COLUMNS, tile, 0, COLUMNS, N)
            for r in range(size):
                for n in range(j, min(j + COLUMNS, N), LANES):
                    bits, here = bits_below(N - n), (row + r) * N + n
                    store(y, here, load(tile, r * COLUMNS + n - j, FULL), bits)


def times(D: Array, F: Array) -> Array:
    """D F for a symmetric D (N, N) and a feature map F (N, M), float32.

    Returns
    -------
    (N, M) float32, in memory a (M, N) array as F is.
    """
    F = np.ascontiguousarray(F.T)  # (M, N)
    M, N = F.shape
    y = np.empty_like(F)
    D = np.pad(D, ((0, 0), (0, -N % COLUMNS)))
    D = np.ascontiguousarray(D.reshape(N, -1, COLUMNS).transpose(1, 0, 2))
    size = -(-M // (4 * number_of_threads() * ROWS)) * ROWS
    pieces = [(first, min(first + size, M)) for first in range(0, M, size)]

    def work(piece):
        space = scratch(ROWS * (COLUMNS + N))
        times_share(F.reshape(-1), N, D, y.reshape(-1), *piece, space)

    run(work, pieces)
    return y.T
