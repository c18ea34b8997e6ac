"""Tasks on the workers of a Dask cluster (dask.distributed).

Not by joblib's Dask backend (1.6.0): it waits forever for a task that the scheduler has given up
because its workers died, and does all tasks in this process where the cluster has one thread.
"""

from collections.abc import Callable, Iterator
from typing import Any

from nst_numpy.sweeps.local_workers import ENDED, INSTALL, Lost
from nst_numpy.utils.errors import InputError

WAIT = 20  # seconds for a scheduler and its first worker to answer


def on_dask(
    function: Callable[..., Any], tasks: dict[str, tuple[Any, ...]], address: str
) -> Iterator[tuple[str, Any]]:
    """Do tasks on a cluster; the scheduler repeats those of a worker that dies.

    After some repetitions it gives them up: the one that is the cause, and any that lay on the
    same workers. Each of them is then tried alone, when all others are done.
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
            yield name, Lost(ENDED) if killed else _result(future)


def _connect(distributed: Any, address: str) -> Any:
    """The client of a scheduler that has workers."""
    try:
        client = distributed.Client(address, timeout=WAIT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise InputError(
            f"No Dask scheduler answers at {address!r} ({error}); expected its address, such as "
            "tcp://host:8786."
        ) from error
    try:
        client.wait_for_workers(1, timeout=WAIT)
    except TimeoutError as error:
        client.close()
        raise InputError(f"The Dask scheduler at {address} has no workers.") from error
    return client


def _result(future: Any) -> Any:
    """What a task gave, or what went wrong with it on the way."""
    error = future.exception()
    return future.result() if error is None else Lost(f"{type(error).__name__}: {error}")
