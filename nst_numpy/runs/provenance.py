"""What identifies a job: its function, its settings, its files by checksum, and the versions."""

import hashlib
import json
import os
import platform
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from importlib.metadata import version
from typing import Any

import nst_numpy
from nst_numpy.transfer.optimization import Result
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File, Record, Settings

PACKAGES = ("numpy", "scipy", "numba", "pillow")
PICTURES = ("content", "style", "content_mask", "style_mask", "picture")  # settings that name files


@dataclass(frozen=True)
class Cell:
    """One job of a grid.

    Attributes
    ----------
    name : str
        Of its files.
    job : callable
        ``job(**settings) -> nst_numpy.transfer.optimization.Result``, a function that can be imported by name.
    settings : dict
        All that decides the result: numbers, strings, None and sequences of these. A string with
        a dot or a slash, and that of a picture, stands for what is in the file if it names one.
    """

    name: str
    job: Callable[..., Result]
    settings: Settings


def summarize_result(result):
    """What is told of a `nst_numpy.transfer.optimization.Result` beside its picture."""
    finals = {term: float(values[-1]) for term, values in result.terms.items()}
    return {
        "losses": {"total": float(result.losses[-1]), **finals},
        "iterations": len(result.losses) - 1,
        "reason": result.reason,
        "seconds": result.seconds,
    }


def versions() -> dict[str, str]:
    """{package: version} of all that has a part in the numbers."""
    own = {"python": platform.python_version(), "nst_numpy": nst_numpy.__version__}
    return own | {name: version(name) for name in PACKAGES}


def describe(cell: Cell) -> Record:
    """The part of a cell's record that is known before: name, job, settings and its files."""
    settings = json.loads(json.dumps(cell.settings, default=os.fspath))
    return {
        "cell": cell.name,
        "job": cell.job.__name__,
        "settings": settings,
        "files": {path: sha256(path) for path in sorted(_files(settings))},
    }


def picture_metadata(record: Record) -> Record:
    """The parts of a record that go into the picture: two equal jobs have them in common."""
    return {name: record[name] for name in ("job", "settings", "files", "versions")}


def identity(record: Record) -> tuple[str, Any]:
    """What two records of the same job have in common: files count by what is in them."""
    return record["job"], substitute(record["settings"], record["files"])


def digest(record: Record) -> str:
    """Eight letters for the identity."""
    text = json.dumps(identity(record), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:8]


def substitute(value: Any, by: dict[str, str]) -> Any:
    """Replace strings within settings."""
    if isinstance(value, dict):
        return {name: substitute(part, by) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [substitute(part, by) for part in value]
    return by.get(value, value) if isinstance(value, str) else value


def _files(value: Any, surely: bool = False) -> set[str]:
    """The strings within settings that are names of files."""
    if isinstance(value, dict):
        parts = [_files(part, name in PICTURES) for name, part in value.items()]
        return set().union(*parts)
    if isinstance(value, list):
        return set().union(*(_files(part, surely) for part in value))
    named = isinstance(value, str) and (surely or not {".", os.sep}.isdisjoint(value))
    return {value} if named and os.path.isfile(value) else set()


def sha256(path: File) -> str:
    """Of a file's content, read once as long as the file is not written again."""
    status = os.stat(path)
    return _sha256(os.fspath(path), (status.st_mtime_ns, status.st_size))


@lru_cache(maxsize=256)
def _sha256(path: str, stamp: tuple[int, int]) -> str:
    """Of a file's content."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
