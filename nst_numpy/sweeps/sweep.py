"""The grid of all combinations of some lists of settings, and how it lies on a sheet."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from nst_numpy.images import (
    make_contact_sheet,
    picture_shape,
    placeholder_picture,
    read_picture,
    scaled_size,
)
from nst_numpy.runs.provenance import Cell, describe, digest
from nst_numpy.sweeps.cell_files import picture_path
from nst_numpy.sweeps.results_table import written
from nst_numpy.transfer.optimization import Result
from nst_numpy.utils.types import Array, File, Picture, Record

WIDEST = 6000  # pixels of a contact sheet's longer side, about
LONGEST = 30  # letters of a picture's name in those of its cells, which 255 bytes must hold
CELL, SMALLEST = 320, 96  # pixels of the longer side of a picture on it, at most and at least


@dataclass(frozen=True)
class Sweep:
    """A cross product of settings.

    Attributes
    ----------
    cells : list of Cell
        The last of the lists varies fastest.
    axes : dict of str to list
        The lists with more than one value.
    """

    cells: list[Cell]
    axes: dict[str, list[Any]]


def cross_product(job: Callable[..., Result], lists: dict[str, list[Any]]) -> Sweep:
    """Return the sweep of all combinations.

    A cell's name holds its pictures and eight letters that stand for all its settings, so that it
    does not depend on the other cells: a sweep with longer lists finds the shorter one's done.

    Parameters
    ----------
    job : callable
        As in `Cell`.
    lists : dict of str to list
        Values of each of its arguments. Equal values count once.
    """
    lists = {name: list(dict.fromkeys(values)) for name, values in lists.items()}
    cells = []
    for values in itertools.product(*lists.values()):
        cell = Cell("", job, dict(zip(lists, values, strict=True)))
        stems = [Path(cell.settings[name]).stem[:LONGEST] for name in ("content", "style")]
        cells.append(replace(cell, name="-".join([*stems, digest(describe(cell))])))
    return Sweep(cells, {name: values for name, values in lists.items() if len(values) > 1})


def contact_sheet(sweep: Sweep, records: Sequence[Record], folder: File) -> Picture:
    """The pictures of a sweep with labels: the longest list goes across, the others down.

    Parameters
    ----------
    sweep : Sweep
    records : list of dict
        As of `run_grid`.
    folder : path
        Where the pictures lie.

    Returns
    -------
    (H, W, 3) uint8 array
    """
    across = max(sweep.axes, key=lambda name: len(sweep.axes[name]), default="")
    down = {name: values for name, values in sweep.axes.items() if name != across}
    columns = sweep.axes.get(across, [None])
    lines = list(itertools.product(*down.values()))
    record_at = {
        tuple(cell.settings.get(name) for name in (*down, across)): record
        for cell, record in zip(sweep.cells, records, strict=True)
    }
    size = min(CELL, max(SMALLEST, WIDEST // max(len(columns), len(lines))))
    cell = cell_size(records, folder, size)
    return make_contact_sheet(
        [
            [cell_picture(record_at[*line, value], folder, cell) for value in columns]
            for line in lines
        ],
        cell,
        column_labels=[label(across, value) for value in columns] if across else [],
        row_labels=[", ".join(map(label, down, line)) for line in lines] if down else [],
    )


def cell_size(records: Sequence[Record], folder: File, size: int) -> tuple[int, int]:
    """(width, height) of a cell with a longer side of ``size``, shaped like the first picture."""
    paths = (picture_path(folder, r["cell"]) for r in records if r["error"] is None)
    shape = next((picture_shape(path) for path in paths), (3, 4))
    return scaled_size(size, shape)


def cell_picture(record: Record, folder: File, cell: tuple[int, int]) -> Array | Picture:
    """A cell's picture for a sheet, or in its place the error."""
    if record["error"] is None:
        return read_picture(picture_path(folder, record["cell"]), max(cell))
    return placeholder_picture(record["error"], cell)


def label(name: str, value: Any) -> str:
    """A setting in a few words: ``ratio 0.001``, ``pagoda``."""
    if name in ("content", "style", "weights", "init"):
        value = Path(value).stem
    if name in ("content", "style", "name"):
        return value
    return f"{name.replace('_', ' ')} {'default' if value is None else written(value)}"
