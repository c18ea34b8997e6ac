"""Thread-safe access to settings of the whole process: warning filters and BLAS threads."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nst_numpy.utils.errors import Notice

filters_lock = threading.RLock()
blas_lock = threading.Lock()
# One entry for each active `one_blas_thread`: the thread that holds the limit, and its stop event.
active_limits: list[tuple[threading.Thread, threading.Event]] = []


@contextmanager
def thread_safe_catch_warnings() -> Iterator[None]:
    """`warnings.catch_warnings` for one thread at a time.

    If two threads used `warnings.catch_warnings` at the same time, the last one to leave would
    restore the filters of the other one.
    """
    with filters_lock, warnings.catch_warnings():
        yield


def warn_user(sentence: str, stacklevel: int = 2) -> None:
    """Issue a `Notice`, after waiting for other threads that changed the warning filters."""
    with filters_lock:
        warnings.warn(sentence, Notice, stacklevel=stacklevel + 1)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Limit BLAS to one thread until the last concurrent user of this function leaves.

    The rounding of BLAS depends on the number of threads, and the result of a job must not depend
    on other jobs in the process. Idle BLAS threads also spin after each product and take CPU
    time from the kernels: with two threads, SciPy's many short products take three times as
    long.
    """
    with blas_lock:
        active_limits.append(active_limits[0] if active_limits else _start_limit())
    try:
        yield
    finally:
        with blas_lock:
            thread, stop = active_limits.pop()
            if not active_limits:
                stop.set()
                thread.join()


def _start_limit() -> tuple[threading.Thread, threading.Event]:
    """Start a thread that limits BLAS to one thread until its event is set.

    threadpoolctl restores the limit only in the thread that set it, so one thread does both.
    """
    from threadpoolctl import threadpool_limits  # imported here because it changes os.environ

    is_set, stop = threading.Event(), threading.Event()

    def hold() -> None:
        with threadpool_limits(1, user_api="blas"):
            is_set.set()
            stop.wait()

    thread = threading.Thread(target=hold, name="one BLAS thread", daemon=True)
    try:
        thread.start()
        is_set.wait()
    except BaseException:  # Ctrl-C: nothing else would stop the thread
        stop.set()
        raise
    return thread, stop
