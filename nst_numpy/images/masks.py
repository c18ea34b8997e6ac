"""Regions: one picture of flat colors in, masks of each region at each layer's size out.

Every color of a mask is a region; the same color in the content's and in the style's mask belongs
together. Indexed, gray and RGB pictures are all read by color, because the indices of
a palette are the program's that wrote it and not the person's that drew it.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from nst_numpy.images.read import open_image, read_picture
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, File, Labels

MOST = 16  # regions; more colors than that are a photograph, or a mask saved as JPEG


def read_labels(path: File) -> Labels:
    """Read a mask: the color of each pixel as one number, 65536 R + 256 G + B.

    Parameters
    ----------
    path : str or path
        A picture of few flat colors in a format without loss: PNG, GIF, TIFF, BMP.

    Returns
    -------
    labels : (H, W) int64 array

    Raises
    ------
    InputError
        If it is no picture that can be read, has more than `MOST` colors, or is of 16-bit gray,
        whose levels 1 and 2 would both be black.
    """
    colors = read_picture(path).astype(np.int64)  # (H, W, 3)
    with open_image(path) as image:
        if image.mode.startswith(("I", "F")):
            raise InputError(f"The mask {path} has more than 8 bits a color: save it with 8.")
    labels = colors @ (1 << 16, 1 << 8, 1)  # (H, W)
    number = len(np.unique(labels))
    if number > MOST:
        raise InputError(
            f"The mask {path} has {number} colors; expected one flat color for each region, at "
            f"most {MOST}. Draw it without soft edges and save it as PNG, not as JPEG."
        )
    return labels


def resize_labels(labels: Labels, width_height: tuple[int, int]) -> Labels:
    """Scale labels (H, W) to (height, width); each pixel takes the nearest label, none is mixed."""
    image = Image.fromarray(labels.astype(np.int32))
    return np.asarray(image.resize(width_height, Image.Resampling.NEAREST), np.int64)


def common_labels(content: Labels, style: Labels) -> list[int]:
    """The labels of two masks, which must be the same ones, sorted.

    Parameters
    ----------
    content, style : (H, W) int array
        Of any two sizes, see `read_labels`.

    Returns
    -------
    list of int

    Raises
    ------
    InputError
        If one of the masks has labels that the other one has not; the message says which.
    """
    of_content, of_style = set(np.unique(content).tolist()), set(np.unique(style).tolist())
    for more, has, has_not in (
        (of_content - of_style, "content", "style"),
        (of_style - of_content, "style", "content"),
    ):
        if more:
            names = ", ".join(color_name(label) for label in sorted(more))
            raise InputError(
                f"The {has} mask has regions that the {has_not} mask has not: {names}. Draw them "
                "in both, with the same colors."
            )
    return sorted(of_content)


def color_name(label: int) -> str:
    """A label as people write colors: #rrggbb."""
    return f"#{label:06x}"


def masks(labels: Labels, known: Sequence[int]) -> Array:
    """One channel for each region, 1 where it is and 0 elsewhere: (H, W, R) float64.

    Parameters
    ----------
    labels : (H, W) int array
    known : sequence of R int
        See `common_labels`.
    """
    return (labels[:, :, None] == np.asarray(known)).astype(np.float64)
