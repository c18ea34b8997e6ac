"""How good a result is, in four figures: style, content, grain and color.

All take red, green, blue, 0..255, (H, W, 3). For each, 0 is best.
"""

import numpy as np
from scipy import ndimage

from nst_numpy import gram, vgg
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS
from nst_numpy.utils.types import Array, ByLayer, Image
from nst_numpy.vgg import Network

FLAT = 0.3  # share of a picture's pixels that count as flat
DIRECTIONS = 32  # of the sliced Wasserstein distance
QUANTILES = (np.arange(512) + 0.5) / 512
WHITE = np.array([0.95047, 1.0, 1.08883])  # D65
RGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)


def squared(u: Array, v: Array | float = 0.0) -> float:
    """|u - v|^2 in float64."""
    return float(np.sum(np.square(u - v), dtype=np.float64))


def taps(yardstick: Network, picture: Image) -> ByLayer:
    """F of the style layers and of conv4_2; average pooling, reflection padding."""
    layers = {*PAPER_STYLE_LAYERS, "conv4_2"}
    return vgg.forward(yardstick, picture.astype(np.float32), layers, "average", "reflect")[0]


def style_and_content(
    yardstick: Network, x: Image, content: Image, style: Image
) -> tuple[float, float]:
    """Distance to the painting's Gram matrices and to the photograph's features.

        style   = mean over the five style layers of |G_x - G_a|^2 / |G_p - G_a|^2
        content = |F_x - P|^2 / |P|^2 at conv4_2

    Gram matrices are per position. The photograph itself has style 1 and content 0.
    """
    F_x, F_p, F_a = (taps(yardstick, picture) for picture in (x, content, style))
    layers = PAPER_STYLE_LAYERS
    G_x, G_p, G_a = ({l: gram(F[l]) / F[l].shape[1] for l in layers} for F in (F_x, F_p, F_a))
    styles = [squared(G_x[l], G_a[l]) / squared(G_p[l], G_a[l]) for l in layers]
    P = F_p["conv4_2"]
    return float(np.mean(styles)), squared(F_x["conv4_2"], P) / squared(P)


def lab(x: Image) -> Image:
    """CIE L*a*b* of sRGB, (H, W, 3) -> (H, W, 3)."""
    v = np.clip(x, 0, 255) / 255
    linear = np.where(v > 0.04045, ((v + 0.055) / 1.055) ** 2.4, v / 12.92)
    xyz = linear @ RGB_TO_XYZ.T / WHITE
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz * (29 / 6) ** 2 / 3 + 4 / 29)
    X, Y, Z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * Y - 16, 500 * (X - Y), 200 * (Y - Z)], axis=-1)


def highest_octave(a: Array) -> Array:
    """What a binomial filter of five pixels removes, per channel."""
    kernel = np.array([1, 4, 6, 4, 1]) / 16
    blurred = ndimage.convolve1d(ndimage.convolve1d(a, kernel, axis=0), kernel, axis=1)
    return a - blurred


def flat(x: Image) -> Array:
    """Mask of the flattest `FLAT` of the pixels: the lightness varies least around them."""
    L = lab(x)[..., 0]
    mean = ndimage.uniform_filter(L, 9)
    variance = ndimage.uniform_filter(L * L, 9) - mean**2
    return variance <= np.quantile(variance, FLAT)


def chroma_grain(x: Image, mask: Array) -> float:
    """Mean square of the highest octave of a* and b* under a mask."""
    return float(np.mean(highest_octave(lab(x)[..., 1:])[mask] ** 2))


def grain(x: Image, content: Image, style: Image) -> float:
    """Color noise of a result where the photograph is flat.

    The energy of the chroma's highest octave in the flat areas of the photograph, divided by the
    sum of the photograph's energy there and the painting's in its own flat areas.
    """
    mask = flat(content)
    before = chroma_grain(content, mask) + chroma_grain(style, flat(style))
    return chroma_grain(x, mask) / before


def color(x: Image, style: Image) -> float:
    """Sliced Wasserstein distance of the colors to the painting's, in units of L*a*b*.

    For each of many directions in the space of colors, the mean distance between the sorted
    projections of both pictures' pixels.
    """
    directions = np.random.default_rng(0).standard_normal((3, DIRECTIONS))
    directions /= np.linalg.norm(directions, axis=0)
    one, other = (
        np.quantile(lab(picture).reshape(-1, 3) @ directions, QUANTILES, axis=0)
        for picture in (x, style)
    )
    return float(np.abs(one - other).mean())
