"""One pool of threads for all kernels.

The kernels release the interpreter's lock, so plain Python threads run them side by side. The
caller is always one of the workers: with one thread no pool is touched, and two callers at once
share the pool without waiting for each other.

Ctrl-C may come anywhere in here, and the next kernel must still run. Therefore the caller touches
nothing but simple queues and locks, each call of which is done or not: an executor of the standard
library, interrupted within its own lock, stops for ever.
"""

import os
import threading
from collections.abc import Callable, Collection
from queue import SimpleQueue
from typing import Any, TypeAlias, TypeVar

import numpy as np

from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array

Share = TypeVar("Share")
Done: TypeAlias = "SimpleQueue[BaseException | None]"
Job: TypeAlias = tuple[Callable[[], None], threading.Lock, Done]

own = threading.local()
state: dict[str, Any] = {}


def pool(helpers: int) -> "SimpleQueue[Job]":
    """Where so many helpers wait for jobs; they are started when first needed (and in a fork).

    No more than that: each one that has ever worked keeps a `scratch` of its own.
    """
    if state.get("process") != os.getpid():
        state.update(process=os.getpid(), jobs=SimpleQueue(), helpers=0)
    while state["helpers"] < helpers:
        state["helpers"] += 1
        threading.Thread(target=helper, args=(state["jobs"],), daemon=True).start()
    return state["jobs"]


def helper(jobs: "SimpleQueue[Job]") -> None:
    """One thread of the pool. A job is done by whom its claim is free for, once."""
    while True:
        work, claim, done = jobs.get()
        if claim.acquire(blocking=False):
            done.put(outcome(work))
        del work, claim, done


def outcome(work: Callable[[], None]) -> BaseException | None:
    """What work() raised, or None."""
    try:
        work()
    except BaseException as error:
        return error
    return None


def run(work: Callable[[Share], object], shares: Collection[Share]) -> None:
    """Call work(share) for every share, on up to `number_of_threads` threads."""
    todo = iter(list(shares))  # next() on it is safe from several threads
    held = [work]
    done: Done = SimpleQueue()

    def worker() -> None:
        for share in todo:
            held[0](share)

    helpers = min(number_of_threads(), len(shares)) - 1
    claims = [threading.Lock() for _ in range(helpers)]
    try:
        for claim in claims:
            pool(helpers).put((worker, claim, done))
        worker()
    finally:
        errors = [done.get() for claim in claims if not claim.acquire(blocking=False)]
        held.clear()  # a thread that lets go of `worker` late keeps no arrays alive by it
    for error in filter(None, errors):
        raise error


def scratch(size: int) -> Array:
    """`size` float32 of this thread's own, not cleared; the next call gives the same memory."""
    if getattr(own, "space", NOTHING).size < size:
        own.space = np.empty(size, np.float32)
    return own.space[:size]


NOTHING = np.empty(0, np.float32)
