"""Figures 1 to 3 of the paper as grids of jobs."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

import numpy as np

from nst_numpy.paper.reconstructions import reconstruct_content, reconstruct_style
from nst_numpy.runs.grid_cell import Cell
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File, Settings

# The columns of Fig. 3. Departs from Gatys et al.: a thousand times the paper's, 1e-5 to 1e-2. With
# the network that ships and white noise as start, they lead from the style to the photograph.
RATIOS = (1e-2, 1e-1, 1.0, 10.0)
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
MAX_COLUMNS = 3  # of Fig. 2
# Departs from Gatys et al.: the content loss of eq. 1 is a sum, here alpha weighs its mean.
RATIO_NOTE = (
    "ratio is alpha/beta for the content loss per element of its features: alpha = ratio beta / "
    "(N M). The paper weighs the sum. With the mean, a ratio has the same effect at every size."
)

Place: TypeAlias = Cell | File


@dataclass(frozen=True)
class Figure:
    """A figure of the paper.

    Attributes
    ----------
    name : str
    rows : sequence of sequence of Cell or path
        The arrangement on the sheet. A path is a picture that is shown unchanged.
    note : str
        What to know when comparing it with the figure in the paper.
    column_labels, row_labels : list of str
    tags : dict of Cell.name or path to (str, path or None)
        The letter in the corner of a picture, and the small picture in its other corner.
    """

    name: str
    rows: Sequence[Sequence[Place]]
    note: str
    column_labels: list[str] = field(default_factory=list)
    row_labels: list[str] = field(default_factory=list)
    tags: dict[File, tuple[str, File | None]] = field(default_factory=dict)

    @property
    def cells(self) -> list[Cell]:
        """The jobs of the figure, row by row."""
        return [place for row in self.rows for place in row if isinstance(place, Cell)]


def figure1(content: File, style: File, settings: Settings | None = None) -> Figure:
    """Reconstructions from conv1_1, ..., conv5_1: style above, content below [Fig. 1].

    Parameters
    ----------
    content, style : path
    settings : dict, optional
        Of `nst_numpy.paper.reconstructions`.

    Returns
    -------
    Figure
    """
    style_row, content_row = [], []
    for l, layers in zip(PAPER_STYLE_LAYERS, _cumulative_layers(), strict=True):
        job = {"picture": style, "layers": layers, **(settings or {})}
        name = f"figure1-style-{l}"
        style_row.append(Cell(name, "reconstruct_style", reconstruct_style, job))
        job = {"picture": content, "layer": l, **(settings or {})}
        name = f"figure1-content-{l}"
        content_row.append(Cell(name, "reconstruct_content", reconstruct_content, job))
    return Figure(
        "figure1",
        [style_row, content_row],
        "The style is reconstructed from all layers of the row up to the labeled one, the content "
        "from the labeled layer alone.",
        list(PAPER_STYLE_LAYERS),
        ["style, from the layers up to", "content, from the layer"],
    )


def figure2(content: File, styles: Sequence[File], settings: Settings | None = None) -> Figure:
    """The photograph (A), and the photograph in several styles with their paintings [Fig. 2].

    Parameters
    ----------
    content : path
    styles : sequence of path
    settings : dict, optional
        Of `nst_numpy.stylize`.

    Returns
    -------
    Figure

    Raises
    ------
    InputError
        If there are more styles than letters.
    """
    if len(styles) >= len(LETTERS):
        raise InputError(f"Figure 2 shows at most {len(LETTERS) - 1} styles, got {len(styles)}.")
    places: list[Place] = [content]
    tags: dict[File, tuple[str, File | None]] = {content: (LETTERS[0], None)}
    for letter, style in zip(LETTERS[1:], styles, strict=False):
        job = {"content": content, "style": style, **(settings or {})}
        cell = Cell(f"figure2-{letter}-{Path(style).stem}", "stylize", stylize, job)
        places.append(cell)
        tags[cell.name] = letter, style
    columns = min(MAX_COLUMNS, len(places))
    rows = [places[i : i + columns] for i in range(0, len(places), columns)]
    return Figure("figure2", rows, RATIO_NOTE, tags=tags)


def figure3(
    content: File,
    style: File,
    settings: Settings | None = None,
    ratios: Sequence[float] = RATIOS,
) -> Figure:
    """More style layers from row to row, more content from column to column [Fig. 3].

    Parameters
    ----------
    content, style : path
    settings : dict, optional
        Of `nst_numpy.stylize`, without ratio, style_layers and style_weights.
    ratios : sequence of float
        alpha / beta of the columns.

    Returns
    -------
    Figure
    """
    rows = []
    for layers in _cumulative_layers():
        job = {"content": content, "style": style, "style_layers": layers, **(settings or {})}
        names = [f"figure3-{layers[-1]}-{ratio:g}" for ratio in ratios]
        rows.append(
            [
                Cell(name, "stylize", stylize, {**job, "ratio": ratio})
                for name, ratio in zip(names, ratios, strict=True)
            ]
        )
    columns = [np.format_float_scientific(ratio, trim="-", exp_digits=1) for ratio in ratios]
    columns[0] = f"alpha/beta {columns[0]}"
    row_labels = [f"{'up to ' if i else ''}{l}" for i, l in enumerate(PAPER_STYLE_LAYERS)]
    return Figure("figure3", rows, RATIO_NOTE, columns, row_labels)


def _cumulative_layers() -> list[tuple[str, ...]]:
    """(conv1_1,), (conv1_1, conv2_1), ..."""
    return [PAPER_STYLE_LAYERS[: n + 1] for n in range(len(PAPER_STYLE_LAYERS))]
