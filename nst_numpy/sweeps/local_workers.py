"""Run tasks on this machine: in turn in this process, or several at once in other processes.

Each function, and `nst_numpy.sweeps.dask_cluster.run_on_dask`, is a generator of (name, result)
in the order in which the tasks end. ``tasks`` maps a name to the arguments of ``function``. The
result of a task whose process ends is a `Failure`.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from nst_numpy.utils.errors import InputError

INSTALL = "pip install '.[sweep]' in the package's folder"
PROCESS_ENDED = "Its process was ended from outside, possibly because memory ran out."

Tasks: TypeAlias = dict[str, tuple[Any, ...]]
Results: TypeAlias = Iterator[tuple[str, Any]]


@dataclass(frozen=True)
class Failure:
    """Takes the place of a result: the reason why there is none, as a sentence."""

    reason: str


def run_in_turn(function: Callable[..., Any], tasks: Tasks) -> Results:
    """Run tasks in this process, one after the other."""
    for name, arguments in tasks.items():
        yield name, function(*arguments)


def run_in_processes(function: Callable[..., Any], tasks: Tasks, jobs: int) -> Results:
    """Run tasks in processes of joblib on this machine.

    If a process is ended from outside, for example because memory runs out, joblib gives up all
    tasks. The tasks that were running may be the cause: the others continue without them, and each
    of them is then tried in a process of its own.
    """
    try:
        from joblib import Parallel, delayed
        from joblib.externals.loky.process_executor import TerminatedWorkerError
    except ImportError as error:
        raise InputError(
            f"Several jobs at once need joblib: {INSTALL}; `jobs` 1 works without it."
        ) from error

    def in_parallel(some: Tasks, jobs: int) -> Results:
        work = Parallel(n_jobs=jobs, batch_size=1, return_as="generator_unordered")
        results: Results = work(delayed(_named)(name, function, some[name]) for name in some)
        return results

    remaining = dict(tasks)
    suspects: Tasks = {}
    while remaining:
        try:
            for name, result in in_parallel(dict(remaining), jobs):
                del remaining[name]
                yield name, result
        except TerminatedWorkerError:
            suspects |= {name: remaining.pop(name) for name in list(remaining)[:jobs]}
    for name, arguments in suspects.items():
        try:
            # With one job, joblib would run the task in this process.
            yield from in_parallel({name: arguments}, 2)
        except TerminatedWorkerError:
            yield name, Failure(PROCESS_ENDED)


def _named(name: str, function: Callable[..., Any], arguments: tuple[Any, ...]) -> tuple[str, Any]:
    """The result of a task, with its name."""
    return name, function(*arguments)
