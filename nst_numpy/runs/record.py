"""What a run is, in plain values: enough to tell it, to go on with it, and to do it again.

A record has ``job`` and ``settings``, all that decides the picture; ``files``, the SHA-256 of each
file among the settings; and ``versions``. These four go into the picture
(`nst_numpy.runs.provenance.picture_metadata`). The ``run.json`` of a run also tells how, where and by which
command it is done, and what came of it.
"""

import json
import os
from pathlib import Path

from nst_numpy.runs.provenance import PICTURES, Cell, describe, sha256, substitute, versions
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.process_settings import warn_user

RECORD_FILE = "run.json"
PARTS = {"job": str, "settings": dict, "files": dict, "versions": dict}
PATH = str | None
PLACE = {"output": str, "folder": str, "threads": int, "command": str, "report": PATH}
PLACE["frames"] = PATH  # what a run.json has besides, among others
FILES = (*PICTURES, "init", "weights")  # settings that may name files


def new_record(job, settings):
    """The record of a job.

    Parameters
    ----------
    job : callable
        ``job(**settings) -> nst_numpy.transfer.optimization.Result``
    settings : dict
        As in `nst_numpy.run.Cell`, and ``threads``, which decide nothing.
    """
    decisive = {name: value for name, value in settings.items() if name != "threads"}
    record = describe(Cell("", job, decisive))
    return {name: record[name] for name in ("job", "settings", "files")} | {"versions": versions()}


def write_record(folder, record):
    """Write a run's ``run.json``."""
    write_text(Path(folder) / RECORD_FILE, json.dumps(record, indent=2) + "\n")


def read_record(folder):
    """Read a run's ``run.json``; `InputError` if there is none or it is none."""
    path = Path(folder) / RECORD_FILE
    try:
        record = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(f"{folder} is no folder of a run: there is no {path}.") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    return checked(record, path, PARTS | PLACE)


def checked(record, path, parts=PARTS):
    """A record that was read from a file, if it is one."""
    if not isinstance(record, dict) or not all(
        isinstance(record.get(name), kind) for name, kind in parts.items()
    ):
        raise InputError(f"{path} is not the record of a run of nst-numpy.")
    return record


def find_files(record, places, what):
    """{name in a record: where the file is now}.

    Parameters
    ----------
    record : dict
    places : sequence of path
        Folders from which the names are tried.
    what : str or path
        What was painted from the files, for messages.

    Raises
    ------
    InputError
        If a file is not there any more, or is another one by now.
    """
    return {path: _find(path, digest, places, what) for path, digest in record["files"].items()}


def with_files(record, files):
    """The settings of a record, with the files where `find_files` has found them."""
    return {
        name: substitute(value, files) if name in FILES else value
        for name, value in record["settings"].items()
    }


def _find(path, digest, places, what):
    """Where a file with that name and content lies."""
    there = [place for place in (os.path.join(p, path) for p in places) if os.path.isfile(place)]
    if not there:
        raise InputError(
            f"There is no file {path} any more, from which {what} was painted: put it back."
        )
    for place in there:
        if sha256(place) == digest:
            return place
    raise InputError(
        f"{there[0]} is not the file any more from which {what} was painted, its content is "
        "another: put the old one back."
    )


def warn_about_versions(record, what):
    """Say which versions are not those of a record: the last bits may differ."""
    here = versions()
    others = {name: old for name, old in record["versions"].items() if here.get(name) != old}
    if others:
        told = ", ".join(f"{name} {old} (here {here.get(name)})" for name, old in others.items())
        warn_user(f"{what} was painted with {told}: the picture may differ in its last bits.")
