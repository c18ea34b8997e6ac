"""Settings that the whole process shares, changed so that two threads do not undo each other's."""

import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from nst_numpy.errors import Notice

filters = threading.RLock()
blas = threading.Lock()
inside: list[Any] = []  # one for each job that wants a single BLAS thread


@contextmanager
def own_filters() -> Iterator[None]:
    """`warnings.catch_warnings`, one thread after the other.

    Of two threads inside at once, the last one out would leave the filters of the other one.
    """
    with filters, warnings.catch_warnings():
        yield


def tell(sentence: str, stacklevel: int = 2) -> None:
    """Warn with a `Notice`, not while another thread has set the filters for itself."""
    with filters:
        warnings.warn(sentence, Notice, stacklevel=stacklevel + 1)


@contextmanager
def one_blas_thread() -> Iterator[None]:
    """Let BLAS use one thread as long as anybody is inside; the last one out sets it back.

    Its products round otherwise with another number of threads: a job must not depend on what
    goes on beside it. And its threads go on spinning after a product, which takes the CPUs from
    the kernels.
    """
    from threadpoolctl import threadpool_limits  # only here: it changes the environment

    with blas:
        inside.append(threadpool_limits(1, user_api="blas"))
        first = inside[0]
    try:
        yield
    finally:
        with blas:
            inside.pop()
            if not inside:
                first.restore_original_limits()
