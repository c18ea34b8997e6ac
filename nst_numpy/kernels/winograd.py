"""Winograd's F(4x4, 3x3): sixteen pixels of a convolution for 36 multiplications instead of 144.

In one dimension: four outputs y of a filter g with three taps are the middle coefficients of a
product of polynomials, and a polynomial of degree 5 is known by its values at six points. At the
points 0, 1, -1, 2, -2 and infinity [Lavin & Gray 2016, section 4.3]

    y = A^T [ (G g) * (B^T d) ]                    d : 6 pixels,  * element by element

where G g evaluates the filter, B^T d is the transposed interpolation of the pixels and A^T the
transposed evaluation. All numbers are small fractions, which keeps float32 good to 1e-6 or so. In
two dimensions each is applied to the columns and then to the rows:

    Y = A^T [ (G g G^T) * (B^T d B) ] A            d : 6 x 6 pixels, overlapping by 2,  Y : 4 x 4

With channels, `*` becomes a sum over the channels c. For each of the 36 positions p it is a matrix
product over all tiles t of 4 x 4 pixels, and there the time goes:

    M[p, t, n] = sum_c V[p, t, c] U[p, c, n]       V = B^T d B,  U = G g G^T

Derived by hand in notebooks/08_making_it_fast.ipynb.
"""

import numpy as np
from numba import njit

from nst_numpy.kernels.simd_vectors import ALL, LANES, fma, load, store

TILE, PATCH = 4, 6  # pixels a side that come out of a tile, and that go into it
POSITIONS = PATCH * PATCH

B = np.array(
    [
        [4, 0, 0, 0, 0, 0],
        [0, -4, 4, -2, 2, 4],
        [-5, -4, -4, -1, -1, 0],
        [0, 1, -1, 2, -2, -5],
        [1, 1, 1, 1, 1, 0],
        [0, 0, 0, 0, 0, 1],
    ],
    np.float32,
)
G = np.array(
    [
        [1 / 4, 0, 0],
        [-1 / 6, -1 / 6, -1 / 6],
        [-1 / 6, 1 / 6, -1 / 6],
        [1 / 24, 1 / 12, 1 / 6],
        [1 / 24, -1 / 12, 1 / 6],
        [0, 0, 1],
    ],
    np.float32,
)
A = np.array(
    [[1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 1, -1], [1, 2, 4, 8], [1, -2, 4, -8], [0, 0, 0, 1]],
    np.float32,
)
TWO, FOUR, EIGHT = np.float32(2), np.float32(4), np.float32(8)
MINUS_FOUR, MINUS_FIVE = np.float32(-4), np.float32(-5)
FULL = np.uint16(ALL)

inline = njit(forceinline=True)


@inline
def apply_B(d0, d1, d2, d3, d4, d5):
    """B^T d. The points 1, -1 share what is even and what is odd in them; so do 2, -2."""
    even, odd = fma(d2, MINUS_FOUR, d4), fma(d1, MINUS_FOUR, d3)
    even2, odd2 = d4 - d2, (d3 - d1) * TWO
    first = fma(d0, FOUR, fma(d2, MINUS_FIVE, d4))
    last = fma(d1, FOUR, fma(d3, MINUS_FIVE, d5))
    return first, even + odd, even - odd, even2 + odd2, even2 - odd2, last


@inline
def apply_G(g0, g1, g2):
    """G g."""
    even, odd = (g0 + g2) * G[1, 0], g1 * G[1, 1]
    even2, odd2 = fma(g0, G[3, 0], g2 * G[3, 2]), g1 * G[3, 1]
    return g0 * G[0, 0], even + odd, even - odd, even2 + odd2, even2 - odd2, g2


@inline
def apply_A(m0, m1, m2, m3, m4, m5):
    """A^T m."""
    even, odd, even2, odd2 = m1 + m2, m1 - m2, m3 + m4, m3 - m4
    first, last = m0 + even + even2, fma(odd2, EIGHT, odd) + m5
    return first, fma(odd2, TWO, odd), fma(even2, FOUR, even), last


@inline
def load6(x, i, step):
    """Six vectors, `step` apart."""
    return (
        load(x, i, FULL),
        load(x, i + step, FULL),
        load(x, i + 2 * step, FULL),
        load(x, i + 3 * step, FULL),
        load(x, i + 4 * step, FULL),
        load(x, i + 5 * step, FULL),
    )


@inline
def store6(y, i, step, v):
    """The way back of load6."""
    store(y, i, v[0], FULL)
    store(y, i + step, v[1], FULL)
    store(y, i + 2 * step, v[2], FULL)
    store(y, i + 3 * step, v[3], FULL)
    store(y, i + 4 * step, v[4], FULL)
    store(y, i + 5 * step, v[5], FULL)


@inline
def bits_below(channels):
    """The bits of the first `channels` lanes; all of them from 16 on."""
    return np.uint16(ALL if channels >= LANES else (1 << channels) - 1)
