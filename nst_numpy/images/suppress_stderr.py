"""Suppress output of C libraries, which print errors that Pillow also raises."""

import contextlib
import os
import threading
from collections.abc import Iterator

from nst_numpy.utils.fork_safety import after_fork_in_child, is_held_elsewhere

LOCK = threading.RLock()  # all threads share one standard error
_originals: list[int] = []  # copies of the file descriptor 2 while it is redirected


@contextlib.contextmanager
def suppressed_stderr() -> Iterator[None]:
    """Redirect the standard error of the process (file descriptor 2) to the null device.

    libtiff prints its errors there directly, and Pillow cannot turn this off.
    """
    with LOCK, open(os.devnull, "wb") as null:
        try:
            original = os.dup(2)
        except OSError:  # the process has no standard error
            yield
            return
        _originals.append(original)
        os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(original, 2)
            os.close(_originals.pop())


def _restore_stderr_of_other_thread() -> None:
    """In a forked process, end the redirection of a thread that does not exist there."""
    global LOCK
    if is_held_elsewhere(LOCK):
        LOCK = threading.RLock()
        while _originals:
            os.dup2(_originals[-1], 2)
            os.close(_originals.pop())


after_fork_in_child(_restore_stderr_of_other_thread)
