"""Words on pictures."""

import re
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFont, ImageOps

from nst_numpy.utils.types import Picture

SMALLEST = 11  # pixels that letters are high at least, to be read
PER_CELL = 14  # letters of a cell's height that its width holds
PAD = 3  # pixels of white around


def text_image(text: str, width: int, cell: int, color: str = "black") -> Image.Image:
    """Words as a Pillow image, as narrow as they are, broken into lines of at most ``width``.

    Parameters
    ----------
    text : str
    width : int
        Pixels of the longest line; a single word that is longer is cut into pieces.
    cell : int
        Pixels of the width of the cell that they belong to; decides how large they are.
    color : str

    Returns
    -------
    PIL.Image.Image
    """
    font = ImageFont.load_default(max(SMALLEST, cell // PER_CELL))
    lines = "\n".join(wrapped(text, width - 2 * PAD, font))
    measure = ImageDraw.Draw(Image.new("RGB", (1, 1))).multiline_textbbox
    alike = "\n".join("Ag" for _ in lines.splitlines())  # so that labels side by side are level
    box = measure((0, 0), lines, font)[2], measure((0, 0), alike, font)[3]
    width, height = (int(np.ceil(side)) + 2 * PAD for side in box)
    image = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(image)
    draw.multiline_text((PAD, PAD), lines, color, font, align="center")
    return image


def placeholder_picture(text: str, width_height: tuple[int, int]) -> Picture:
    """A picture that stands for one that is not there, and says why: (H, W, 3) uint8."""
    width, height = width_height
    words = text_image(text, width, width, "firebrick")
    page = Image.new("RGB", (width - 2, height - 2), "white")
    page.paste(words, ((page.width - words.width) // 2, max(0, (page.height - words.height) // 2)))
    return np.asarray(ImageOps.expand(page, 1, "firebrick"))


def wrapped(text: str, width: float, font: Any) -> Iterator[str]:
    """Break text at spaces and behind commas, and words that are too long where they must be."""
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
