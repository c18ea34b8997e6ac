"""Brightness and color apart, and the colors of one picture given to another.

All is linear in the pixels (H, W, 3), red, green, blue, 0..255, and nothing is clipped: values
outside 0..255 are cut where a picture is written.
"""

import numpy as np

from nst_numpy.utils.errors import unknown_name
from nst_numpy.utils.types import Array, Image

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601: the Y of YIQ, of YUV and of JPEG's YCbCr
SPREAD = 1e-4  # squared gray levels, added to the variances: a gray picture has none in color


def luminance(x: Image) -> Array:
    """Y = 0.299 R + 0.587 G + 0.114 B: (H, W), dtype of x."""
    return x @ np.asarray(LUMA, x.dtype)


def chroma(x: Image) -> Image:
    """What is left without the luminance, (R - Y, G - Y, B - Y): (H, W, 3).

    The color differences B - Y and R - Y are Cb and Cr but for a factor; G - Y follows
    from them, because LUMA adds up to 1 and so the luminance of the chroma is 0.
    """
    return x - luminance(x)[..., None]


def gray(x: Image) -> Image:
    """A picture's luminance as a picture: (H, W, 3). What luminance-only transfer works on."""
    return np.repeat(luminance(x)[..., None], 3, axis=2)


def keep_color(result: Image, content: Image) -> Image:
    """The luminance of one picture and the chroma of another.

        out = content + (Y(result) - Y(content)) (1, 1, 1)

    Luminance and chroma add up to the picture, so nothing but gray is added to the content image:
    its chroma stays as it is [Gatys et al. 2016, "Preserving Color in Neural Artistic Style
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
    >>> keep_color(gray, red).round()  # as bright as the first, as red as the second
    array([[[205.,  55.,  55.]]])
    """
    return luminance(result)[..., None] + chroma(content)


def match_luminance(style: Image, content: Image) -> Image:
    """A gray style picture with the mean and deviation of the content's luminance.

        Y' = s_c / s (Y - mean Y) + mean Y_c

    [Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer"], so that a dark
    painting does not darken a bright photograph.

    Parameters
    ----------
    style, content : (H, W, 3) float32 or float64, 0..255
        Of any two sizes.

    Returns
    -------
    (H, W, 3) array, dtype of style
    """
    Y, Y_c = gray(style), luminance(content)
    s, s_c = (np.sqrt(each.var(dtype=np.float64) + SPREAD) for each in (Y, Y_c))
    return (s_c / s * (Y - Y.mean(dtype=np.float64)) + Y_c.mean(dtype=np.float64)).astype(Y.dtype)


def match_color(style: Image, content: Image, how: str = "cholesky") -> Image:
    """Give a style picture the mean color and the color covariance of the content image.

        x' = A (x - mu_s) + mu_c        with        A C_s A^T = C_c

    There are many such A, one for each orthogonal matrix between the roots of both covariances:

    - "cholesky": A = L_c L_s^-1 with C = L L^T, lower triangular: red is made of red alone;
    - "pca": A = C_c^1/2 C_s^-1/2, which takes the style's own axes away and puts the content's in;
    - "symmetric": A = C_s^-1/2 (C_s^1/2 C_c C_s^1/2)^1/2 C_s^-1/2, which is symmetric and moves
      the colors by least (optimal transport, [Pitié & Kokaram 2007]).

    [Gatys et al. 2016, "Preserving Color in Neural Artistic Style Transfer"] use the first two.
    `SPREAD` is added to the variances of both pictures, so that a gray style picture
    (C_s of rank 1) has an A; what has no color is not given any by it.

    Parameters
    ----------
    style, content : (H, W, 3) float32 or float64, 0..255
        Of any two sizes.
    how : {"cholesky", "pca", "symmetric"}

    Returns
    -------
    (H, W, 3) array, dtype of style

    Raises
    ------
    InputError
        If there is no such way.
    """
    if how not in MATCHES:
        raise unknown_name("way to match colors", how, tuple(MATCHES))
    mu_s, C_s = color_moments(style)
    mu_c, C_c = color_moments(content)
    A = MATCHES[how](C_s, C_c)  # (3, 3)
    return ((style - mu_s) @ A.T + mu_c).astype(style.dtype)


def color_moments(x: Image) -> tuple[Array, Array]:
    """Mean color (3,) and covariance of the colors (3, 3), `SPREAD` included, in float64."""
    colors = x.reshape(-1, 3).astype(np.float64)
    d = colors - colors.mean(axis=0)  # (H W, 3)
    return colors.mean(axis=0), d.T @ d / len(d) + SPREAD * np.eye(3)


def power(C: Array, exponent: float) -> Array:
    """C^exponent of a symmetric positive definite matrix, by its eigenvalues."""
    eigenvalues, U = np.linalg.eigh(C)
    return (U * eigenvalues**exponent) @ U.T


def by_cholesky(C_s: Array, C_c: Array) -> Array:
    """A = L_c L_s^-1."""
    return np.linalg.cholesky(C_c) @ np.linalg.inv(np.linalg.cholesky(C_s))


def by_pca(C_s: Array, C_c: Array) -> Array:
    """A = C_c^1/2 C_s^-1/2."""
    return power(C_c, 1 / 2) @ power(C_s, -1 / 2)


def by_symmetric_root(C_s: Array, C_c: Array) -> Array:
    """A = C_s^-1/2 (C_s^1/2 C_c C_s^1/2)^1/2 C_s^-1/2."""
    root, inverse = power(C_s, 1 / 2), power(C_s, -1 / 2)
    return inverse @ power(root @ C_c @ root, 1 / 2) @ inverse


MATCHES = {"cholesky": by_cholesky, "pca": by_pca, "symmetric": by_symmetric_root}
