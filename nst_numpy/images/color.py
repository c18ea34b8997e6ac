"""Separate luminance and chroma, and transfer the colors of one picture to another.

All functions are linear in the pixels (H, W, 3), RGB, 0..255. They do not clip: values outside of
0..255 are clipped when the picture is written.
"""

import numpy as np

from nst_numpy.utils.errors import unknown_name
from nst_numpy.utils.types import Array, Image

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601: the Y of YIQ, of YUV and of JPEG's YCbCr
VARIANCE_FLOOR = 1e-4  # squared gray levels, added to the variances; gray pictures have rank 1


def luminance(x: Image) -> Array:
    """Y = 0.299 R + 0.587 G + 0.114 B, an array (H, W) with the dtype of x."""
    return x @ np.asarray(LUMA, x.dtype)


def chroma(x: Image) -> Image:
    """The picture minus its luminance, (R - Y, G - Y, B - Y): (H, W, 3).

    The color differences B - Y and R - Y are Cb and Cr up to a factor. G - Y follows from them:
    LUMA sums to 1, so the luminance of the chroma is 0.
    """
    return x - luminance(x)[..., None]


def gray(x: Image) -> Image:
    """The luminance as a gray picture (H, W, 3), the input of luminance-only transfer."""
    return np.repeat(luminance(x)[..., None], 3, axis=2)


def keep_color(result: Image, content: Image) -> Image:
    """Combine the luminance of one picture with the chroma of another.

        out = content + (Y(result) - Y(content)) (1, 1, 1)

    Luminance and chroma add up to the picture. Only gray is added to the content image, so its
    chroma does not change [Gatys et al. 2016, "Preserving Color in Neural Artistic Style
    Transfer"].

    Parameters
    ----------
    result, content : (H, W, 3) float32 or float64

    Returns
    -------
    (H, W, 3) array, same dtype

    Examples
    --------
    >>> gray, red = np.full((1, 1, 3), 100.0), np.array([[[200.0, 50.0, 50.0]]])
    >>> keep_color(gray, red).round()  # luminance of the first, chroma of the second
    array([[[205.,  55.,  55.]]])
    """
    return luminance(result)[..., None] + chroma(content)


def match_luminance(style: Image, content: Image) -> Image:
    """Make a style picture gray and give it the mean and standard deviation of the content.

        Y' = s_c / s (Y - mean Y) + mean Y_c

    [Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer"], where Y is the
    luminance and s its standard deviation. A dark painting then does not darken a bright
    photograph.

    Parameters
    ----------
    style, content : (H, W, 3) float32 or float64, 0..255
        Their sizes may differ.

    Returns
    -------
    (H, W, 3) array, dtype of style
    """
    Y, Y_c = gray(style), luminance(content)
    s, s_c = (np.sqrt(each.var(dtype=np.float64) + VARIANCE_FLOOR) for each in (Y, Y_c))
    return (s_c / s * (Y - Y.mean(dtype=np.float64)) + Y_c.mean(dtype=np.float64)).astype(Y.dtype)


def match_color(style: Image, content: Image, method: str = "cholesky") -> Image:
    """Give a style picture the mean color and the color covariance of the content image.

        x' = A (x - mu_s) + mu_c        with        A C_s A^T = C_c

    Here mu and C are the mean and covariance of the colors of the style (s) and the content (c).
    The matrix A is unique up to an orthogonal matrix; three choices are available:

    - "cholesky": A = L_c L_s^-1 with C = L L^T, lower triangular: the new red depends on red only;
    - "pca": A = C_c^1/2 C_s^-1/2, which whitens with the style's principal axes and colors with
      the content's;
    - "symmetric": A = C_s^-1/2 (C_s^1/2 C_c C_s^1/2)^1/2 C_s^-1/2, which is symmetric and moves
      the colors least (optimal transport, [Pitié & Kokaram 2007]).

    [Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer"] use the first two.
    `VARIANCE_FLOOR` is added to the variances of both pictures, so that A also exists for a gray
    style picture, where C_s has rank 1. A gray picture stays gray.

    Parameters
    ----------
    style, content : (H, W, 3) float32 or float64, 0..255
        Their sizes may differ.
    method : {"cholesky", "pca", "symmetric"}

    Returns
    -------
    (H, W, 3) array, dtype of style

    Raises
    ------
    InputError
        If the method is unknown.

    Examples
    --------
    >>> style, content = np.zeros((2, 2, 3)), np.full((2, 2, 3), (200.0, 50.0, 50.0))
    >>> match_color(style, content)[0, 0]
    array([200.,  50.,  50.])
    """
    if method not in MATCH_METHODS:
        raise unknown_name("method to match colors", method, tuple(MATCH_METHODS))
    mu_s, C_s = color_moments(style)
    mu_c, C_c = color_moments(content)
    A = MATCH_METHODS[method](C_s, C_c)  # (3, 3)
    return ((style - mu_s) @ A.T + mu_c).astype(style.dtype)


def color_moments(x: Image) -> tuple[Array, Array]:
    """Mean (3,) and covariance (3, 3) of the colors in float64; includes `VARIANCE_FLOOR`."""
    colors = x.reshape(-1, 3).astype(np.float64)
    d = colors - colors.mean(axis=0)  # (H W, 3)
    return colors.mean(axis=0), d.T @ d / len(d) + VARIANCE_FLOOR * np.eye(3)


def matrix_power(C: Array, exponent: float) -> Array:
    """C^exponent of a symmetric positive definite matrix, from its eigenvalues."""
    eigenvalues, U = np.linalg.eigh(C)
    return (U * eigenvalues**exponent) @ U.T


def by_cholesky(C_s: Array, C_c: Array) -> Array:
    """A = L_c L_s^-1."""
    return np.linalg.cholesky(C_c) @ np.linalg.inv(np.linalg.cholesky(C_s))


def by_pca(C_s: Array, C_c: Array) -> Array:
    """A = C_c^1/2 C_s^-1/2."""
    return matrix_power(C_c, 1 / 2) @ matrix_power(C_s, -1 / 2)


def by_symmetric_root(C_s: Array, C_c: Array) -> Array:
    """A = C_s^-1/2 (C_s^1/2 C_c C_s^1/2)^1/2 C_s^-1/2."""
    root, inverse = matrix_power(C_s, 1 / 2), matrix_power(C_s, -1 / 2)
    return inverse @ matrix_power(root @ C_c @ root, 1 / 2) @ inverse


MATCH_METHODS = {"cholesky": by_cholesky, "pca": by_pca, "symmetric": by_symmetric_root}
