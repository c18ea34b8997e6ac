"""The threads that run the kernels.

The kernels release the interpreter's lock, so plain Python threads run them at the same time. The
caller is always one of the workers. With one thread the pool is not used, and two callers at once
share the pool without waiting for each other.

Ctrl-C may arrive at any point, and the next kernel must still run. Therefore the caller uses only
simple queues and locks, whose operations are either done or not. An executor of the standard
library hangs if it is interrupted while it holds its own lock.
"""

import contextlib
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from queue import SimpleQueue
from typing import TypeAlias, TypeVar

import numpy as np

from nst_numpy.utils.fork_safety import after_fork_in_child
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array

Share = TypeVar("Share")
Errors: TypeAlias = "SimpleQueue[BaseException | None]"
Job: TypeAlias = tuple[Callable[[], None], threading.Lock, Errors]


@dataclass
class Pool:
    """Helper threads, and the queue from which they take jobs."""

    jobs: "SimpleQueue[Job]" = field(default_factory=SimpleQueue)
    helpers: int = 0


EMPTY = np.empty(0, np.float32)

_pool = Pool()
_own = threading.local()  # each thread's scratch array


def _renew_pool() -> None:
    """In a forked process there are no helpers, and the queue may be locked forever."""
    global _pool
    _pool = Pool()


after_fork_in_child(_renew_pool)


def run_parallel(work: Callable[[Share], object], shares: Collection[Share]) -> None:
    """Call work(share) for every share, on up to `number_of_threads` threads.

    Returns when all calls have ended. If one raised an exception, it is raised here.
    """
    remaining = iter(list(shares))  # next() on it is safe from several threads
    held = [work]
    errors: Errors = SimpleQueue()

    def worker() -> None:
        for share in remaining:
            held[0](share)

    helpers = min(number_of_threads(), len(shares)) - 1
    claims = [threading.Lock() for _ in range(helpers)]
    try:
        jobs = _jobs_of(helpers)
        for claim in claims:
            jobs.put((worker, claim, errors))
        worker()
    finally:
        # A job that no helper has claimed yet is claimed here, and no helper runs it any more.
        ended = [errors.get() for claim in claims if not claim.acquire(blocking=False)]
        held.clear()  # `worker` may live on in a helper for a moment, but the arrays do not
    for error in filter(None, ended):
        raise error


def _jobs_of(helpers: int) -> "SimpleQueue[Job]":
    """Return the queue of a pool that has at least so many helpers.

    Helpers start when they are first needed: each one that has worked keeps a scratch array.
    Where the system allows no further thread, there are fewer; the caller does their work.
    """
    pool = _pool
    while pool.helpers < helpers:
        pool.helpers += 1
        with contextlib.suppress(RuntimeError):
            threading.Thread(target=_help, args=(pool.jobs,), daemon=True).start()
    return pool.jobs


def _help(jobs: "SimpleQueue[Job]") -> None:
    """Run jobs forever. Whoever acquires the claim of a job runs it, once."""
    while True:
        worker, claim, errors = jobs.get()
        if claim.acquire(blocking=False):
            errors.put(error_of(worker))
        del worker, claim, errors


def error_of(function: Callable[[], object]) -> BaseException | None:
    """Call the function and return the exception that it raised, or None."""
    try:
        function()
    except BaseException as error:
        return error
    return None


def scratch_array(size: int) -> Array:
    """Return `size` float32 that belong to this thread, with arbitrary values.

    The next call in the same thread returns the same memory.
    """
    if getattr(_own, "scratch", EMPTY).size < size:
        _own.scratch = np.empty(size, np.float32)
    return _own.scratch[:size]
