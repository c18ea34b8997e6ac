"""Files that are there as a whole or not at all."""

import contextlib
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File


@contextlib.contextmanager
def atomic_file(path: File) -> Iterator[BinaryIO]:
    """Write a file beside its place, and put it there once it is on the disk.

    A crash, a full disk or the end of the process leaves the earlier file as it was.

    Parameters
    ----------
    path : str or path

    Yields
    ------
    binary file

    Raises
    ------
    OSError
        If it cannot be written. Nothing is left beside its place then.
    """
    path = Path(path)
    part = path.with_name(temporary_name(os.getpid(), threading.get_ident()))
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        _sync_folder(path.parent)
    finally:
        part.unlink(missing_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file, whole or not at all."""
    try:
        with atomic_file(path) as file:
            file.write(text.encode(errors="surrogateescape"))
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


def temporary_name(process: int | str, thread: int | str) -> str:
    """The name of a file on its way; those of a process that was killed can be told by it."""
    return f".{process}-{thread}.part"


def _sync_folder(folder: Path) -> None:
    """Let the new name reach the disk too, where the system has a way to ask for it."""
    with contextlib.suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
