"""What cells leave in a folder, written so that a grid can go on after any crash."""

import json
from pathlib import Path
from typing import Any

import numpy.typing as npt

from nst_numpy.images import write_picture
from nst_numpy.runs.provenance import identity, picture_metadata
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.types import File, Record


def picture_path(folder: File, name: str) -> Path:
    """Where a cell's picture lies."""
    return Path(folder) / f"{name}.png"


def record_path(folder: File, name: str) -> Path:
    """Where a cell's record lies."""
    return Path(folder) / f"{name}.json"


def done_before(folder: File, record: Record) -> Record | None:
    """The record that an earlier run left of the same job, or None if it has to be done.

    Parameters
    ----------
    folder : path
    record : dict
        As of `nst_numpy.runs.provenance.describe`.
    """
    try:
        earlier = json.loads(record_path(folder, record["cell"]).read_text("utf-8"))
        same = earlier["error"] is None and identity(earlier) == identity(record)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None  # none, or not one of ours
    return earlier if same and picture_path(folder, record["cell"]).is_file() else None


def store(folder: File, record: Record, picture: npt.NDArray[Any] | None) -> None:
    """Write a cell's picture and then its record, each whole or not at all.

    A record of an earlier job by that name goes first: at no time does a record stand beside a
    picture that is not its own.
    """
    record_path(folder, record["cell"]).unlink(missing_ok=True)
    if picture is None:
        picture_path(folder, record["cell"]).unlink(missing_ok=True)
    else:
        write_picture(picture_path(folder, record["cell"]), picture, picture_metadata(record))
    write_text(record_path(folder, record["cell"]), json.dumps(record, indent=2) + "\n")
