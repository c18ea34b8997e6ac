"""The figures of the paper, each as a grid of jobs and a sheet."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from nst_numpy.images import (
    add_letter_and_inset,
    make_contact_sheet,
    placeholder_picture,
    read_picture,
    resize,
    scaled_size,
)
from nst_numpy.paper.reconstructions import reconstruct_content, reconstruct_style
from nst_numpy.sweeps import Cell
from nst_numpy.sweeps.cell_files import picture_path
from nst_numpy.transfer.memory_fit import too_large
from nst_numpy.transfer.stylize import STYLE_LAYERS, stylize
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, File, Picture, Shape
from nst_numpy.vgg import Network

RATIOS = (1e-5, 1e-4, 1e-3, 1e-2)  # the columns of Fig. 3
SHEET = 28  # bytes a pixel: the pictures, the sheet they are put on, and its way to the file
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PANELS = 3  # pictures in a row of Fig. 2, at most
# Departs from Gatys et al.: eq. 7 has a factor of the sum, here of the mean (`paper_loss`).
RATIO_NOTE = (
    "ratio is alpha/beta with the content loss per element of its features, alpha = ratio beta / "
    "(N M), where the paper's is of the sum, so that a ratio means the same at every size."
)
LAYERS = ("layer", "layers", "content_layer", "style_layers")  # settings that name layers

Place: TypeAlias = Cell | File


@dataclass(frozen=True)
class Figure:
    """A figure of the paper.

    Attributes
    ----------
    name : str
    rows : list of list of Cell or path
        What stands where on the sheet; a path is a picture that is shown as it is.
    note : str
        What to know when it is compared with the paper's.
    above, beside : list of str
        Labels of the columns and rows.
    tags : dict of Cell.name or path to (str, path or None)
        The letter of a picture and what is shown small in its corner.
    """

    name: str
    rows: Sequence[Sequence[Place]]
    note: str
    above: list[str] = field(default_factory=list)
    beside: list[str] = field(default_factory=list)
    tags: dict[File, tuple[str, File | None]] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        return [place for row in self.rows for place in row if isinstance(place, Cell)]


def figure1(content: File, style: File, **settings: Any) -> Figure:
    """Style above, content below: reconstructions from conv1_1, ..., conv5_1 [Fig. 1].

    Parameters
    ----------
    content, style : path
    **settings
        Of `nst_numpy.paper.reconstructions`.

    Returns
    -------
    Figure
    """
    style_row, content_row = [], []
    for l, layers in zip(STYLE_LAYERS, _cumulative(), strict=True):
        job = {"picture": style, "layers": layers, **settings}
        style_row.append(Cell(f"figure1-style-{l}", reconstruct_style, job))
        job = {"picture": content, "layer": l, **settings}
        content_row.append(Cell(f"figure1-content-{l}", reconstruct_content, job))
    return Figure(
        "figure1",
        [style_row, content_row],
        "The style is reconstructed from all layers of the row up to the one named, the content "
        "from the one named alone.",
        list(STYLE_LAYERS),
        ["style, from the layers up to", "content, from the layer"],
    )


def figure2(content: File, styles: Sequence[File], **settings: Any) -> Figure:
    """The photograph (A) and the photograph in several styles, each with its painting [Fig. 2].

    Parameters
    ----------
    content : path
    styles : sequence of path
    **settings
        Of `nst_numpy.transfer.stylize.stylize`.

    Returns
    -------
    Figure
    """
    if len(styles) >= len(LETTERS):
        raise InputError(f"Figure 2 has room for {len(LETTERS) - 1} styles, got {len(styles)}.")
    places: list[Place] = [content]
    tags: dict[File, tuple[str, File | None]] = {content: (LETTERS[0], None)}
    for letter, style in zip(LETTERS[1:], styles, strict=False):
        job = {"content": content, "style": style, **settings}
        cell = Cell(f"figure2-{letter}-{Path(style).stem}", stylize, job)
        places.append(cell)
        tags[cell.name] = letter, style
    columns = min(PANELS, len(places))
    rows = [places[i : i + columns] for i in range(0, len(places), columns)]
    return Figure("figure2", rows, RATIO_NOTE, tags=tags)


def figure3(
    content: File, style: File, ratios: Sequence[float] = RATIOS, **settings: Any
) -> Figure:
    """More style layers from row to row, more content from column to column [Fig. 3].

    Parameters
    ----------
    content, style : path
    ratios : sequence of float
        alpha / beta of the columns.
    **settings
        Of `nst_numpy.transfer.stylize.stylize`, without ratio, style_layers and style_weights.

    Returns
    -------
    Figure
    """
    rows = []
    for layers in _cumulative():
        job = {"content": content, "style": style, "style_layers": layers, **settings}
        rows.append(
            [
                Cell(f"figure3-{layers[-1]}-{ratio:g}", stylize, {**job, "ratio": ratio})
                for ratio in ratios
            ]
        )
    above = [np.format_float_scientific(ratio, trim="-", exp_digits=1) for ratio in ratios]
    above[0] = f"alpha/beta {above[0]}"
    beside = [f"{'up to ' if i else ''}{l}" for i, l in enumerate(STYLE_LAYERS)]
    return Figure("figure3", rows, RATIO_NOTE, above, beside)


def _cumulative() -> list[tuple[str, ...]]:
    """(conv1_1,), (conv1_1, conv2_1), ..."""
    return [STYLE_LAYERS[: n + 1] for n in range(len(STYLE_LAYERS))]


def missing_layers(figure: Figure, network: Network) -> dict[str, list[str]]:
    """{name of a cell: its layers that the network has not}, for cells that cannot be made."""
    missing = {}
    for cell in figure.cells:
        wanted = [cell.settings[name] for name in LAYERS if name in cell.settings]
        layers = [l for w in wanted for l in ([w] if isinstance(w, str) else w)]
        lacking = [l for l in layers if l not in network.weights]
        if lacking:
            missing[cell.name] = lacking
    return missing


def check_sheet(figure: Figure, shape: Shape, size: int, budget: float) -> None:
    """Refuse a sheet that takes more memory than there is, before its pictures are made.

    Parameters
    ----------
    figure : Figure
    shape : (int, int)
        Height and width of the content.
    size : int
        Pixels of a cell's longer side.
    budget : float
        Bytes.
    """
    places = len(figure.rows) * max(len(row) for row in figure.rows)

    def bytes_at(size: int) -> float:
        return places * math.prod(scaled_size(size, shape)) * SHEET

    if bytes_at(size) > budget:
        what = f"The sheet of {figure.name} with {places} pictures needs {{}} MB"
        raise too_large(what, "", bytes_at, range(1, size + 1), budget)


def draw(
    figure: Figure, why_not: dict[str, str], folder: File, width_height: tuple[int, int]
) -> Picture:
    """The finished sheet.

    Parameters
    ----------
    figure : Figure
    why_not : dict of str to str
        Sentences for the cells that are not there, by name.
    folder : path
        Where the pictures of the others lie.
    width_height : (int, int)
        Pixels of a cell.

    Returns
    -------
    (H, W, 3) uint8 array
    """

    def shown(place: Place) -> Array | Picture:
        name, path = (place, place) if not isinstance(place, Cell) else (place.name, None)
        if name in why_not:
            return placeholder_picture(why_not[str(name)], width_height)
        picture = read_picture(path or picture_path(folder, str(name)))
        if name not in figure.tags:
            return picture
        letter, painting = figure.tags[name]
        inset = None if painting is None else read_picture(painting)
        return add_letter_and_inset(resize(picture, width_height), letter, inset)

    rows = [[shown(place) for place in row] for row in figure.rows]
    return make_contact_sheet(
        rows, width_height, column_labels=figure.above, row_labels=figure.beside
    )
