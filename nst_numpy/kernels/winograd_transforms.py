"""The three transforms of `winograd.py` over a block of tiles, sixteen channels at a time.

Layouts, flat, with `step` numbers from one of the 36 positions to the next:

    V : (36, tiles, C rounded up to 16)    U : (36, C, COLUMNS)    M : (36, tiles, COLUMNS)

`step` is a little larger than the layout needs: at a power of two the 36 streams of a transform
would fall on the same few lines of the cache.
"""

from numba import njit

from nst_numpy.kernels.matrix_product import COLUMNS
from nst_numpy.kernels.simd_vectors import LANES, fma, load, positive, relu, store
from nst_numpy.kernels.winograd import (
    FULL,
    PATCH,
    TILE,
    G,
    apply_A,
    apply_B,
    apply_G,
    bits_below,
    load6,
    store6,
)

ROW = PATCH * LANES  # a row of six vectors in the scratch `work`


@njit(error_model="numpy")
def input_tiles(x, mask, masked, first, tiles, V, step, bits, work):
    """V[:, t] = B^T d B for `tiles` tiles from tile `first` on (tiles beyond the last are 0).

    x : (H, W, C), read where the ReLU's `mask` (H, W, ceil(C / 16)) has a 1, if `masked`.
    bits, work : scratch, (36,) uint16 and (36 * 16,) float32.
    """
    H, W, C = x.shape
    vectors = (C + LANES - 1) // LANES
    across = (W + TILE - 1) // TILE
    for t in range(tiles):
        top, left = (first + t) // across * TILE - 1, (first + t) % across * TILE - 1
        for q in range(vectors):
            some = bits_below(C - q * LANES)
            for i in range(PATCH):
                for j in range(PATCH):
                    h, w = top + i, left + j
                    inside = h >= 0 and h < H and w >= 0 and w < W
                    if masked and inside:
                        bits[i * PATCH + j] = mask[h, w, q]
                    else:
                        bits[i * PATCH + j] = some if inside else 0
            down = W * C
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
def kernel_panel(taps, panel, U, step):
    """U = G g G^T for all input channels and the COLUMNS output channels of a panel.

    taps : (panels, C, 3, 3, COLUMNS), see `layer.panels`; read from front to back.
    """
    C = taps.shape[1]
    for c in range(C):
        for v in range(0, COLUMNS, LANES):
            first = (panel * C + c) * 9 * COLUMNS + v
            x, y, z = (
                load3(taps, first),
                load3(taps, first + 3 * COLUMNS),
                load3(taps, first + 6 * COLUMNS),
            )
            for i in range(PATCH):
                a, b, d = G[i]
                u = apply_G(
                    fma(x[0], a, fma(y[0], b, z[0] * d)),
                    fma(x[1], a, fma(y[1], b, z[1] * d)),
                    fma(x[2], a, fma(y[2], b, z[2] * d)),
                )
                store6(U, i * PATCH * step + c * COLUMNS + v, step, u)


@njit(forceinline=True)
def load3(taps, i):
    """A row of the kernel."""
    return load(taps, i, FULL), load(taps, i + COLUMNS, FULL), load(taps, i + 2 * COLUMNS, FULL)


@njit(error_model="numpy")
def output_tiles(M, step, first, tiles, n0, b, rectify, add, y, mask, keep, work):
    """y = A^T M A + b (+ y, to `add`) of COLUMNS channels from n0 on, then the ReLU, to `rectify`.

    y : (H, W, N); b : (N,); `mask` (H, W, ceil(N / 16)) receives y > 0 if it is to `keep` it.
    """
    H, W, N = y.shape
    across = (W + TILE - 1) // TILE
    for t in range(tiles):
        top, left = (first + t) // across * TILE, (first + t) % across * TILE
        for n in range(n0, min(n0 + COLUMNS, N), LANES):
            some = bits_below(N - n)
            bias = load(b, n, some)
            for j in range(PATCH):
                m = load6(M, j * step + t * COLUMNS + n - n0, PATCH * step)
                column = apply_A(m[0], m[1], m[2], m[3], m[4], m[5])
                store4(work, j * LANES, ROW, column)
            for i in range(min(TILE, H - top)):
                m = load6(work, i * ROW, LANES)
                row = apply_A(m[0], m[1], m[2], m[3], m[4], m[5])
                store4(work, i * ROW, LANES, row)
                for j in range(min(TILE, W - left)):
                    here = ((top + i) * W + left + j) * N + n
                    value = load(work, i * ROW + j * LANES, FULL) + bias
                    if add:
                        value = value + load(y, here, some)
                    if rectify:
                        value = relu(value)
                    if keep:
                        mask[top + i, left + j, n // LANES] = positive(value) & some
                    store(y, here, value, some)


@njit(forceinline=True)
def store4(y, i, step, v):
    """Four vectors, `step` apart."""
    store(y, i, v[0], FULL)
    store(y, i + step, v[1], FULL)
    store(y, i + 2 * step, v[2], FULL)
    store(y, i + 3 * step, v[3], FULL)
