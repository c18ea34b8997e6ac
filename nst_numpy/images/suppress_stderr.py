"""Suppress output of C libraries, which print errors that Pillow also raises."""

import contextlib
import os
import threading
from collections.abc import Iterator

LOCK = threading.RLock()  # all threads share one standard error


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
        os.dup2(null.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(original, 2)
            os.close(original)
