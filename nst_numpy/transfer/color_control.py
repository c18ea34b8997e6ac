"""Color control: the colors of the painting, as in the paper, or those of the photograph."""

from typing import NamedTuple

import numpy as np

from nst_numpy.images.color import gray, match_color, match_luminance
from nst_numpy.utils.errors import unknown_name
from nst_numpy.utils.types import Image

MATCH = {"match": "cholesky", "match-pca": "pca", "match-symmetric": "symmetric"}
COLORS = ("keep", *MATCH, "luminance")


class Recolored(NamedTuple):
    """The pictures of a job after the color control.

    Attributes
    ----------
    p : (H, W, 3) array, 0..255
        Content image as the network sees it.
    styles : list of (H, W, 3) arrays
        Style images as the network sees them.
    chroma : (H, W, 3) array or None
        The picture whose chroma the result gets in the end (`nst_numpy.images.color.keep_color`).
    """

    p: Image
    styles: list[Image]
    chroma: Image | None


def recolored(color: str | None, p: Image, styles: list[Image]) -> Recolored:
    """The pictures that a job works on.

    There are three ways to keep the photograph's colors [Gatys et al. 2016, "Preserving Color in
    Neural Artistic Style Transfer"]:

    - "keep": transfer as without color control, then restore the photograph's chroma;
    - "match": first give the style the photograph's mean color and covariance (by Cholesky's
      roots; "match-pca" and "match-symmetric" by others, see `match_color`);
    - "luminance": work on luminance alone (`gray_derivative`), then restore the photograph's
      chroma.

    Departs from Gatys et al.: in the paper the result has the style's colors, as with None.

    Parameters
    ----------
    color : str or None
    p : (H, W, 3) array, 0..255
        Content image.
    styles : list of (H, W, 3) arrays

    Returns
    -------
    Recolored

    Raises
    ------
    InputError
        If the color control is unknown.
    """
    if color is None:
        return Recolored(p, styles, None)
    if color not in COLORS:
        raise unknown_name("color", color, COLORS)
    if color in MATCH:
        return Recolored(p, [match_color(a, p, MATCH[color]) for a in styles], None)
    if color == "luminance":
        return Recolored(gray(p), [match_luminance(a, p) for a in styles], p)
    return Recolored(p, styles, p)


def gray_derivative(dL_dx: Image) -> Image:
    """Derivative of a loss of gray pictures x = g (1, 1, 1), projected onto gray pictures.

        dL/dg = sum of dL/dx over the channels

    A third of it in each channel is the projection of dL/dx. Every step of an optimizer is made of
    such derivatives, so an image that starts gray stays gray.

    Parameters
    ----------
    dL_dx : (H, W, 3) array

    Returns
    -------
    (H, W, 3) array, same dtype
    """
    return np.repeat(dL_dx.mean(axis=2, keepdims=True), 3, axis=2)
