"""The record of a run, ``run.json``: enough to describe, resume and repeat it."""

import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from nst_numpy.runs.provenance import (
    JobRecord,
    describe_job,
    job_entries,
    sha256,
    versions,
    with_files,
)
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.json_text import read_json
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import File, Record, Settings

RECORD_FILE = "run.json"
RUN_SUFFIX = ".run"  # of the default run folder of a picture
DIGEST = re.compile("[0-9a-f]{64}")  # SHA-256
JOB_TYPES = {"job": str, "settings": dict, "files": dict, "versions": dict}


@dataclass(frozen=True)
class RunRecord:
    """A run of the command line.

    Attributes
    ----------
    job : JobRecord
        What determines the picture.
    command : str
        The command that started the run, quoted for a shell.
    folder : str
        The working directory of that command. The paths below are relative to it.
    output : str
        The picture to write.
    report, frames : str or None
        The HTML report and the animated picture to write.
    threads : int
        Threads of the kernels.
    process : int
        ID of the process that started or last resumed the run.
    platform : str
        Operating system and processor.
    finished : dict or None
        Losses, iterations, stop reason and seconds of a finished run
        (`nst_numpy.runs.provenance.summarize_result`).
    """

    job: JobRecord
    command: str
    folder: str
    output: str
    report: str | None
    frames: str | None
    threads: int
    process: int
    platform: str
    finished: Record | None = None


RUN_TYPES = {
    "command": str,
    "folder": str,
    "output": str,
    "report": str | None,
    "frames": str | None,
    "threads": int,
    "process": int,
    "platform": str,
    "finished": dict | None,
}


def record_job(kind: str, settings: Settings) -> JobRecord:
    """The record of a job; ``threads`` is left out because it does not affect the result."""
    relevant = {name: value for name, value in settings.items() if name != "threads"}
    return describe_job(kind, relevant)


def write_record(folder: File, record: RunRecord) -> None:
    """Write the ``run.json`` of a run."""
    details = {name: value for name, value in asdict(record).items() if name != "job"}
    text = json.dumps(job_entries(record.job) | details, indent=2)
    write_text(Path(folder) / RECORD_FILE, text + "\n")


def read_record(folder: File) -> RunRecord:
    """Read the ``run.json`` of a run.

    Raises
    ------
    InputError
        If there is none, or it is not the record of a run.
    """
    path = Path(folder) / RECORD_FILE
    try:
        if path.is_symlink():  # writing it would change a file elsewhere
            raise ValueError("it is a symbolic link")
        values = read_json(path)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} is not the folder of a run: it has no {RECORD_FILE}."
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    _check_types(values, RUN_TYPES, path)
    for name in ("output", "report", "frames"):
        given = values.get(name) or "-"
        if ".." in Path(given).parts or "\0" in given:
            raise InputError(f"{path} has the invalid path {short_repr(given)} as {name}.")
    details = {name: values[name] for name in RUN_TYPES if name in values}
    return RunRecord(job_from_metadata(values, path), **details)


def job_from_metadata(values: Any, path: File) -> JobRecord:
    """The job that a picture's metadata or a ``run.json`` describes.

    `nst_numpy.cli.job_kinds.job_kind_of` checks its kind and its settings.

    Parameters
    ----------
    values : object
        What was read from the file.
    path : path
        The file, for messages.

    Raises
    ------
    InputError
        If the values do not describe a job.
    """
    _check_types(values, JOB_TYPES, path)
    job = JobRecord(values["job"], values["settings"], values["files"], values["versions"])
    if not all(isinstance(d, str) and DIGEST.fullmatch(d) for d in job.files.values()):
        raise InputError(f"{path} has no valid checksums of the files of its job.")
    if not all(isinstance(version, str) for version in job.versions.values()):
        raise InputError(f"{path} has no valid versions of the packages of its job.")
    return job


def interrupted_after(values: dict[str, Any], path: File) -> int | None:
    """The iteration after which the job of a picture was interrupted, from its metadata.

    Raises
    ------
    InputError
        If it is not a whole number.
    """
    iteration = values.get("interrupted")
    if iteration is not None and (type(iteration) is not int or iteration < 0):
        raise InputError(f"{path} has no valid number of iterations in its metadata.")
    return iteration


def _check_types(values: Any, types: dict[str, Any], path: File) -> None:
    """Refuse values that are not a dict with entries of these types."""
    if not isinstance(values, dict) or not all(
        isinstance(values.get(name), kind) and not isinstance(values.get(name), bool)
        for name, kind in types.items()
    ):
        raise InputError(f"{path} is not the record of a run of nst-numpy.")


def locate_files(
    job: JobRecord,
    folders: Iterable[File],
    picture: File,
    known: Mapping[str, str] = MappingProxyType({}),
) -> dict[str, str]:
    """Find the files of a job.

    Parameters
    ----------
    job : JobRecord
    folders : iterable of path
        Folders to look in, in this order: first for the name of a file, then for its content under
        another name.
    picture : str or path
        The picture that was made from the files, for messages.
    known : dict of str to str
        Paths where files with a given SHA-256 may be.

    Returns
    -------
    dict of str to str
        The current path of each file, by its name in the record.

    Raises
    ------
    InputError
        If a file is missing or its content has changed.
    """
    places = list(dict.fromkeys(os.fspath(folder) for folder in folders))
    return {
        path: _locate(path, digest, places, picture, known.get(digest))
        for path, digest in job.files.items()
    }


def settings_with_files(job: JobRecord, files: dict[str, str]) -> Settings:
    """The settings of a job, with the paths that `locate_files` has found."""
    return with_files(job.settings, files)


def _locate(
    path: str, digest: str, folders: Sequence[str], picture: File, known: str | None
) -> str:
    """The path of a file with this content."""
    candidates = [os.path.join(folder, path) for folder in folders]
    found = [each for each in candidates if os.path.isfile(each)]
    for candidate in [*found, *([known] if known and os.path.isfile(known) else [])]:
        if sha256(candidate) == digest:
            return candidate
    for candidate in _similar_files(path, folders):
        with suppress(InputError, OSError):
            if sha256(candidate) == digest:
                return candidate
    if found:
        raise InputError(
            f"{found[0]} has changed since {picture} was made from it: restore the original file."
        )
    raise InputError(
        f"The file {path}, from which {picture} was made, is missing: put it into the folder of "
        f"{picture} or into the current folder."
    )


def _similar_files(path: str, folders: Sequence[str]) -> Iterator[str]:
    """The files in the folders with the suffix of a path."""
    suffix = os.path.splitext(path)[1].lower()
    for folder in folders:
        with suppress(OSError):
            for name in sorted(os.listdir(folder or ".")):
                candidate = os.path.join(folder, name)
                if name.lower().endswith(suffix) and os.path.isfile(candidate):
                    yield candidate


def warn_about_versions(recorded: dict[str, str], picture: File) -> None:
    """Warn if the installed versions are not the recorded ones: the last bits may differ."""
    here = versions()
    others = {name: old for name, old in recorded.items() if here.get(name) != old}
    if others:
        listed = ", ".join(f"{name} {old} (here {here.get(name)})" for name, old in others.items())
        warn_user(f"{picture} was made with {listed}: the last bits of the picture may differ.")
