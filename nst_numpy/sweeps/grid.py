"""A grid: many independent jobs, done side by side, resumed where they stopped."""

import os
from collections.abc import Callable, Collection, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

from nst_numpy.runs.provenance import Cell, describe, substitute
from nst_numpy.sweeps.cell_files import done_before, store
from nst_numpy.sweeps.cells import do
from nst_numpy.sweeps.dask_cluster import on_dask
from nst_numpy.sweeps.local_workers import Lost, by_processes, one_by_one, share_cores
from nst_numpy.utils.available_memory import MEGABYTE, memory_budget
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import ensure_folder
from nst_numpy.utils.types import File, Record


def run_grid(
    cells: Sequence[Cell],
    folder: File,
    *,
    jobs: int | None = None,
    threads: int | None = None,
    dask: str | None = None,
    memory: float | None = None,
    callback: Callable[[Record], object] | None = None,
) -> list[Record]:
    """Do every cell that is not done yet; each leaves ``NAME.png`` and ``NAME.json`` in a folder.

    A cell is done if the record in the folder tells of the same settings and files, without an
    error, and its picture is there. The results do not depend on where and beside what a cell is
    done.

    Parameters
    ----------
    cells : sequence of nst_numpy.run.Cell
    folder : path
        Made if need be.
    jobs : int, optional
        Cells at once; as many as there are cores if not given.
    threads : int, optional
        Of each cell; the cores divided by the jobs if not given, one on a cluster.
    dask : str, optional
        Address of a Dask scheduler, whose workers do the cells. They must have this package, and
        find the pictures and weights files under the same names.
    memory : float, optional
        Budget of each cell in MB, but together no more than is free; if not given, all together
        take the share of `stylize`.
    callback : callable, optional
        ``callback(record)`` for each cell as soon as it is done, those done before at once.

    Returns
    -------
    list of dict
        The records in the order of the cells; ``record["error"]`` is None or a sentence.

    Raises
    ------
    InputError
        If two cells have the same name, an input lies in the folder, the folder cannot be
        written, there is no such cluster, or more is asked for than there are cores.
    """
    records = check_grid(cells, folder, jobs=jobs, threads=threads, dask=dask)
    folder = ensure_folder(folder)
    callback, todo = callback or (lambda record: None), {}
    for cell in cells:
        earlier = done_before(folder, records[cell.name])
        if earlier is None:
            todo[cell.name] = cell.job
        else:
            records[cell.name] = earlier
            callback(earlier)
    for name, result in _results(todo, records, jobs, threads, dask, memory):
        lost = isinstance(result, Lost)
        outcome, picture = ({"error": str(result)}, None) if lost else result
        records[name] |= outcome
        store(folder, records[name], picture)
        callback(records[name])
    return [records[cell.name] for cell in cells]


def check_grid(
    cells: Sequence[Cell],
    folder: File,
    *,
    jobs: int | None = None,
    threads: int | None = None,
    dask: str | None = None,
) -> dict[str, Record]:
    """Refuse what `run_grid` cannot do, before it has begun anything.

    Parameters
    ----------
    cells, folder, jobs, threads, dask
        As in `run_grid`.

    Returns
    -------
    dict of str to dict
        What is known of each cell's record before (`nst_numpy.runs.provenance.describe`), by its name.
    """
    if dask is not None and jobs is not None:
        raise InputError(
            "`jobs` is for this machine; how many jobs a cluster does, it knows itself."
        )
    if dask is None:
        share_cores(len(cells), jobs, threads)
    records = {cell.name: describe(cell) for cell in cells}
    if len(records) < len(cells):
        raise InputError("Two cells of the grid have the same name.")
    if os.path.isdir(folder):
        _check_inputs(folder, records.values())
    return records


def _check_inputs(folder: File, records: Collection[Record]) -> None:
    """Refuse pictures and weights that lie where results would be written over them."""
    for path in sorted({path for record in records for path in record["files"]}):
        if os.path.samefile(os.path.dirname(path) or ".", folder):
            raise InputError(
                f"{path} lies in the folder {folder} of the results, which could take its place: "
                "name another folder."
            )


def _results(
    todo: dict[str, Callable[..., Any]],
    records: dict[str, Record],
    jobs: int | None,
    threads: int | None,
    dask: str | None,
    memory: float | None,
) -> Iterator[tuple[str, Any]]:
    """(name, result of `do`) of all jobs that are to do, in the order in which they end."""
    if dask is None:
        memory = memory_of_each(len(todo), jobs, threads, memory)
        jobs, threads = _at_once(len(todo), jobs, threads)
    tasks = {
        name: (job, _absolute(records[name]), threads or 1, memory) for name, job in todo.items()
    }
    if dask is not None:
        return on_dask(do, tasks, dask)
    return by_processes(do, tasks, jobs) if jobs and jobs > 1 else one_by_one(do, tasks)


def memory_of_each(
    cells: int, jobs: int | None, threads: int | None, memory: float | None
) -> float:
    """The budget in MB of each of so many cells on this machine, as many at once as cores allow."""
    return memory_budget(memory, _at_once(cells, jobs, threads)[0]) / MEGABYTE


def _at_once(cells: int, jobs: int | None, threads: int | None) -> tuple[int, int]:
    """(jobs, threads) on this machine, as of `share_cores`."""
    return share_cores(cells, jobs or (None if find_spec("joblib") else 1), threads)


def _absolute(record: Record) -> Any:
    """A record's settings with the full names of the files, for workers that start elsewhere."""
    return substitute(record["settings"], {path: os.path.abspath(path) for path in record["files"]})
