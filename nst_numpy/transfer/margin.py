"""The margin around a picture that keeps the rim of zero padding outside of the result."""

import numpy as np

from nst_numpy.utils.types import Array

MARGIN = 16  # pixels on each side


def margin_of(padding: str) -> int:
    """Pixels by which a job extends its pictures: none if the convolutions pad with the picture.

    How far the outermost pixels stand out, as the mean step from them to their neighbors divided
    by the mean step inside, at 160 pixels: 0.8 with zero padding and the margin, 1.0 with zero
    padding alone, 1.3 with reflect and with replicate (`benchmarks/rim.py`).
    """
    return MARGIN if padding == "zero" else 0


def extend(x: Array, margin: int = MARGIN) -> Array:
    """Extend a picture (H, W, 3) by its mirror image on each side: (H + 32, W + 32, 3).

    Departs from Gatys et al.: with zero padding the network sees an edge at the border that no
    picture has, and the result gets a colored rim. The job therefore works on extended pictures,
    and `crop` removes the margin with the rim.
    """
    return np.pad(x, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")


def crop(x: Array, margin: int = MARGIN) -> Array:
    """Remove the margin that `extend` added; a margin of 0 returns all of x."""
    return x[margin : x.shape[0] - margin, margin : x.shape[1] - margin]
