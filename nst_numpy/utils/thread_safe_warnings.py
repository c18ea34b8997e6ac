"""Warnings that are safe with several threads."""

import contextlib
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager

from nst_numpy.utils.errors import Notice
from nst_numpy.utils.fork_safety import after_fork_in_child, is_held_elsewhere

filters_lock = threading.RLock()
active_filters: list["warnings.catch_warnings[None]"] = []


@contextmanager
def thread_safe_catch_warnings() -> Iterator[None]:
    """`warnings.catch_warnings` for one thread at a time.

    If two threads used `warnings.catch_warnings` at the same time, the last one to leave would
    restore the filters of the other one.
    """
    with filters_lock:
        active_filters.append(warnings.catch_warnings())
        try:
            with active_filters[-1]:
                yield
        finally:
            active_filters.pop()


def warn_user(sentence: str, stacklevel: int = 2) -> None:
    """Issue a `Notice`, after waiting for other threads that changed the warning filters."""
    with filters_lock:
        warnings.warn(sentence, Notice, stacklevel=stacklevel + 1)


def _drop_filters_of_other_threads() -> None:
    """In a forked process, keep the warning filters of its only thread."""
    global filters_lock
    if is_held_elsewhere(filters_lock):
        filters_lock = threading.RLock()
        while active_filters:
            with contextlib.suppress(RuntimeError):  # it had not been entered yet
                active_filters.pop().__exit__(None, None, None)


after_fork_in_child(_drop_filters_of_other_threads)
