"""Whose colors the result has: the painting's, as in the paper, or the photograph's."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np

from nst_numpy.images.color import gray, keep_color, match_color, match_luminance
from nst_numpy.utils.errors import unknown_name
from nst_numpy.utils.types import Array, Image, Objective, Prepare, Terms

MATCH = {"match": "cholesky", "match-pca": "pca", "match-symmetric": "symmetric"}
COLORS = ("keep", *MATCH, "luminance")


def recolored(
    color: str | None, p: Image, styles: list[Image]
) -> tuple[Image, list[Image], Callable[[Image], Image] | None]:
    """The pictures that a job works on, and what is done with its result.

    Three ways to the photograph's colors [Gatys et al. 2016, "Preserving Color in Neural Artistic
    Style Transfer"]:

    - "keep": transfer as ever, then put the photograph's chroma back;
    - "match": give the style the photograph's mean color and covariance before (by Cholesky's
      roots; "match-pca" and "match-symmetric" by others, see `match_color`);
    - "luminance": see nothing but luminance (`only_gray`), then put the photograph's chroma back.

    Departs from Gatys et al.: in the paper the result has the style's colors, as with None.

    Parameters
    ----------
    color : str or None
    p : (H, W, 3) array, 0..255
        Content image.
    styles : list of (H, W, 3) arrays

    Returns
    -------
    p, styles
        As the network shall see them.
    finish : callable or None
        From the image that was found to the result, (H, W, 3) both; not clipped.
    """
    if color is None:
        return p, styles, None
    if color not in COLORS:
        raise unknown_name("color", color, COLORS)
    if color in MATCH:
        return p, [match_color(a, p, MATCH[color]) for a in styles], None
    if color == "luminance":
        styles = [match_luminance(a, p) for a in styles]
    return gray(p) if color == "luminance" else p, styles, partial(keep_color, content=p)


def only_gray(prepare: Prepare) -> Prepare:
    """A job on gray pictures alone: its loss with the same value, its derivative without color.

        x = g (1, 1, 1)        dL/dg = sum of dL/dx over the channels

    A third of it in each channel is dL/dx projected onto the gray pictures; as every step is made
    of such derivatives, what starts gray stays gray, and the optimizer has found g.

    Parameters
    ----------
    prepare : callable
        ``prepare() -> f`` and ``f(x) -> (L, dL_dx, terms)``, as of `nst_numpy.transfer.optimization.run`.
    """

    def prepare_gray() -> Objective:
        loss = prepare()

        def projected(x: Array, **only: Any) -> tuple[float, Array, Terms]:
            L, dL_dx, terms = loss(x, **only)
            return L, np.repeat(dL_dx.mean(axis=2, keepdims=True), 3, axis=2), terms

        return projected

    return prepare_gray
