"""How many cells of a grid run at once, and with how many threads and how much memory each."""

from dataclasses import dataclass
from importlib.util import find_spec

from nst_numpy.utils.available_memory import MEGABYTE, memory_budget
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.threads import available_cpus


@dataclass(frozen=True)
class Workers:
    """Where the cells of a grid run.

    Attributes
    ----------
    jobs : int, optional
        Cells at once on this machine; as many as there are cores if not given.
    threads : int, optional
        Threads of each cell; the cores divided by the jobs if not given, one on a cluster.
    dask : str, optional
        Address of a Dask scheduler whose workers run the cells. They must have this package, and
        find the pictures and weights files under the same names.
    memory : float, optional
        Budget of each cell in MB. If not given, all cells that run at once share the default
        budget of `nst_numpy.stylize`.
    """

    jobs: int | None = None
    threads: int | None = None
    dask: str | None = None
    memory: float | None = None


def share_cores(tasks: int, jobs: int | None = None, threads: int | None = None) -> tuple[int, int]:
    """Divide the cores of this machine among tasks.

    Parameters
    ----------
    tasks : int
        Number of tasks.
    jobs, threads : int, optional
        Tasks at once, and threads of each. The default is as many tasks as there are cores, with
        one thread each.

    Returns
    -------
    jobs, threads : int
        Their product is at most the number of cores.

    Raises
    ------
    InputError
        If there are fewer cores than required.
    """
    cores = available_cpus()
    if (jobs or 1) * (threads or 1) > cores:
        raise InputError(
            f"{jobs or 1} jobs with {threads or 1} threads each exceed the {cores} cores of this "
            "machine: use fewer `jobs` or `threads`."
        )
    jobs = min(jobs or cores // (threads or 1), max(tasks, 1))
    return jobs, threads or cores // jobs


def local_shares(tasks: int, workers: Workers) -> tuple[int, int]:
    """(jobs, threads) on this machine, as `share_cores`; without joblib one task at a time."""
    jobs = workers.jobs or (None if find_spec("joblib") else 1)
    return share_cores(tasks, jobs, workers.threads)


def memory_per_cell(cells: int, workers: Workers) -> float | None:
    """The budget of each cell in MB, or None on a cluster, where each worker determines it."""
    if workers.dask is not None:
        return None
    jobs, _ = local_shares(cells, workers)
    return memory_budget(workers.memory, jobs) / MEGABYTE
