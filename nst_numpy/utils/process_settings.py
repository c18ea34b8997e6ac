"""Settings that the whole process shares, changed so that two threads do not undo each other's."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nst_numpy.utils.errors import Notice

filters = threading.RLock()
blas = threading.Lock()
inside: list[tuple[threading.Thread, threading.Event]] = []  # an entry for each `one_blas_thread`


@contextmanager
def thread_safe_catch_warnings() -> Iterator[None]:
    """`warnings.catch_warnings`, one thread after the other.

    Of two threads inside at once, the last one out would leave the filters of the other one.
    """
    with filters, warnings.catch_warnings():
        yield


def warn_user(sentence: str, stacklevel: int = 2) -> None:
    """Warn with a `Notice`, not while another thread has set the filters for itself."""
    with filters:
        warnings.warn(sentence, Notice, stacklevel=stacklevel + 1)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS use one thread as long as anybody is inside; the last one out sets it back.

    With another number of threads it rounds otherwise, and a job must not depend on what goes on
    beside it. And its threads go on spinning after a product, which takes the CPUs from the
    kernels: SciPy's many short ones take three times as long with two.
    """
    with blas:
        inside.append(inside[0] if inside else _holder())
    try:
        yield
    finally:
        with blas:
            thread, last_is_out = inside.pop()
            if not inside:
                last_is_out.set()
                thread.join()


def _holder() -> tuple[threading.Thread, threading.Event]:
    """A thread that keeps BLAS at one: threadpoolctl lets only that one set it back that set it."""
    from threadpoolctl import threadpool_limits  # only here: it changes the environment

    is_set, last_is_out = threading.Event(), threading.Event()

    def hold() -> None:
        with threadpool_limits(1, user_api="blas"):
            is_set.set()
            last_is_out.wait()

    thread = threading.Thread(target=hold, name="one BLAS thread", daemon=True)
    try:
        thread.start()
        is_set.wait()
    except BaseException:  # Ctrl-C: nobody else would let that thread go
        last_is_out.set()
        raise
    return thread, last_is_out
