"""Read region masks from pictures of flat colors, and turn them into one channel per region.

Each color of a mask picture is one region. Regions of the content mask and of the style mask with
the same color belong together. Indexed, gray and RGB pictures are all read by color, because the
order of a palette depends on the program that wrote the file.
"""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from nst_numpy.images.open_image import open_image
from nst_numpy.images.picture_header import picture_header
from nst_numpy.images.read import read_stored_colors
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import Array, File, Labels

MAX_REGIONS = 16  # a picture with more colors is a photograph, or a mask saved as JPEG
SIMILAR = 12  # levels; JPEG changes flat colors by less near edges
MAY_BE_LOSSLESS = ("AVIF", "WEBP", "JPEG2000")
LOSSY = ("JPEG", "MPO", *MAY_BE_LOSSLESS)


def read_labels(path: File) -> Labels:
    """Read a mask; each pixel gets the label 65536 R + 256 G + B.

    The colors are those that the file stores. A color profile is not applied, because it would
    turn equal colors of two masks into different ones; a `Notice` says so.

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
        If the file is not a readable picture, has more than `MAX_REGIONS` colors, has more than
        8 bits per color, where the levels 1 and 2 would both become black, or has almost equal
        colors that JPEG made.
    """
    with open_image(path) as image:
        header = picture_header(image)
        if header.deep_color or image.mode.startswith(("I", "F")):
            raise InputError(
                f"The mask {path} has more than 8 bits per color: save it with 8 bits."
            )
        lossy = image.format if image.format in LOSSY else None
    colors = read_stored_colors(path).astype(np.int64)  # (H, W, 3)
    labels = colors @ (1 << 16, 1 << 8, 1)  # (H, W)
    _check_colors(path, np.unique(labels), lossy)
    return labels


def warn_about_profile(path: File) -> None:
    """Warn if a mask has a color profile, which `read_labels` ignores."""
    with open_image(path) as image:
        has_profile = "icc_profile" in image.info
    if has_profile:
        warn_user(
            f"The color profile of the mask {path} is ignored: regions are compared by the colors "
            "that the files store.",
            stacklevel=3,
        )


def _check_colors(path: File, labels: Labels, lossy: str | None) -> None:
    """Raise `InputError` if a mask has too many colors, or blurred ones."""
    count = len(labels)
    if lossy and (count > MAX_REGIONS or (lossy not in MAY_BE_LOSSLESS and _are_similar(labels))):
        raise InputError(
            f"The mask {path} has {count} colors, many of them almost equal, because {lossy} "
            "changes flat colors: in an image editor, reduce it to one flat color per region "
            "(indexed colors without dithering), and save it as PNG."
        )
    if count > MAX_REGIONS:
        raise InputError(
            f"The mask {path} has {count} colors; expected one flat color per region and "
            f"at most {MAX_REGIONS} regions. Draw it without soft edges, or reduce it to one "
            "indexed color per region without dithering; save it as PNG, not as JPEG."
        )


def _are_similar(labels: Labels) -> bool:
    """Whether two of the first colors differ by less than `SIMILAR` in each channel."""
    few = labels[:256]
    colors = np.stack([few >> 16, few >> 8 & 255, few & 255], axis=1)  # (R, 3)
    distance = np.abs(colors[:, None] - colors).max(axis=2)  # (R, R)
    return bool((distance + SIMILAR * np.eye(len(few)) < SIMILAR).any())


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
