"""Products of a feature map with itself and with a small matrix, without a BLAS.

NumPy's products would be correct and about as fast, but the threads of its BLAS keep spinning for
a while after each product and take the processor from ours: an evaluation took 1.6 times as long.
"""

import numpy as np
from numba import types

from nst_numpy.kernels.compilation import INTEGER, kernel, read_only, writable
from nst_numpy.kernels.matrix_product import COLUMNS, ROWS, product_block
from nst_numpy.kernels.simd_vectors import LANES, load, store
from nst_numpy.kernels.thread_pool import run_parallel, scratch_array
from nst_numpy.kernels.winograd import ALL_LANES, first_lanes
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array

POSITIONS = 256  # of the feature map that a thread multiplies at a time
MANY_FILTERS = 512  # from here on, threads divide the rows of G; below, the positions


@kernel(
    *(read_only(types.float32, 2), INTEGER, INTEGER, INTEGER, INTEGER),
    *(writable(types.float64, 2), writable(types.float32, 1)),
)
def add_gram(F, first, last, i0, i1, G, scratch):
    """Rows [i0, i1) of G += F^T F over positions [first, last), on and above the diagonal.

    F : (M, N); G : (N, N) float64.
    """
    N = F.shape[1]
    width = (N + COLUMNS - 1) // COLUMNS * COLUMNS + ROWS  # blocks may extend beyond column N
    product = scratch[POSITIONS * width :]
    for start in range(first, last, POSITIONS):
        size = min(POSITIONS, last - start)
        for m in range(size):
            for n in range(N):
                scratch[m * width + n] = F[start + m, n]
            for n in range(N, width):
                scratch[m * width + n] = np.float32(0)
        for i in range(i0, i1, ROWS):
            for j in range(i // COLUMNS * COLUMNS, N, COLUMNS):
                product_block(scratch, i, 1, width, scratch, j, width, product, 0, COLUMNS, size)
                for r in range(min(ROWS, i1 - i)):
                    for c in range(min(COLUMNS, N - j)):
                        G[i + r, j + c] += product[r * COLUMNS + c]


def gram(F: Array) -> Array:
    """G = F F^T of a feature map F (N, M) float32 that lies in memory as an (H, W, N) array.

    Products are summed in float64 every 256 positions. The shape of F alone decides how the work
    is divided, so the result does not depend on the number of threads.

    Returns
    -------
    G : (N, N) float32
    """
    F = np.ascontiguousarray(F.T)  # (M, N)
    M, N = F.shape
    positions, rows = (-(-M // 8), N) if N < MANY_FILTERS else (M, 10 * ROWS)
    shares = [
        (part, first, min(first + positions, M), i, min(i + rows, N))
        for part, first in enumerate(range(0, M, positions))
        for i in range(0, N, rows)
    ]
    G = np.zeros((shares[-1][0] + 1, N, N))
    size = POSITIONS * (N + COLUMNS + ROWS) + ROWS * COLUMNS

    def work(share):
        add_gram(F, *share[1:], G[share[0]], scratch_array(size))

    add_gram.compile()
    run_parallel(work, shares)
    upper = np.triu(G.sum(0))
    return (upper + np.triu(upper, 1).T).astype(np.float32)


@kernel(
    *(read_only(types.float32, 1), INTEGER, read_only(types.float32, 3)),
    *(writable(types.float32, 1), INTEGER, INTEGER, writable(types.float32, 1)),
)
def multiply_rows(F, N, D, y, first, last, scratch):
    """Rows [first, last) of y = F D; F, y (M, N) as flat arrays, D (panels, N, COLUMNS)."""
    product, padded = scratch[: ROWS * COLUMNS], scratch[ROWS * COLUMNS :]
    for row in range(first, last, ROWS):
        size = min(ROWS, last - row)
        for n in range(ROWS * N):  # the block always has ROWS rows: zeros follow the last one
            padded[n] = F[row * N + n] if n < size * N else np.float32(0)
        for j in range(0, N, COLUMNS):
            product_block(padded, 0, N, 1, D, j * N, COLUMNS, product, 0, COLUMNS, N)
            for r in range(size):
                for n in range(j, min(j + COLUMNS, N), LANES):
                    lanes, pixel = first_lanes(N - n), (row + r) * N + n
                    store(y, pixel, load(product, r * COLUMNS + n - j, ALL_LANES), lanes)


def symmetric_matmul(D: Array, F: Array) -> Array:
    """D F for a symmetric D (N, N) and a feature map F (N, M), float32.

    Returns
    -------
    (N, M) float32
        In memory an (M, N) array, as F is.
    """
    F = np.ascontiguousarray(F.T)  # (M, N)
    M, N = F.shape
    y = np.empty_like(F)
    D = np.pad(D, ((0, 0), (0, -N % COLUMNS)))
    D = np.ascontiguousarray(D.reshape(N, -1, COLUMNS).transpose(1, 0, 2))
    size = -(-M // (4 * number_of_threads() * ROWS)) * ROWS
    shares = [(first, min(first + size, M)) for first in range(0, M, size)]

    def work(share):
        scratch = scratch_array(ROWS * (COLUMNS + N))
        multiply_rows(F.reshape(-1), N, D, y.reshape(-1), *share, scratch)

    multiply_rows.compile()
    run_parallel(work, shares)
    return y.T
