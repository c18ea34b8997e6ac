"""The record of a run, ``run.json``: enough to describe, resume and repeat it."""

import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from nst_numpy.runs.provenance import (
    PICTURES,
    JobRecord,
    describe_job,
    picture_metadata,
    replace_strings,
    sha256,
    versions,
)
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import File, Record, Settings

RECORD_FILE = "run.json"
FILE_SETTINGS = (*PICTURES, "init", "weights")  # settings that may name files
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
    text = json.dumps(picture_metadata(record.job) | details, indent=2)
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
        values = json.loads(path.read_text("utf-8"))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} is not the folder of a run: it has no {RECORD_FILE}."
        ) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {error}.") from error
    _check_types(values, RUN_TYPES, path)
    details = {name: values[name] for name in RUN_TYPES if name in values}
    return RunRecord(job_from_metadata(values, path), **details)


def job_from_metadata(values: Any, path: File) -> JobRecord:
    """The job that a picture's metadata or a ``run.json`` describes.

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
    return JobRecord(values["job"], values["settings"], values["files"], values["versions"])


def _check_types(values: Any, types: dict[str, Any], path: File) -> None:
    """Refuse values that are not a dict with entries of these types."""
    if not isinstance(values, dict) or not all(
        isinstance(values.get(name), kind) for name, kind in types.items()
    ):
        raise InputError(f"{path} is not the record of a run of nst-numpy.")


def locate_files(job: JobRecord, folders: Iterable[File], picture: File) -> dict[str, str]:
    """Find the files of a job.

    Parameters
    ----------
    job : JobRecord
    folders : iterable of path
        Folders to look in, in this order.
    picture : str or path
        The picture that was made from the files, for messages.

    Returns
    -------
    dict of str to str
        The current path of each file, by its name in the record.

    Raises
    ------
    InputError
        If a file is missing or its content has changed.
    """
    folders = tuple(folders)
    return {path: _locate(path, digest, folders, picture) for path, digest in job.files.items()}


def settings_with_files(job: JobRecord, files: dict[str, str]) -> Settings:
    """The settings of a job, with the paths that `locate_files` has found."""
    return {
        name: replace_strings(value, files) if name in FILE_SETTINGS else value
        for name, value in job.settings.items()
    }


def _locate(path: str, digest: str, folders: Iterable[File], picture: File) -> str:
    """The path of a file with this name and content."""
    candidates = [os.path.join(folder, path) for folder in folders]
    found = [candidate for candidate in candidates if os.path.isfile(candidate)]
    if not found:
        raise InputError(
            f"The file {path}, from which {picture} was made, is missing: restore the file."
        )
    for candidate in found:
        if sha256(candidate) == digest:
            return candidate
    raise InputError(
        f"{found[0]} has changed since {picture} was made from it: restore the original file."
    )


def warn_about_versions(recorded: dict[str, str], picture: File) -> None:
    """Warn if the installed versions are not the recorded ones: the last bits may differ."""
    here = versions()
    others = {name: old for name, old in recorded.items() if here.get(name) != old}
    if others:
        listed = ", ".join(f"{name} {old} (here {here.get(name)})" for name, old in others.items())
        warn_user(f"{picture} was made with {listed}: the last bits of the picture may differ.")
