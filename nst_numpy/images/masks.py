"""Read region masks from pictures of flat colors, and turn them into one channel per region.

Each color of a mask picture is one region. Regions of the content mask and of the style mask with
the same color belong together. Indexed, gray and RGB pictures are all read by color, because the
order of a palette depends on the program that wrote the file.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from nst_numpy.images.read import open_image, read_picture
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, File, Labels

MAX_REGIONS = 16  # a picture with more colors is a photograph, or a mask saved as JPEG


def read_labels(path: File) -> Labels:
    """Read a mask; each pixel gets the label 65536 R + 256 G + B.

    Parameters
    ----------
    path : str or path
        A picture of a few flat colors in a lossless format: PNG, GIF, TIFF, BMP.

    Returns
    -------
    labels : (H, W) int64 array

    Raises
    ------
    InputError
        If the file is not a readable picture, has more than `MAX_REGIONS` colors, or is
        16-bit gray, where the levels 1 and 2 would both become black.
    """
    colors = read_picture(path).astype(np.int64)  # (H, W, 3)
    with open_image(path) as image:
        if image.mode.startswith(("I", "F")):
            raise InputError(
                f"The mask {path} has more than 8 bits per color: save it with 8 bits."
            )
    labels = colors @ (1 << 16, 1 << 8, 1)  # (H, W)
    count = len(np.unique(labels))
    if count > MAX_REGIONS:
        raise InputError(
            f"The mask {path} has {count} colors; expected one flat color per region and at most "
            f"{MAX_REGIONS} regions. Draw it without soft edges and save it as PNG, not as JPEG."
        )
    return labels


def resize_labels(labels: Labels, width_height: tuple[int, int]) -> Labels:
    """Scale labels (H, W) to (height, width) by nearest-neighbor interpolation."""
    image = Image.fromarray(labels.astype(np.int32))
    return np.asarray(image.resize(width_height, Image.Resampling.NEAREST), np.int64)


def common_labels(content: Labels, style: Labels) -> list[int]:
    """Sorted labels of two masks, which must have the same labels.

    Parameters
    ----------
    content, style : (H, W) int array
        Of any sizes, see `read_labels`.

    Returns
    -------
    list of int

    Raises
    ------
    InputError
        If one mask has a label that the other mask lacks. The message names it.
    """
    of_content, of_style = set(np.unique(content).tolist()), set(np.unique(style).tolist())
    for extra, has, lacks in (
        (of_content - of_style, "content", "style"),
        (of_style - of_content, "style", "content"),
    ):
        if extra:
            names = ", ".join(color_name(label) for label in sorted(extra))
            raise InputError(
                f"The {has} mask has regions that the {lacks} mask lacks: {names}. Draw each "
                "region in both masks with the same color."
            )
    return sorted(of_content)


def color_name(label: int) -> str:
    """The color of a label in the notation #rrggbb."""
    return f"#{label:06x}"


def masks(labels: Labels, known: Sequence[int]) -> Array:
    """One channel per region, 1 inside of the region and 0 outside.

    Parameters
    ----------
    labels : (H, W) int array
    known : sequence of R int
        The labels of the regions, see `common_labels`.

    Returns
    -------
    (H, W, R) float64 array
    """
    return (labels[:, :, None] == np.asarray(known)).astype(np.float64)
