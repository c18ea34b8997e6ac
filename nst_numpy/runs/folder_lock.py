"""One process in a folder at a time."""

import contextlib
import os

from nst_numpy.utils.errors import InputError

if os.name == "nt":
    import msvcrt
else:
    import fcntl

LOCK_FILE = ".lock"


@contextlib.contextmanager
def locked(folder):
    """Hold a folder; the system lets go of it when this process ends, in whatever way.

    Raises
    ------
    InputError
        If another process holds it.
    """
    with (folder / LOCK_FILE).open("ab") as file:
        try:
            _lock(file)
        except (BlockingIOError, PermissionError) as error:
            raise InputError(
                f"Another process is at work in {folder}: wait until it ends, or stop it."
            ) from error
        except OSError:
            pass  # a file system without locks
        yield


def _lock(file):
    """Lock a file, or raise an error at once."""
    if os.name == "nt":
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
