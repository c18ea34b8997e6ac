"""Locks in a forked process, in which only the thread that forked exists.

A lock that another thread held during the fork stays locked in the child for ever. Locks are
therefore renewed there. To wait before the fork until they are free would be simpler, but other
libraries do that too (h5py), and two locks that are acquired in different orders never get free.
"""

import os
from collections.abc import Callable
from threading import RLock
from typing import Any


def after_fork_in_child(function: Callable[[], object]) -> None:
    """Call the function in each forked process before anything else."""
    if hasattr(os, "register_at_fork"):  # not on Windows
        os.register_at_fork(after_in_child=function)


def is_held_elsewhere(lock: Any) -> bool:
    """Whether another thread holds the reentrant lock; in a forked process, one that is gone."""
    if lock.acquire(blocking=False):
        lock.release()
        return False
    return True


def wait_before_fork(lock: RLock, seconds: float) -> None:
    """Let each fork wait until no other thread holds the reentrant lock, but not for ever."""
    held: list[bool] = []

    def acquire() -> None:
        held.append(lock.acquire(timeout=seconds))

    def release() -> None:
        if held.pop():
            lock.release()

    if hasattr(os, "register_at_fork"):
        os.register_at_fork(before=acquire, after_in_parent=release, after_in_child=release)
