"""One cell of a grid of jobs, and the files that it writes."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nst_numpy.transfer.result import Result
from nst_numpy.utils.types import File, Settings

JobFunction: TypeAlias = Callable[..., Result]


@dataclass(frozen=True)
class Cell:
    """One job of a grid.

    Attributes
    ----------
    name : str
        Name of its files, without the suffix.
    kind : str
        Name of the kind of job in its record, such as ``"stylize"``.
    function : callable
        ``function(**settings, memory=MB) -> nst_numpy.Result``. Other processes must be able to
        import it.
    settings : dict
        All settings that affect the result, as in `nst_numpy.runs.provenance.describe_job`.
    """

    name: str
    kind: str
    function: JobFunction
    settings: Settings


def picture_path(folder: File, name: str) -> Path:
    """The file of a cell's picture."""
    return Path(folder) / f"{name}.png"


def record_path(folder: File, name: str) -> Path:
    """The file of a cell's record."""
    return Path(folder) / f"{name}.json"
