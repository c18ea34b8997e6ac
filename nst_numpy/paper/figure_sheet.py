"""The sheet of a figure: its checks, its memory, and its drawing from the pictures of the cells."""

import math
from pathlib import Path

from nst_numpy.images import (
    add_letter_and_inset,
    make_contact_sheet,
    placeholder_picture,
    read_picture,
    resize,
    scaled_size,
)
from nst_numpy.paper.figures import Figure, Place
from nst_numpy.runs.grid_cell import Cell, picture_path
from nst_numpy.transfer.memory_fit import too_large
from nst_numpy.utils.types import Array, File, Picture, Shape
from nst_numpy.vgg import Network

SHEET_BYTES = 28  # for each pixel: the pictures, the sheet, and the buffers to write it
LAYER_SETTINGS = ("layer", "layers", "content_layer", "style_layers")


def missing_layers(figure: Figure, network: Network) -> dict[str, list[str]]:
    """The layers that a cell needs and the network lacks, by the name of the cell."""
    missing = {}
    for cell in figure.cells:
        values = [cell.settings[name] for name in LAYER_SETTINGS if name in cell.settings]
        layers = [l for value in values for l in ([value] if isinstance(value, str) else value)]
        lacking = [l for l in layers if l not in network.weights]
        if lacking:
            missing[cell.name] = lacking
    return missing


def check_sheet(figure: Figure, shape: Shape, size: int, budget: float) -> None:
    """Refuse a sheet that needs more memory than the budget, before its pictures are made.

    Parameters
    ----------
    figure : Figure
    shape : (int, int)
        Height and width of the content.
    size : int
        Pixels of the longer side of a picture on the sheet.
    budget : float
        Bytes.

    Raises
    ------
    TooLarge
    """
    places = len(figure.rows) * max(len(row) for row in figure.rows)

    def bytes_at(size: int) -> float:
        return places * math.prod(scaled_size(size, shape)) * SHEET_BYTES

    if bytes_at(size) > budget:
        what = f"The sheet of {figure.name} with {places} pictures needs {{}} MB"
        raise too_large(what, "", bytes_at, range(1, size + 1), budget)


def draw_sheet(
    figure: Figure, messages: dict[str, str], folder: File, width_height: tuple[int, int]
) -> Picture:
    """Draw the sheet of a figure.

    Parameters
    ----------
    figure : Figure
    messages : dict of str to str
        What to show in place of the cells without a picture, by the name of the cell.
    folder : path
        The folder of the pictures.
    width_height : (int, int)
        Pixels of a picture on the sheet.

    Returns
    -------
    (H, W, 3) uint8 array
    """
    rows = [
        [_draw_place(place, figure, messages, Path(folder), width_height) for place in row]
        for row in figure.rows
    ]
    return make_contact_sheet(
        rows, width_height, column_labels=figure.column_labels, row_labels=figure.row_labels
    )


def _draw_place(
    place: Place,
    figure: Figure,
    messages: dict[str, str],
    folder: Path,
    width_height: tuple[int, int],
) -> Array | Picture:
    """The picture in one place of the sheet, with its letter and its painting."""
    key = place.name if isinstance(place, Cell) else place
    if isinstance(place, Cell) and place.name in messages:
        return placeholder_picture(messages[place.name], width_height)
    path = picture_path(folder, place.name) if isinstance(place, Cell) else place
    picture = read_picture(path)
    if key not in figure.tags:
        return picture
    letter, painting = figure.tags[key]
    inset = None if painting is None else read_picture(painting)
    return add_letter_and_inset(resize(picture, width_height), letter, inset)
