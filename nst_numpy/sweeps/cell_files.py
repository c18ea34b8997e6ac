"""The files of a cell, written so that a grid can continue after a crash."""

import json
from pathlib import Path
from typing import Any

import numpy.typing as npt

from nst_numpy.images import read_picture, write_picture
from nst_numpy.runs.grid_cell import picture_path, record_path
from nst_numpy.runs.provenance import METADATA, JobRecord, identity, picture_metadata
from nst_numpy.transfer.state_schema import is_count, is_number
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.json_text import read_json
from nst_numpy.utils.types import File, Record


def finished_record(folder: File, name: str, job: JobRecord) -> Record | None:
    """The record that an earlier run of the same job has left.

    Parameters
    ----------
    folder : path
    name : str
        Name of the cell.
    job : JobRecord

    Returns
    -------
    dict or None
        None if the cell must run: there is no record, it is of another job or of an error, or the
        picture is missing or damaged.
    """
    try:
        earlier = read_json(record_path(folder, name))
        same_job = identity(earlier["job"], earlier["settings"], earlier["files"]) == identity(
            job.kind, job.settings, job.files
        )
        finished = earlier["error"] is None and same_job and is_complete(earlier)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # missing, or not the record of a cell
    return earlier if finished and _is_picture(picture_path(folder, name)) else None


def is_complete(record: Record) -> bool:
    """Whether a record has the entries of a finished cell, of their types."""
    losses, versions = record["losses"], record["versions"]
    return (
        isinstance(record["cell"], str)
        and isinstance(record["reason"], str)
        and is_count(record["iterations"])
        and is_number(record["seconds"])
        and isinstance(losses, dict)
        and all(map(is_number, losses.values()))
        and isinstance(versions, dict)
        and all(isinstance(version, str) for version in versions.values())
    )


def _is_picture(path: Path) -> bool:
    """Whether a file is a complete picture."""
    try:
        read_picture(path)
    except InputError:
        return False
    return True


def write_cell(folder: File, record: Record, picture: npt.NDArray[Any] | None) -> None:
    """Write the picture of a cell, and then its record.

    An existing record is removed first, so that no record is ever next to the picture of another
    job. Each file is complete or absent, even after a crash.
    """
    name = record["cell"]
    record_path(folder, name).unlink(missing_ok=True)
    if picture is None:
        picture_path(folder, name).unlink(missing_ok=True)
    else:
        job = JobRecord(*(record[key] for key in METADATA))
        write_picture(picture_path(folder, name), picture, picture_metadata(job))
    write_text(record_path(folder, name), json.dumps(record, indent=2) + "\n")
