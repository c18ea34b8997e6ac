"""Run tasks on the workers of a Dask cluster (dask.distributed).

The Dask backend of joblib (1.6.0) is not used: it waits forever for a task that the scheduler has
given up because its workers died, and on a cluster with one thread it runs all tasks in this
process.
"""

from collections.abc import Callable
from typing import Any

from nst_numpy.sweeps.local_workers import INSTALL, PROCESS_ENDED, Failure, Results, Tasks
from nst_numpy.utils.errors import InputError

TIMEOUT = 20  # seconds to wait for a scheduler, and then for its first worker


def run_on_dask(function: Callable[..., Any], tasks: Tasks, address: str) -> Results:
    """Run tasks on a cluster. The scheduler repeats the tasks of a worker that dies.

    After some repetitions the scheduler gives up the task that is the cause, and others that were
    on the same workers. Each of these is tried again alone, when all other tasks have ended.
    """
    try:
        import distributed
    except ImportError as error:
        raise InputError(f"--dask needs dask.distributed: {INSTALL}.") from error
    with _connect(distributed, address) as client:
        futures = {client.submit(function, *task, pure=False): name for name, task in tasks.items()}
        suspects = []
        for future in distributed.as_completed(list(futures), loop=client.loop):
            name = futures.pop(future)
            if isinstance(future.exception(), distributed.KilledWorker):
                suspects.append(name)
            else:
                yield name, _result(future)
        for name in suspects:
            future = client.submit(function, *tasks[name], pure=False)
            killed = isinstance(future.exception(), distributed.KilledWorker)
            yield name, Failure(PROCESS_ENDED) if killed else _result(future)


def _connect(distributed: Any, address: str) -> Any:
    """The client of a scheduler that has at least one worker."""
    try:
        client = distributed.Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address!r} ({error}); expected an address such as "
            "tcp://host:8786."
        ) from error
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError as error:
        client.close()
        raise InputError(f"The Dask scheduler at {address} has no workers.") from error
    return client


def _result(future: Any) -> Any:
    """The result of a task, or the failure that kept the task from returning one."""
    error = future.exception()
    return future.result() if error is None else Failure(f"{type(error).__name__}: {error}")
