"""A lock that lets one process at a time work in a folder."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nst_numpy.utils.errors import InputError

if os.name == "nt":
    import msvcrt
else:
    import fcntl

LOCK_FILE = ".lock"


@contextlib.contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Lock a folder within the ``with`` block.

    The operating system releases the lock when the process ends, even if it is killed. On a file
    system without locks the block runs without one.

    Raises
    ------
    InputError
        If another process holds the lock.
    """
    with (folder / LOCK_FILE).open("ab") as file:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise InputError(
                f"Another process is working in {folder}: wait until it ends, or stop it."
            ) from error
        except OSError:
            pass  # a file system without locks
        yield


def _lock(file: BinaryIO) -> None:
    """Lock a file, or raise an error at once."""
    if os.name == "nt":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
