"""The 3 x 3 convolution of a whole layer, divided into blocks of tiles for the threads."""

import numpy as np
from numba import types

from nst_numpy.kernels.compilation import FLAG, INTEGER, kernel, read_only, writable
from nst_numpy.kernels.matrix_product import COLUMNS, ROWS, product_block
from nst_numpy.kernels.simd_vectors import LANES
from nst_numpy.kernels.thread_pool import run_parallel, scratch_array
from nst_numpy.kernels.winograd import POSITIONS, TILE
from nst_numpy.kernels.winograd_transforms import (
    transform_input,
    transform_output,
    transform_weights,
)
from nst_numpy.utils.threads import number_of_threads

BLOCK = 112 // ROWS * ROWS  # tiles that are transformed at a time: V, U and M stay in the cache
NO_MASK = np.empty((0, 0, 0), np.uint16)


@kernel(
    *(read_only(types.float32, 3), read_only(types.uint16, 3)),
    *(read_only(types.float32, 5), read_only(types.float32, 1)),
    *(writable(types.float32, 3), writable(types.uint16, 3)),
    *(FLAG, FLAG, FLAG, FLAG, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER),
    writable(types.float32, 1),
)
def convolve_tiles(
    x, in_mask, panels, b, y, mask, masked, rectify, keep, add, first, tiles, n0, n1, block, scratch
):
    """The share of one thread: tiles [first, first + tiles), output channels [n0, n1)."""
    C = x.shape[2]
    width = (C + LANES - 1) // LANES * LANES
    work, bits = np.empty(POSITIONS * LANES, np.float32), np.empty(POSITIONS, np.uint16)
    for start in range(first, first + tiles, block):
        size = min(block, first + tiles - start)
        rows = (size + ROWS - 1) // ROWS * ROWS
        V_step, U_step, M_step = rows * width + LANES, C * COLUMNS + LANES, rows * COLUMNS + LANES
        V = scratch[: POSITIONS * V_step]
        U = scratch[V.size : V.size + POSITIONS * U_step]
        M = scratch[V.size + U.size :]
        transform_input(x, in_mask, masked, start, rows, V, V_step, bits, work)
        for n in range(n0, n1, COLUMNS):
            transform_weights(panels, n // COLUMNS, U, U_step)
            for p in range(POSITIONS):
                for r in range(0, rows, ROWS):
                    v, u, m = p * V_step + r * width, p * U_step, p * M_step + r * COLUMNS
                    product_block(V, v, width, 1, U, u, COLUMNS, M, m, COLUMNS, C)
            transform_output(M, M_step, start, size, n, b, rectify, add, y, mask, keep, work)


def convolve(x, panels, b, y, in_mask=None, mask=None, rectify=False, add=False):
    """y = convolution(x, K) + b, for K in panels.

    x : (H, W, C), taken as 0 where `in_mask` has no 1.
    y : (H, W, N). With `add`, the result is added to y; with `rectify`, the ReLU is applied.
    mask : receives the bits y > 0.
    """
    H, W, C = x.shape
    tiles = -(-H // TILE) * -(-W // TILE)
    block, shares = divide_layer(tiles, y.shape[2], number_of_threads())
    read = NO_MASK if in_mask is None else in_mask
    written = NO_MASK if mask is None else mask
    flags = in_mask is not None, rectify, mask is not None, add
    size = scratch_size(block, C)

    def work(share):
        arrays = x, read, panels, b, y, written
        convolve_tiles(*arrays, *flags, *share, block, scratch_array(size))

    convolve_tiles.compile()
    run_parallel(work, shares)


def divide_layer(tiles, N, threads):
    """Return tiles per block, and shares (first, tiles, n0, n1) of about equal work."""
    panels = -(-N // COLUMNS)
    blocks = -(-tiles // BLOCK)
    size = -(-tiles // blocks)
    block = -(-size // ROWS) * ROWS
    tiles_of_share = -(-blocks // (8 * threads)) * size
    runs = -(-tiles // tiles_of_share)
    # With few tiles, threads also share the output channels.
    few = runs < 4 * threads and runs % threads
    groups = min(panels, -(-2 * threads // runs)) if few else 1
    channels = -(-panels // groups) * COLUMNS
    return block, [
        (first, min(tiles_of_share, tiles - first), n0, min(n0 + channels, N))
        for first in range(0, tiles, tiles_of_share)
        for n0 in range(0, N, channels)
    ]


def scratch_size(block, C):
    """Return how many float32 a thread needs for V, U and M of a block of tiles."""
    V = POSITIONS * (block * (C + LANES) + LANES)
    U, M = POSITIONS * (C * COLUMNS + LANES), POSITIONS * (block * COLUMNS + LANES)
    return V + U + M


def scratch_bytes(C: int) -> int:
    """Return the largest memory in bytes that each thread needs for layers of up to C channels."""
    return 4 * scratch_size(BLOCK, C)
