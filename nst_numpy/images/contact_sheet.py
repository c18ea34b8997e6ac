"""Arrange several pictures in one labeled picture."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageOps

from nst_numpy.images.draw_text import text_image
from nst_numpy.images.resize import to_image
from nst_numpy.utils.types import Picture

GAP = 6  # pixels of white between the cells


def make_contact_sheet(
    rows: Sequence[Sequence[npt.NDArray[Any]]],
    width_height: tuple[int, int],
    gap: int = GAP,
    column_labels: Sequence[str] = (),
    row_labels: Sequence[str] = (),
) -> Picture:
    """Arrange pictures in a grid.

    Parameters
    ----------
    rows : sequence of sequences of (H, W, 3) arrays, 0..255
        Each picture is scaled to fill its cell and cropped equally on both sides.
    width_height : (int, int)
        Size of a cell in pixels.
    gap : int
        Pixels of white between the cells.
    column_labels, row_labels : sequence of str
        Labels above the columns and to the left of the rows.

    Returns
    -------
    (H, W, 3) uint8 array

    Examples
    --------
    >>> red, blue = np.full((20, 30, 3), (255, 0, 0)), np.full((20, 30, 3), (0, 0, 255))
    >>> make_contact_sheet([[red, blue]], (30, 20), gap=6).shape
    (20, 66, 3)
    """
    width, height = width_height
    heads = [text_image(text, width, width) for text in column_labels]
    sides = [text_image(text, width, width) for text in row_labels]
    sides = [side.crop((0, 0, side.width, min(side.height, height))) for side in sides]
    top = max((head.height + gap for head in heads), default=0)
    left = max((side.width + gap for side in sides), default=0)
    columns = max(len(heads), *(len(row) for row in rows))
    size = left + columns * (width + gap) - gap, top + len(rows) * (height + gap) - gap
    page = Image.new("RGB", size, "white")
    for j, head in enumerate(heads):
        x = left + j * (width + gap)
        page.paste(head, (x + (width - head.width) // 2, top - gap - head.height))
    for i, side in enumerate(sides):
        y = top + i * (height + gap)
        page.paste(side, (left - gap - side.width, y + (height - side.height) // 2))
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            cell = ImageOps.fit(to_image(picture), (width, height), Image.Resampling.LANCZOS)
            page.paste(cell, (left + j * (width + gap), top + i * (height + gap)))
    return np.asarray(page)


def add_letter_and_inset(
    picture: npt.NDArray[Any], letter: str, inset: npt.NDArray[Any] | None, share: float = 0.3
) -> Picture:
    """Draw a letter in the upper left corner of a picture and a small picture in the lower left.

    Parameters
    ----------
    picture : (H, W, 3) array, 0..255
    letter : str
    inset : (H', W', 3) array, 0..255, or None
        The small picture, if any.
    share : float
        Width of the inset relative to the width of the picture.

    Returns
    -------
    (H, W, 3) uint8 array
    """
    page = to_image(picture)
    page.paste(text_image(letter, page.width, page.width), (0, 0))
    if inset is not None:
        small = to_image(inset)
        small.thumbnail((share * page.width, share * page.height), Image.Resampling.LANCZOS)
        framed = ImageOps.expand(small, 2, "white")
        page.paste(framed, (0, page.height - framed.height))
    return np.asarray(page)
