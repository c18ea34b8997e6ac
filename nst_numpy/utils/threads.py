"""The number of threads that a job uses."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from nst_numpy.utils.errors import InputError

THREADS = "NST_NUM_THREADS"  # environment variable

_chosen: ContextVar[int | None] = ContextVar("threads", default=None)


def number_of_threads() -> int:
    """Return the number set by `use_threads`, else by NST_NUM_THREADS, else the number of CPUs.

    Results do not depend on it.

    Raises
    ------
    InputError
        If NST_NUM_THREADS is not a positive whole number.
    """
    return _chosen.get() or _number_in_environment() or available_cpus()


@contextmanager
def use_threads(n: int | None) -> Iterator[None]:
    """Use n threads in the ``with`` block, in this context only; None changes nothing."""
    token = _chosen.set(n or _chosen.get())
    try:
        yield
    finally:
        _chosen.reset(token)


def available_cpus() -> int:
    """Return the number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _number_in_environment() -> int | None:
    """Return the value of NST_NUM_THREADS, or None if it is not set."""
    text = os.environ.get(THREADS, "")
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"{THREADS} must be a whole number of at least 1, got {text!r}.")
    return int(text) if text else None
