"""What identifies a job: its kind, its settings, the checksums of its files, and the versions."""

import hashlib
import json
import os
import platform
import shlex
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import version
from pathlib import PurePath
from typing import Any

import nst_numpy
from nst_numpy.transfer.result import Result
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File, Record, Settings

PACKAGES = ("numpy", "scipy", "numba", "pillow")  # whose versions may change the last bits
METADATA = ("job", "settings", "files", "versions")  # entries of a picture's metadata
PICTURES = ("content", "style", "content_mask", "style_mask", "picture")  # settings with pictures
FILE_SETTINGS = (*PICTURES, "init", "weights")  # settings that may name files


@dataclass(frozen=True)
class JobRecord:
    """What determines a picture, in plain values.

    Attributes
    ----------
    kind : str
        Name of the kind of job, such as ``"stylize"``. Files store it as ``"job"``.
    settings : dict
        All settings that affect the result: numbers, strings, None, and lists of these.
    files : dict of str to str
        SHA-256 of each file that the settings name.
    versions : dict of str to str
        Versions of the packages that computed the picture.
    """

    kind: str
    settings: Settings
    files: dict[str, str]
    versions: dict[str, str]


def describe_job(kind: str, settings: Settings) -> JobRecord:
    """The record of a job that runs with the versions installed here.

    Parameters
    ----------
    kind : str
    settings : dict
        Settings that affect the result. A string that contains a dot or a slash, or is the value
        of a setting in `PICTURES`, is treated as a file if a file of that name exists.
    """
    plain = json.loads(json.dumps(settings, default=os.fspath))
    files = {path: sha256(path) for path in sorted(_files_in(plain))}
    return JobRecord(kind, plain, files, versions())


def job_entries(job: JobRecord) -> Record:
    """The entries of a file that describe a job."""
    return dict(zip(METADATA, (job.kind, job.settings, job.files, job.versions), strict=True))


def picture_metadata(job: JobRecord) -> Record:
    """The metadata of the job's picture, without the folders of its files.

    Two equal jobs have the same metadata.
    """
    return job_entries(without_folders(job))


def without_folders(job: JobRecord) -> JobRecord:
    """The record of a job in which no file name says where the file is on this machine.

    Pictures are passed on, and the names of folders are private. A file in a folder below the
    working directory keeps its relative path; any other file keeps only its own name.
    """
    names: dict[str, str] = {}
    for path, digest in job.files.items():
        names[path] = _public_name(path, digest, {names[p]: job.files[p] for p in names})
    files = {names[path]: digest for path, digest in job.files.items()}
    return replace(job, settings=with_files(job.settings, names), files=files)


def without_folder(path: str) -> str:
    """The name of a file, with its folders only if they are below the working directory."""
    whole = PurePath(path)
    return whole.name if whole.is_absolute() or ".." in whole.parts else path


def command_without_folders(command: str) -> str:
    """A command for a shell, in which no path says where a file is on this machine."""
    try:
        words = shlex.split(command)
    except ValueError:  # not a command for a shell
        return command
    for word in words:
        option, equals, value = word.partition("=") if word.startswith("--") else ("", "", word)
        public = option + equals + without_folder(value)
        if public != word:
            command = command.replace(shlex.quote(word), shlex.quote(public))
    return command


def with_files(settings: Settings, names: dict[str, str]) -> Settings:
    """The settings of a job, in which the names of files are replaced."""
    return {
        name: replace_strings(value, names) if name in FILE_SETTINGS else value
        for name, value in settings.items()
    }


def _public_name(path: str, digest: str, taken: dict[str, str]) -> str:
    """A name for a file without private folders, different from those of other files."""
    name = PurePath(without_folder(path))
    unique, number = name, 2
    while taken.get(str(unique), digest) != digest:
        unique, number = name.with_stem(f"{name.stem} ({number})"), number + 1
    return str(unique)


def summarize_result(result: Result) -> Record:
    """Final losses by term, number of iterations, stop reason and seconds, as plain values."""
    final = {term: float(values[-1]) for term, values in result.terms.items()}
    return {
        "losses": {"total": float(result.losses[-1]), **final},
        "iterations": len(result.losses) - 1,
        "reason": result.reason,
        "seconds": result.seconds,
    }


def versions() -> dict[str, str]:
    """Versions of Python, this package and the packages that affect the numbers."""
    own = {"python": platform.python_version(), "nst_numpy": nst_numpy.__version__}
    return own | {name: version(name) for name in PACKAGES}


def identity(kind: str, settings: Settings, files: dict[str, str]) -> tuple[str, Any]:
    """A value that is equal for two equal jobs: files are compared by content, not by name."""
    return kind, replace_strings(settings, files)


def job_digest(job: JobRecord) -> str:
    """The first eight hexadecimal digits of the SHA-256 of a job's identity."""
    text = json.dumps(identity(job.kind, job.settings, job.files), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def replace_strings(value: Any, replacements: dict[str, str]) -> Any:
    """A copy of nested settings in which strings are replaced."""
    if isinstance(value, dict):
        return {name: replace_strings(part, replacements) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [replace_strings(part, replacements) for part in value]
    return replacements.get(value, value) if isinstance(value, str) else value


def _files_in(value: Any, names_a_file: bool = False) -> set[str]:
    """The strings within settings that are names of existing files."""
    if isinstance(value, dict):
        return set().union(*(_files_in(part, name in PICTURES) for name, part in value.items()))
    if isinstance(value, list):
        return set().union(*(_files_in(part, names_a_file) for part in value))
    if not isinstance(value, str) or not (names_a_file or {".", os.sep} & set(value)):
        return set()
    return {value} if os.path.isfile(value) else set()


def sha256(path: File) -> str:
    """SHA-256 of a file, cached until the file changes."""
    status = os.stat(path)
    return _sha256(os.fspath(path), (status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=256)
def _sha256(path: str, stamp: tuple[int, int]) -> str:
    """SHA-256 of a file; ``stamp`` makes the cache miss when the file has changed."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
