"""Several pictures on one sheet."""

import numpy as np
from PIL import Image, ImageOps

from nst_numpy.pictures.resize import to_image

GAP = 6  # pixels of white between the cells


def sheet(rows, width_height, gap=GAP):
    """Lay pictures out in a grid.

    Parameters
    ----------
    rows : sequence of sequences of (H, W, 3) arrays, 0..255
        Each is scaled to fill its cell; what stands over is cut off on both sides alike.
    width_height : (int, int)
        Pixels of a cell.
    gap : int
        Pixels of white between the cells.

    Returns
    -------
    (H, W, 3) uint8 array
    """
    width, height = width_height
    columns = max(len(row) for row in rows)
    size = columns * (width + gap) - gap, len(rows) * (height + gap) - gap
    page = Image.new("RGB", size, "white")
    for i, row in enumerate(rows):
        for j, picture in enumerate(row):
            cell = ImageOps.fit(to_image(picture), (width, height), Image.Resampling.LANCZOS)
            page.paste(cell, (j * (width + gap), i * (height + gap)))
    return np.asarray(page)
