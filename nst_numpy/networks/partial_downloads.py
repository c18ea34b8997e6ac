"""Folders of unfinished downloads in the cache folder, and their removal after a killed process."""

import os
import shutil
import socket
import time
from pathlib import Path

from nst_numpy.utils.processes import process_exists

PREFIX = "part-"
DAY = 24 * 3600  # seconds


def part_prefix() -> str:
    """Start of the name of a folder for a download of this process: computer and process."""
    return f"{PREFIX}{_computer()}-{os.getpid()}-"


def remove_abandoned_parts(folder: Path) -> None:
    """Remove the folders of downloads whose process no longer exists.

    Processes of other computers, which may share the cache folder, cannot be checked; their
    folders are removed if nothing was written into them for a day.
    """
    for part in folder.glob(f"{PREFIX}*"):
        if _is_abandoned(part):
            shutil.rmtree(part, ignore_errors=True)


def _is_abandoned(part: Path) -> bool:
    """Whether nobody writes into a folder any more."""
    computer, _, rest = part.name.removeprefix(PREFIX).rpartition("-")[0].rpartition("-")
    if computer == _computer() and rest.isdecimal():
        return not process_exists(int(rest))
    try:
        newest = max(path.stat().st_mtime for path in (part, *part.rglob("*")))
    except OSError:
        return False
    return time.time() - newest > DAY


def _computer() -> str:
    """The name of this computer, for the name of a file."""
    return "".join(c for c in socket.gethostname() if c.isalnum() or c in ".-")
