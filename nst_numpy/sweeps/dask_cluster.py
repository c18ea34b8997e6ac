"""Run tasks on the workers of a Dask cluster (dask.distributed).

The Dask backend of joblib (1.6.0) is not used: it waits forever for a task that the scheduler has
given up because its workers died, and on a cluster with one thread it runs all tasks in this
process.
"""

import socket
from collections.abc import Callable
from typing import Any

from nst_numpy.sweeps.local_workers import INSTALL, PROCESS_ENDED, Failure, Results, Tasks
from nst_numpy.utils.errors import InputError

TIMEOUT = 20  # seconds to wait for a scheduler, and then for its first worker
GREETING = 10  # seconds to wait for the first bytes of a scheduler
MOST_FRAMES = 2**30  # larger numbers are the letters of another protocol


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
    _check_greeting(address)
    try:
        client = distributed.Client(address, timeout=TIMEOUT, set_as_default=False)
    except (OSError, ValueError, MemoryError, RuntimeError) as error:
        raise _no_scheduler(address, error) from error
    try:
        client.wait_for_workers(1, timeout=TIMEOUT)
    except TimeoutError as error:
        client.close()
        raise InputError(f"The Dask scheduler at {address} has no workers.") from error
    return client


def _check_greeting(address: str) -> None:
    """Refuse an address at which no scheduler answers.

    The client of Dask waits for minutes at a port of another service, and takes its answer for the
    length of a message. A scheduler greets each connection at once, with the number of the frames
    of its greeting as 8 bytes.
    """
    protocol, separator, place = address.rpartition("://")
    if separator and protocol != "tcp":
        return  # Dask has other protocols
    host, _, port = place.strip("/").rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise _no_scheduler(address, "the address has no host and port")
    try:
        with socket.create_connection((host.strip("[]"), int(port)), GREETING) as connection:
            connection.settimeout(GREETING)
            greeting = connection.recv(8, socket.MSG_WAITALL)
    except TimeoutError as error:
        raise _no_scheduler(address, "another service listens there, or none") from error
    except OSError as error:
        raise _no_scheduler(address, error.strerror or error) from error
    if len(greeting) < 8 or int.from_bytes(greeting, "little") > MOST_FRAMES:
        raise _no_scheduler(address, "another service listens there")


def _no_scheduler(address: str, reason: object) -> InputError:
    """The error for an address that is not that of a scheduler."""
    return InputError(
        f"No Dask scheduler answers at {address!r} ({reason}); expected an address such as "
        "tcp://host:8786."
    )


def _result(future: Any) -> Any:
    """The result of a task, or the failure that kept the task from returning one."""
    error = future.exception()
    return future.result() if error is None else Failure(f"{type(error).__name__}: {error}")
