"""Where tasks are done on this machine: one by one in this process, or side by side in others.

Each, and `nst_numpy.sweeps.dask_cluster.on_dask` too, is a generator of (name, result) in the order in
which the tasks end. ``tasks`` are the arguments of ``function`` by name; the result of one that
takes its process with it is `Lost`.
"""

from collections.abc import Callable, Iterator
from typing import Any

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.threads import available_cpus

INSTALL = "pip install '.[sweep]' in the package's folder"
ENDED = "Its process was ended from outside: not enough memory?"


class Lost(str):
    """In place of a result: why there is none, as a sentence."""


def share_cores(tasks: int, jobs: int | None = None, threads: int | None = None) -> tuple[int, int]:
    """(jobs, threads): how many tasks at once, and threads of each; together no more than cores.

    Parameters
    ----------
    tasks : int
        How many there are.
    jobs, threads : int, optional
        As many tasks as there are cores, with one thread each, if nothing is asked for.
    """
    cores = available_cpus()
    if (jobs or 1) * (threads or 1) > cores:
        raise InputError(
            f"{jobs or 1} jobs of {threads or 1} threads are more than the {cores} cores of this "
            "machine: use fewer `jobs` or `threads`."
        )
    jobs = min(jobs or cores // (threads or 1), max(tasks, 1))
    return jobs, threads or cores // jobs


def one_by_one(
    function: Callable[..., Any], tasks: dict[str, tuple[Any, ...]]
) -> Iterator[tuple[str, Any]]:
    """In this process."""
    for name, task in tasks.items():
        yield name, function(*task)


def by_processes(
    function: Callable[..., Any], tasks: dict[str, tuple[Any, ...]], jobs: int
) -> Iterator[tuple[str, Any]]:
    """By joblib's processes on this machine.

    Where a process is ended from outside (out of memory), joblib gives all tasks up. The ones that
    were on the way may be the cause: the others go on without them, then each has a process of
    its own.
    """
    try:
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import TerminatedWorkerError
    except ImportError as error:
        raise InputError(
            f"Several jobs at once need joblib: {INSTALL}; `jobs` 1 does without."
        ) from error

    def in_parallel(todo: dict[str, tuple[Any, ...]], jobs: int) -> Iterator[tuple[str, Any]]:
        work = Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
        return work(delayed(_named)(name, function, task) for name, task in todo.items())

    todo = dict(tasks)
    suspects: dict[str, tuple[Any, ...]] = {}
    while todo:
        try:
            for name, result in in_parallel(dict(todo), jobs):
                del todo[name]
                yield name, result
        except TerminatedWorkerError:
            suspects |= {name: todo.pop(name) for name in list(todo)[:jobs]}
    for name, task in suspects.items():
        try:
            yield from in_parallel({name: task}, 2)  # with 1 joblib would do it in this process
        except TerminatedWorkerError:
            yield name, Lost(ENDED)


def _named(name: str, function: Callable[..., Any], task: tuple[Any, ...]) -> tuple[str, Any]:
    """The result with the name of its task."""
    return name, function(*task)
