"""Winograd's F(4x4, 3x3): 16 pixels of a convolution for 36 multiplications instead of 144.

In one dimension, four outputs y of a filter g with three coefficients are the middle coefficients
of a product of polynomials, and a polynomial of degree 5 is determined by its values at six
points. At the points 0, 1, -1, 2, -2 and infinity [Lavin & Gray 2016, section 4.3]

    y = A^T [ (G g) * (B^T d) ]                    d : 6 pixels,  * element by element

where G g evaluates the filter, B^T d is the transposed interpolation of the pixels and A^T the
transposed evaluation. All numbers are small fractions, so the result in float32 is good to about
1e-6. In two dimensions each matrix is applied to the columns and then to the rows:

    Y = A^T [ (G g G^T) * (B^T d B) ] A            d : 6 x 6 pixels, overlapping by 2,  Y : 4 x 4

With channels, `*` becomes a sum over the input channels c. For each of the 36 positions p it is a
matrix product over all 4 x 4 tiles t, and this takes most of the time:

    M[p, t, n] = sum_c V[p, t, c] U[p, c, n]       V = B^T d B,  U = G g G^T

Derived step by step in notebooks/08_making_it_fast.ipynb.

References
----------
[Lavin & Gray 2016] A. Lavin, S. Gray, "Fast Algorithms for Convolutional Neural Networks",
CVPR 2016, arXiv:1509.09308.
"""

import numpy as np
from numba import njit

from nst_numpy.kernels.simd_vectors import ALL_BITS, LANES, load, multiply_add, store

TILE, PATCH = 4, 6  # pixels on each side of an output tile, and of the input patch it depends on
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
ALL_LANES = np.uint16(ALL_BITS)

inline = njit(forceinline=True)


@inline
def apply_B(d0, d1, d2, d3, d4, d5):
    """B^T d. The points 1 and -1 share their even and their odd terms, and so do 2 and -2."""
    even, odd = multiply_add(d2, MINUS_FOUR, d4), multiply_add(d1, MINUS_FOUR, d3)
    even2, odd2 = d4 - d2, (d3 - d1) * TWO
    first = multiply_add(d0, FOUR, multiply_add(d2, MINUS_FIVE, d4))
    last = multiply_add(d1, FOUR, multiply_add(d3, MINUS_FIVE, d5))
    return first, even + odd, even - odd, even2 + odd2, even2 - odd2, last


@inline
def apply_G(g0, g1, g2):
    """G g."""
    even, odd = (g0 + g2) * G[1, 0], g1 * G[1, 1]
    even2, odd2 = multiply_add(g0, G[3, 0], g2 * G[3, 2]), g1 * G[3, 1]
    return g0 * G[0, 0], even + odd, even - odd, even2 + odd2, even2 - odd2, g2


@inline
def apply_A(m0, m1, m2, m3, m4, m5):
    """A^T m."""
    even, odd, even2, odd2 = m1 + m2, m1 - m2, m3 + m4, m3 - m4
    first, last = m0 + even + even2, multiply_add(odd2, EIGHT, odd) + m5
    return first, multiply_add(odd2, TWO, odd), multiply_add(even2, FOUR, even), last


@inline
def load3(x, i, step):
    """Return three vectors of x, the first at index i, `step` apart."""
    return load(x, i, ALL_LANES), load(x, i + step, ALL_LANES), load(x, i + 2 * step, ALL_LANES)


@inline
def load6(x, i, step):
    """Return six vectors of x, the first at index i, `step` apart."""
    return load3(x, i, step) + load3(x, i + 3 * step, step)


@inline
def store4(y, i, step, v):
    """Write four vectors to y, the first at index i, `step` apart."""
    store(y, i, v[0], ALL_LANES)
    store(y, i + step, v[1], ALL_LANES)
    store(y, i + 2 * step, v[2], ALL_LANES)
    store(y, i + 3 * step, v[3], ALL_LANES)


@inline
def store6(y, i, step, v):
    """Write six vectors to y, the first at index i, `step` apart."""
    store4(y, i, step, v)
    store(y, i + 4 * step, v[4], ALL_LANES)
    store(y, i + 5 * step, v[5], ALL_LANES)


@inline
def first_lanes(channels):
    """Return the bits of the first `channels` lanes, all bits from 16 channels on."""
    return np.uint16(ALL_BITS if channels >= LANES else (1 << channels) - 1)
