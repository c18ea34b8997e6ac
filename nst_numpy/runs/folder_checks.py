"""Checks of a run folder before a run uses it, and removal of leftover files."""

import os
import shlex
from pathlib import Path

from nst_numpy.runs.folder_lock import LOCK_FILE
from nst_numpy.runs.record import RECORD_FILE, read_record
from nst_numpy.runs.snapshots import remove_snapshots, snapshots
from nst_numpy.utils.atomic_files import temporary_name
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.processes import process_exists
from nst_numpy.utils.types import File


def check_is_run_folder(folder: Path) -> None:
    """Refuse a folder that contains only files that do not belong to a run."""
    names = {path.name for path in folder.iterdir()}
    if names and names.isdisjoint((RECORD_FILE, LOCK_FILE)):
        raise InputError(
            f"{folder} contains files that do not belong to a run: choose another "
            "folder with --run."
        )


def check_can_overwrite(folder: Path, output: str) -> None:
    """Refuse a folder whose run is unfinished or has another output."""
    if is_finished(folder):
        record = read_record(folder)
        previous = os.path.join(record.folder, record.output)
        if previous != os.path.abspath(output):
            raise InputError(
                f"{folder} contains the run of {previous}: choose another folder with --run, or "
                "remove it."
            )
    elif snapshots(folder):
        raise InputError(
            f"{folder} contains an unfinished run: resume it with 'nst-numpy resume "
            f"{shlex.quote(str(folder))}', or remove that folder to start again."
        )


def is_finished(folder: Path) -> bool:
    """Whether the run in a folder is finished."""
    return (folder / RECORD_FILE).exists() and read_record(folder).finished is not None


def remove_leftovers(folder: Path) -> None:
    """Remove the files that a killed process has left in a run folder."""
    remove_partial_files(folder)
    if is_finished(folder):
        remove_snapshots(folder)


def remove_partial_files(folder: File, process: int | str = "*") -> None:
    """Remove the partially written files of a process that has ended, or of all."""
    if isinstance(process, int) and process != os.getpid() and process_exists(process):
        return
    for part in Path(folder).glob(temporary_name(process, "*")):
        part.unlink(missing_ok=True)
