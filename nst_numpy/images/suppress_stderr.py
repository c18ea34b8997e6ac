"""Silence for the libraries below Pillow, which repeat on the terminal what Pillow raises."""

import contextlib
import os
import threading
from collections.abc import Iterator

LOCK = threading.Lock()  # there is one standard error for all threads


@contextlib.contextmanager
def suppressed_stderr() -> Iterator[None]:
    """Let nothing through to the process's standard error, file descriptor 2, for as long.

    libtiff writes its errors there itself, past Python, and Pillow has no way to stop it.
    """
    with LOCK, open(os.devnull, "wb") as nothing:
        try:
            kept = os.dup(2)
        except OSError:  # there is none
            yield
            return
        os.dup2(nothing.fileno(), 2)
        try:
            yield
        finally:
            os.dup2(kept, 2)
            os.close(kept)
