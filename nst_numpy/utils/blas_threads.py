"""Limit BLAS to one thread, for the whole process."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from nst_numpy.utils.fork_safety import after_fork_in_child, is_held_elsewhere

blas_lock = threading.RLock()


@dataclass(eq=False)
class BlasLimit:
    """A limit of BLAS to one thread.

    threadpoolctl removes a limit only in the thread that set it. This ``thread`` does both.
    """

    thread: threading.Thread
    stop: threading.Event
    limiter: Any  # of threadpoolctl


# The limit, and for each active `one_blas_thread` the number of its thread.
active_limits: list[tuple[BlasLimit, int]] = []


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last concurrent user of this function leaves.

    The rounding of BLAS depends on the number of threads, and the result of a job must not depend
    on other jobs in the process. Idle BLAS threads also spin after each product and take CPU
    time from the kernels: with two threads, SciPy's many short products take three times as
    long.
    """
    with blas_lock:
        entry = active_limits[0][0] if active_limits else _start_limit(), threading.get_ident()
        active_limits.append(entry)
    try:
        yield
    finally:
        with blas_lock:
            active_limits.remove(entry)
            if not active_limits:
                _remove_limit(entry[0])


def _start_limit() -> BlasLimit:
    """Start a thread that limits BLAS to one thread until its event is set."""
    from threadpoolctl import threadpool_limits  # imported here because it changes os.environ

    limiters: list[Any] = []
    is_set, stop = threading.Event(), threading.Event()

    def hold() -> None:
        with threadpool_limits(1, user_api="blas") as limiter:
            limiters.append(limiter)
            is_set.set()
            stop.wait()

    thread = threading.Thread(target=hold, name="one BLAS thread", daemon=True)
    try:
        thread.start()
        is_set.wait()
    except BaseException:  # Ctrl-C: nothing else would stop the thread
        stop.set()
        raise
    return BlasLimit(thread, stop, limiters[0])


def _remove_limit(limit: BlasLimit) -> None:
    """Give BLAS back the number of threads that it had."""
    if limit.thread.is_alive():
        limit.stop.set()
        limit.thread.join()
    else:  # a forked process has only the thread that forked
        limit.limiter.__exit__(None, None, None)


def _drop_limits_of_other_threads() -> None:
    """In a forked process, keep the BLAS limits of its only thread."""
    global blas_lock
    if is_held_elsewhere(blas_lock):
        blas_lock = threading.RLock()
    own = [entry for entry in active_limits if entry[1] == threading.get_ident()]
    if active_limits and not own:
        _remove_limit(active_limits[0][0])
    active_limits[:] = own


after_fork_in_child(_drop_limits_of_other_threads)
