"""Write files atomically: a file is either complete or unchanged."""

import contextlib
import os
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File


@contextlib.contextmanager
def atomic_file(path: File) -> Iterator[BinaryIO]:
    """Write to a temporary file in the same folder, then rename it to ``path``.

    After a crash, a full disk or a killed process, ``path`` still holds its previous content. A
    symbolic link is followed, and an existing file keeps its permissions.

    Parameters
    ----------
    path : str or path

    Yields
    ------
    binary file

    Raises
    ------
    OSError
        If the file cannot be written. The temporary file is removed.
    """
    path = Path(os.path.realpath(path))
    mode = _permissions(path)
    temporary = path.with_name(temporary_name(os.getpid(), threading.get_ident()))
    try:
        with open(temporary, "wb", opener=_open_private if mode is not None else None) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, mode)
        temporary.replace(path)
        _sync_folder(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file atomically.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    try:
        with atomic_file(path) as file:
            file.write(text.encode(errors="surrogateescape"))
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


def temporary_name(process: int | str, thread: int | str) -> str:
    """Name of a temporary file. The process id in it identifies files of killed processes."""
    return f".{process}-{thread}.part"


def _permissions(path: Path) -> int | None:
    """The permissions of a file; None if it does not exist."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except OSError:
        return None


def _open_private(path: str, flags: int) -> int:
    """Open a new file that only its owner can read, until it gets its final permissions."""
    return os.open(path, flags, 0o600)


def _sync_folder(folder: Path) -> None:
    """Flush the renamed directory entry to the disk, where the system supports it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
