"""One pool of threads for all kernels.

The kernels release the interpreter's lock, so plain Python threads run them side by side. The
caller is always one of the workers: with one thread no pool is touched, and two callers at once
share the pool without waiting for each other.
"""

import os
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypeVar

import numpy as np

from nst_numpy.errors import InputError
from nst_numpy.typing import Array

Share = TypeVar("Share")

own = threading.local()
chosen: ContextVar[int | None] = ContextVar("threads", default=None)
pools: dict[int, ThreadPoolExecutor] = {}  # by process: a forked child inherits no threads


def number_of_threads() -> int:
    """Of the current context: `use_threads`, else NST_NUM_THREADS, else the CPUs there are."""
    return chosen.get() or _by_environment() or cpus()


def _by_environment() -> int | None:
    """NST_NUM_THREADS, or None."""
    text = os.environ.get("NST_NUM_THREADS", "")
    if text and not (text.isascii() and text.isdigit() and int(text) > 0):
        raise InputError(f"NST_NUM_THREADS must be a whole number from 1 on, got {text!r}.")
    return int(text) if text else None


@contextmanager
def use_threads(n: int | None) -> Iterator[None]:
    """Let the kernels use n threads within the ``with`` block; None leaves it as it is."""
    token = chosen.set(n or chosen.get())
    try:
        yield
    finally:
        chosen.reset(token)


def cpus() -> int:
    """Number of CPUs that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def pool() -> ThreadPoolExecutor:
    """The pool, made at the first use, by whichever of two callers at once comes first."""
    process = os.getpid()
    if process not in pools:
        pools.setdefault(process, ThreadPoolExecutor(max(cpus(), 8) - 1))
    return pools[process]


def run(work: Callable[[Share], object], shares: Collection[Share]) -> None:
    """Call work(share) for every share, on up to `number_of_threads` threads."""
    todo = iter(list(shares))  # next() on it is safe from several threads
    held = [work]

    def worker() -> None:
        for share in todo:
            held[0](share)

    helpers = min(number_of_threads(), len(shares)) - 1
    helping = [pool().submit(worker) for _ in range(helpers)]
    try:
        worker()
    finally:
        for helper in helping:
            if not helper.cancel():
                helper.result()
        held.clear()  # a thread that lets go of `worker` late keeps no arrays alive by it


def scratch(size: int) -> Array:
    """`size` float32 of this thread's own, not cleared; the next call gives the same memory."""
    if getattr(own, "space", NOTHING).size < size:
        own.space = np.empty(size, np.float32)
    return own.space[:size]


NOTHING = np.empty(0, np.float32)
