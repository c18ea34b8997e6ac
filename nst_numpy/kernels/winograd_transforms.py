"""The three transforms of `winograd.py` for many tiles, sixteen channels at a time.

Their results are flat arrays in these layouts, with `step` numbers from one of the 36 positions to
the next:

    V : (36, tiles, C rounded up to 16)    U : (36, C, COLUMNS)    M : (36, tiles, COLUMNS)

`step` is a little larger than the layout needs. With a power of two, the 36 positions would
compete for the same few lines of the processor's cache.
"""

from numba import njit

from nst_numpy.kernels.matrix_product import COLUMNS
from nst_numpy.kernels.simd_vectors import LANES, load, multiply_add, positive, relu, store
from nst_numpy.kernels.winograd import (
    ALL_LANES,
    PATCH,
    TILE,
    G,
    apply_A,
    apply_B,
    apply_G,
    first_lanes,
    load3,
    load6,
    store4,
    store6,
)

ROW = PATCH * LANES  # a row of six vectors in the array `work`


@njit(error_model="numpy")
def transform_input(x, mask, masked, first, tiles, V, step, bits, work):
    """V[:, t] = B^T d B for `tiles` tiles from number `first` on; 0 for tiles after the last one.

    x : (H, W, C), taken as 0 where `mask` (H, W, ceil(C / 16)) has no 1, if `masked`.
    bits, work : scratch, (36,) uint16 and (36 * 16,) float32.
    """
    H, W, C = x.shape
    vectors = (C + LANES - 1) // LANES
    tiles_across = (W + TILE - 1) // TILE
    down = W * C
    for t in range(tiles):
        top = (first + t) // tiles_across * TILE - 1
        left = (first + t) % tiles_across * TILE - 1
        for q in range(vectors):
            lanes = first_lanes(C - q * LANES)
            for i in range(PATCH):
                for j in range(PATCH):
                    h, w = top + i, left + j
                    inside = h >= 0 and h < H and w >= 0 and w < W
                    if masked and inside:
                        bits[i * PATCH + j] = mask[h, w, q]
                    else:
                        bits[i * PATCH + j] = lanes if inside else 0
            for j in range(PATCH):
                d = (top * W + left + j) * C + q * LANES
                column = apply_B(
                    load(x, d, bits[j]),
                    load(x, d + down, bits[j + 6]),
                    load(x, d + 2 * down, bits[j + 12]),
                    load(x, d + 3 * down, bits[j + 18]),
                    load(x, d + 4 * down, bits[j + 24]),
                    load(x, d + 5 * down, bits[j + 30]),
                )
                store6(work, j * LANES, ROW, column)
            for i in range(PATCH):
                d = load6(work, i * ROW, LANES)
                row = apply_B(d[0], d[1], d[2], d[3], d[4], d[5])
                store6(V, i * PATCH * step + (t * vectors + q) * LANES, step, row)


@njit(error_model="numpy")
def transform_weights(panels, panel, U, step):
    """U = G g G^T for all input channels and the COLUMNS output channels of one panel.

    panels : (number of panels, C, 3, 3, COLUMNS), from `conv_relu.pack_panels`; read in order.
    """
    C = panels.shape[1]
    for c in range(C):
        for v in range(0, COLUMNS, LANES):
            first = (panel * C + c) * 9 * COLUMNS + v
            x = load3(panels, first, COLUMNS)
            y = load3(panels, first + 3 * COLUMNS, COLUMNS)
            z = load3(panels, first + 6 * COLUMNS, COLUMNS)
            for i in range(PATCH):
                a, b, d = G[i]
                u = apply_G(
                    multiply_add(x[0], a, multiply_add(y[0], b, z[0] * d)),
                    multiply_add(x[1], a, multiply_add(y[1], b, z[1] * d)),
                    multiply_add(x[2], a, multiply_add(y[2], b, z[2] * d)),
                )
                store6(U, i * PATCH * step + c * COLUMNS + v, step, u)


@njit(error_model="numpy")
def transform_output(M, step, first, tiles, n0, b, rectify, add, y, mask, keep, work):
    """y = A^T M A + b for COLUMNS channels from n0 on; + y if `add`, then the ReLU if `rectify`.

    y : (H, W, N); b : (N,); `mask` (H, W, ceil(N / 16)) receives the bits y > 0 if `keep`.
    """
    H, W, N = y.shape
    tiles_across = (W + TILE - 1) // TILE
    for t in range(tiles):
        top, left = (first + t) // tiles_across * TILE, (first + t) % tiles_across * TILE
        for n in range(n0, min(n0 + COLUMNS, N), LANES):
            lanes = first_lanes(N - n)
            bias = load(b, n, lanes)
            for j in range(PATCH):
                m = load6(M, j * step + t * COLUMNS + n - n0, PATCH * step)
                column = apply_A(m[0], m[1], m[2], m[3], m[4], m[5])
                store4(work, j * LANES, ROW, column)
            for i in range(min(TILE, H - top)):
                m = load6(work, i * ROW, LANES)
                row = apply_A(m[0], m[1], m[2], m[3], m[4], m[5])
                store4(work, i * ROW, LANES, row)
                for j in range(min(TILE, W - left)):
                    pixel = ((top + i) * W + left + j) * N + n
                    value = load(work, i * ROW + j * LANES, ALL_LANES) + bias
                    if add:
                        value = value + load(y, pixel, lanes)
                    if rectify:
                        value = relu(value)
                    if keep:
                        mask[top + i, left + j, n // LANES] = positive(value) & lanes
                    store(y, pixel, value, lanes)
