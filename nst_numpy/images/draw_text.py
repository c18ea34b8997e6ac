"""Draw text as a picture: labels, and placeholders for missing pictures."""

import re
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from nst_numpy.utils.types import Picture

MIN_FONT_SIZE = 11  # pixels, the smallest readable size
CELL_TO_FONT = 14  # width of a cell divided by the font size
MARGIN = 3  # pixels of white around the text

Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def text_image(text: str, width: int, cell: int, color: str = "black") -> Image.Image:
    """Draw text on white, wrapped into lines.

    Parameters
    ----------
    text : str
    width : int
        Maximum width in pixels. A single word that is longer is split.
    cell : int
        Width in pixels of the cell that the text belongs to; determines the font size.
    color : str

    Returns
    -------
    PIL.Image.Image
        As narrow as the text allows.
    """
    font = ImageFont.load_default(max(MIN_FONT_SIZE, cell // CELL_TO_FONT))
    lines = "\n".join(wrapped(text, width - 2 * MARGIN, font))
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1))).multiline_textbbox
    full_height = "\n".join("Ag" for _ in lines.splitlines())  # so that adjacent labels align
    box = measure((0, 0), lines, font)[2], measure((0, 0), full_height, font)[3]
    width, height = (int(np.ceil(side)) + 2 * MARGIN for side in box)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.multiline_text((MARGIN, MARGIN), lines, color, font, align="center")
    return image


def placeholder_picture(text: str, width_height: tuple[int, int]) -> Picture:
    """A framed picture of a message, shown in place of a picture that could not be made.

    Parameters
    ----------
    text : str
    width_height : (int, int)

    Returns
    -------
    (height, width, 3) uint8 array
    """
    width, height = width_height
    words = text_image(text, width, width, "firebrick")
    page = Image.new("RGB", (width - 2, height - 2), "white")
    page.paste(words, ((page.width - words.width) // 2, max(0, (page.height - words.height) // 2)))
    return np.asarray(ImageOps.expand(page, 1, "firebrick"))


def wrapped(text: str, width: float, font: Font) -> Iterator[str]:
    """Split text into lines at spaces and after commas; split words that are too long."""
    line = ""
    for piece in re.findall(r"\s*[^\s,]*,|\s*[^\s,]+", text):
        if line and font.getlength(line + piece) > width:
            yield line
            line = ""
        line = line + piece if line else piece.lstrip()
        while len(line) > 1 and font.getlength(line) > width:
            fits = max(
                n for n in range(1, len(line)) if n == 1 or font.getlength(line[:n]) <= width
            )
            yield line[:fits]
            line = line[fits:]
    yield line
