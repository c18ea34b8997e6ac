"""A 3 x 3 convolution of a whole layer: the blocks of tiles, and their way over the threads."""

import numpy as np
from numba import njit

from nst_numpy.kernels.matrix_product import COLUMNS, ROWS, product_tile
from nst_numpy.kernels.simd_vectors import LANES
from nst_numpy.kernels.thread_pool import run, scratch
from nst_numpy.kernels.winograd import POSITIONS, TILE
from nst_numpy.kernels.winograd_transforms import input_tiles, kernel_panel, output_tiles
from nst_numpy.utils.threads import number_of_threads

BLOCK = 112 // ROWS * ROWS


@njit(nogil=True, cache=True, error_model="numpy")
def blocks(
    x, in_mask, taps, b, y, mask, masked, rectify, keep, add, first, tiles, n0, n1, block, space
):
    """One thread's share: tiles [first, first + tiles), output channels [n0, n1)."""
    C = x.shape[2]
    width = (C + LANES - 1) // LANES * LANES
    work, bits = np.empty(POSITIONS * LANES, np.float32), np.empty(POSITIONS, np.uint16)
    for start in range(first, first + tiles, block):
        size = min(block, first + tiles - start)
        rows = (size + ROWS - 1) // ROWS * ROWS
        V_step, U_step, M_step = rows * width + LANES, C * COLUMNS + LANES, rows * COLUMNS + LANES
        V = space[: POSITIONS * V_step]
        U = space[V.size : V.size + POSITIONS * U_step]
        M = space[V.size + U.size :]
        input_tiles(x, in_mask, masked, start, rows, V, V_step, bits, work)
        for n in range(n0, n1, COLUMNS):
            kernel_panel(taps, n // COLUMNS, U, U_step)
            for p in range(POSITIONS):
                for r in range(0, rows, ROWS):
                    v, u, m = p * V_step + r * width, p * U_step, p * M_step + r * COLUMNS
                    product_tile(V, v, width, 1, U, u, COLUMNS, M, m, COLUMNS, C)
            output_tiles(M, M_step, start, size, n, b, rectify, add, y, mask, keep, work)


def shares(tiles, N, threads):
    """Cut a layer into pieces (first, tiles, n0, n1) of about equal work."""
    panels = -(-N // COLUMNS)
    blocks = -(-tiles // BLOCK)
    size = -(-tiles // blocks)
    block = -(-size // ROWS) * ROWS
    runs = -(-blocks // (8 * threads)) * size
    pieces = -(-tiles // runs)
    groups = (
        min(panels, -(-2 * threads // pieces)) if pieces < 4 * threads and pieces % threads else 1
    )
    wide = -(-panels // groups) * COLUMNS
    return block, [
        (first, min(runs, tiles - first), n0, min(n0 + wide, N))
        for first in range(0, tiles, runs)
        for n0 in range(0, N, wide)
    ]


def room(block, C):
    """float32 that a thread works in: V, U and M of a block of tiles with C channels."""
    V = POSITIONS * (block * (C + LANES) + LANES)
    U, M = POSITIONS * (C * COLUMNS + LANES), POSITIONS * (block * COLUMNS + LANES)
    return V + U + M


def scratch_bytes(C: int) -> int:
    """What each thread works in at the most, for layers of up to C channels."""
    return 4 * room(BLOCK, C)


NO_MASK = np.empty((0, 0, 0), np.uint16)


def winograd(x, taps, b, y, in_mask=None, mask=None, rectify=False, add=False):
    """y = conv(x where in_mask, W) + b, plus y if to `add`, rectified if asked.

    The bits y > 0 go to `mask`.
    """
    H, width, C = x.shape
    N = y.shape[2]
    block, todo = shares(-(-H // TILE) * -(-width // TILE), N, number_of_threads())
    read = NO_MASK if in_mask is None else in_mask
    written = NO_MASK if mask is None else mask
    flags = in_mask is not None, rectify, mask is not None, add

    def work(share):
        blocks(x, read, taps, b, y, written, *flags, *share, block, scratch(room(block, C)))

    run(work, todo)
