"""Run a grid: many independent jobs, several at once, continued after an interruption."""

import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nst_numpy.runs.grid_cell import Cell
from nst_numpy.runs.provenance import JobRecord, describe_job, replace_strings, without_folders
from nst_numpy.sweeps.cell_files import finished_record, write_cell
from nst_numpy.sweeps.dask_cluster import run_on_dask
from nst_numpy.sweeps.local_workers import Failure, run_in_processes, run_in_turn
from nst_numpy.sweeps.run_cell import run_cell
from nst_numpy.sweeps.worker_resources import Workers, local_shares, memory_per_cell, share_cores
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import ensure_folder
from nst_numpy.utils.types import File, Record, Settings


@dataclass(frozen=True)
class Grid:
    """A grid that can run (`check_grid`).

    Attributes
    ----------
    cells : sequence of Cell
    folder : path
        Where each cell writes ``NAME.png`` and ``NAME.json``.
    workers : Workers
    jobs : dict of str to JobRecord
        The record of each cell's job, by the cell's name.
    """

    cells: Sequence[Cell]
    folder: Path
    workers: Workers
    jobs: dict[str, JobRecord]


def check_grid(cells: Sequence[Cell], folder: File, workers: Workers | None = None) -> Grid:
    """Check a grid before any of its cells runs.

    Parameters
    ----------
    cells : sequence of Cell
    folder : path
    workers : Workers, optional

    Returns
    -------
    Grid

    Raises
    ------
    InputError
        If two cells have the same name, an input is in the folder, or there are fewer cores than
        required.

    Examples
    --------
    >>> from nst_numpy import stylize
    >>> cell = Cell("first", "stylize", stylize, {"content": "photo.jpg", "style": "a.jpg"})
    >>> check_grid([cell], "results", Workers(jobs=1)).jobs["first"].kind
    'stylize'
    """
    workers = workers or Workers()
    if workers.dask is None:
        share_cores(len(cells), workers.jobs, workers.threads)
    elif workers.jobs is not None:
        raise InputError(
            "`jobs` applies to this machine only; a Dask cluster sets its own number of jobs."
        )
    jobs = {cell.name: describe_job(cell.kind, cell.settings) for cell in cells}
    names = Counter(cell.name for cell in cells)
    if repeated := [name for name, count in names.items() if count > 1]:
        raise InputError(
            f"Several cells of the grid have the same name: {', '.join(repeated)}. Remove "
            "repeated values, or rename files with equal names."
        )
    _check_inputs(Path(folder), {path for job in jobs.values() for path in job.files})
    return Grid(cells, Path(folder), workers, jobs)


def _check_inputs(folder: Path, files: set[str]) -> None:
    """Refuse pictures and weights files in the folder of the results."""
    if not folder.is_dir():
        return
    for path in sorted(files):
        if os.path.samefile(os.path.dirname(path) or ".", folder):
            raise InputError(
                f"{path} is in the folder {folder} of the results, which could overwrite it: "
                "choose another folder."
            )


def run_grid(grid: Grid, callback: Callable[[Record], object] | None = None) -> list[Record]:
    """Run every cell that is not finished yet.

    A cell is finished if the folder has its picture, and a record of the same settings and files
    without an error. The results do not depend on where a cell runs and on how many run at once.

    Parameters
    ----------
    grid : Grid
        From `check_grid`. Its folder is created if necessary.
    callback : callable, optional
        ``callback(record)`` for each cell when it ends; at once for those finished before.

    Returns
    -------
    list of dict
        The records in the order of the cells; ``record["error"]`` is None or a message.

    Raises
    ------
    InputError
        If the folder cannot be written, or no such cluster exists.

    Examples
    --------
    >>> import numpy as np
    >>> from nst_numpy import stylize, write_picture
    >>> write_picture("p.png", np.zeros((32, 32, 3)))
    >>> settings = {"content": "p.png", "style": "p.png", "size": 32, "iterations": 1}
    >>> settings |= {"weights": "random", "normalized": False}
    >>> cell = Cell("first", "stylize", stylize, settings)
    >>> (record,) = run_grid(check_grid([cell], "results", Workers(jobs=1)))
    >>> record["cell"], record["error"]
    ('first', None)
    """
    folder = ensure_folder(grid.folder)
    records: dict[str, Record] = {}
    todo = []
    for cell in grid.cells:
        earlier = finished_record(folder, cell.name, grid.jobs[cell.name])
        if earlier is None:
            todo.append(cell)
            continue
        records[cell.name] = earlier
        if callback is not None:
            callback(earlier)
    for name, result in _results(todo, grid):
        outcome, picture = (
            ({"error": result.reason}, None) if isinstance(result, Failure) else result
        )
        records[name] = _cell_record(name, grid.jobs[name], outcome)
        write_cell(folder, records[name], picture)
        if callback is not None:
            callback(records[name])
    return [records[cell.name] for cell in grid.cells]


def _cell_record(name: str, job: JobRecord, outcome: Record) -> Record:
    """The record of a cell that has ended, without the folders of its files."""
    job = without_folders(job)
    about = {"cell": name, "job": job.kind, "settings": job.settings, "files": job.files}
    return {**about, **outcome}


def _results(todo: Sequence[Cell], grid: Grid) -> Iterator[tuple[str, Any]]:
    """(name, result of `run_cell`) of the cells that must run, in the order in which they end."""
    workers, memory = grid.workers, grid.workers.memory
    jobs, threads = 1, workers.threads or 1
    if workers.dask is None:
        memory = memory_per_cell(len(todo), workers)
        jobs, threads = local_shares(len(todo), workers)
    tasks = {
        cell.name: (cell.function, _absolute_paths(grid.jobs[cell.name]), threads, memory)
        for cell in todo
    }
    if workers.dask is not None:
        return run_on_dask(run_cell, tasks, workers.dask)
    if jobs > 1:
        return run_in_processes(run_cell, tasks, jobs)
    return run_in_turn(run_cell, tasks)


def _absolute_paths(job: JobRecord) -> Settings:
    """The settings of a job with absolute paths, for workers with another working directory."""
    settings: Settings = replace_strings(
        job.settings, {path: os.path.abspath(path) for path in job.files}
    )
    return settings
