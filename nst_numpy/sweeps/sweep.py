"""A sweep: all combinations of lists of settings, and their contact sheet."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst_numpy.images import (
    make_contact_sheet,
    picture_shape,
    placeholder_picture,
    read_picture,
    scaled_size,
)
from nst_numpy.runs.grid_cell import Cell, JobFunction, picture_path
from nst_numpy.runs.provenance import describe_job, job_digest
from nst_numpy.sweeps.results_table import format_setting
from nst_numpy.utils.types import Array, File, Picture, Record, Settings

MAX_SHEET_SIDE = 6000  # approximate pixels of the longer side of a contact sheet
MAX_CELL_SIDE, MIN_CELL_SIDE = 320, 96  # pixels of the longer side of a picture on it
MAX_STEM = 30  # letters of a picture's name in a cell's name; a file name has at most 255 bytes


@dataclass(frozen=True)
class Sweep:
    """A cross product of settings.

    Attributes
    ----------
    cells : list of Cell
        The last list of settings varies fastest.
    axes : dict of str to list
        The lists with more than one value.
    """

    cells: list[Cell]
    axes: dict[str, list[Any]]


def cross_product(kind: str, function: JobFunction, lists: dict[str, list[Any]]) -> Sweep:
    """Return the sweep of all combinations.

    A cell's name consists of the names of its pictures and a digest of all its settings. It does
    not depend on the other cells: a sweep with longer lists finds the cells of a shorter one
    finished.

    Parameters
    ----------
    kind, function
        As in `Cell`.
    lists : dict of str to list
        The values of each setting. A repeated value counts once.

    Examples
    --------
    >>> from nst_numpy import stylize
    >>> lists = {"content": ["photo.jpg"], "style": ["a.jpg", "b.jpg"], "ratio": [1e-3, 1e-2]}
    >>> sweep = cross_product("stylize", stylize, lists)
    >>> len(sweep.cells), list(sweep.axes)
    (4, ['style', 'ratio'])
    """
    lists = {name: list(dict.fromkeys(values)) for name, values in lists.items()}
    combinations = itertools.product(*lists.values())
    settings_of_cells = [dict(zip(lists, values, strict=True)) for values in combinations]
    cells = [Cell(_cell_name(kind, s), kind, function, s) for s in settings_of_cells]
    return Sweep(cells, {name: values for name, values in lists.items() if len(values) > 1})


def _cell_name(kind: str, settings: Settings) -> str:
    """Names of content and style, and a digest: ``photo-painting-1f0a93bc``."""
    stems = [Path(settings[name]).stem[:MAX_STEM] for name in ("content", "style")]
    return "-".join([*stems, job_digest(describe_job(kind, settings))])


def contact_sheet(sweep: Sweep, records: Sequence[Record], folder: File) -> Picture:
    """The pictures of a sweep with labels: the longest list across, the other lists down.

    Parameters
    ----------
    sweep : Sweep
    records : list of dict
        As returned by `nst_numpy.sweeps.run_grid`.
    folder : path
        The folder of the pictures.

    Returns
    -------
    (H, W, 3) uint8 array

    Examples
    --------
    >>> from nst_numpy import stylize
    >>> lists = {"content": ["photo.jpg"], "style": ["a.jpg", "b.jpg"]}
    >>> sweep = cross_product("stylize", stylize, lists)
    >>> records = [{"cell": cell.name, "error": "Not run."} for cell in sweep.cells]
    >>> contact_sheet(sweep, records, ".").dtype.name
    'uint8'
    """
    across = max(sweep.axes, key=lambda name: len(sweep.axes[name]), default="")
    down = {name: values for name, values in sweep.axes.items() if name != across}
    columns = sweep.axes.get(across, [None])
    lines = list(itertools.product(*down.values()))
    record_at = {
        tuple(cell.settings.get(name) for name in (*down, across)): record
        for cell, record in zip(sweep.cells, records, strict=True)
    }
    side = MAX_SHEET_SIDE // max(len(columns), len(lines))
    size = _cell_size(records, folder, min(MAX_CELL_SIDE, max(MIN_CELL_SIDE, side)))
    rows = [
        [_cell_picture(record_at[*line, value], folder, size) for value in columns]
        for line in lines
    ]
    return make_contact_sheet(
        rows,
        size,
        column_labels=[label(across, value) for value in columns] if across else [],
        row_labels=[", ".join(map(label, down, line)) for line in lines] if down else [],
    )


def _cell_size(records: Sequence[Record], folder: File, side: int) -> tuple[int, int]:
    """(width, height) in pixels of a cell, in the proportions of the first picture."""
    paths = (picture_path(folder, r["cell"]) for r in records if r["error"] is None)
    shape = next((picture_shape(path) for path in paths), (3, 4))
    return scaled_size(side, shape)


def _cell_picture(record: Record, folder: File, size: tuple[int, int]) -> Array | Picture:
    """The picture of a cell, or its error message as a picture."""
    if record["error"] is None:
        return read_picture(picture_path(folder, record["cell"]), max(size))
    return placeholder_picture(record["error"], size)


def label(name: str, value: Any) -> str:
    """A setting as a label: ``ratio 0.001``, ``pagoda``."""
    if name in ("content", "style", "weights", "init"):
        value = Path(value).stem
    if name in ("content", "style", "name"):
        return str(value)
    return f"{name.replace('_', ' ')} {'default' if value is None else format_setting(value)}"
