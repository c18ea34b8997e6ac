"""The kinds of jobs that a record can name, and how the command line runs each of them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from nst_numpy.paper import (
    ReconstructSettings,
    like_settings,
    prepare_reconstruction,
    prepare_stylize_like,
    reconstruct_content,
    reconstruct_style,
    stylize_like,
)
from nst_numpy.runs.provenance import JobRecord
from nst_numpy.transfer.memory_fit import MemoryPlan
from nst_numpy.transfer.multiscale import scales_of
from nst_numpy.transfer.option_definition import check_options, recorded_names
from nst_numpy.transfer.prepare_job import prepare_job
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.errors import InputError


@dataclass(frozen=True)
class JobKind:
    """A kind of job.

    Attributes
    ----------
    name : str
        As it stands in a record.
    run : callable
        ``run(**settings) -> Result``
    check : callable
        ``check(settings)`` refuses invalid settings, or a job that does not fit into memory.
    iterations : callable
        Settings -> largest number of iterations, all scales together.
    settings : frozenset of str
        Names of the settings that a record may have.
    """

    name: str
    run: Callable[..., Result]
    check: Callable[[dict[str, Any]], MemoryPlan]
    iterations: Callable[[dict[str, Any]], int]
    settings: frozenset[str]


def _stylize_iterations(settings: dict[str, Any]) -> int:
    complete = StylizeSettings(**settings)
    check_options(complete)
    return sum(scale.iterations for scale in scales_of(complete))


def _check_stylize(settings: dict[str, Any]) -> MemoryPlan:
    return prepare_job(StylizeSettings(**settings)).memory


def _convention_iterations(settings: dict[str, Any]) -> int:
    complete = like_settings(**settings)
    check_options(complete)
    return complete.iterations


def _check_convention(settings: dict[str, Any]) -> MemoryPlan:
    return prepare_stylize_like(**settings).memory


def _reconstruct_settings(settings: dict[str, Any]) -> ReconstructSettings:
    """The settings of `reconstruct_content` (``layer``) or `reconstruct_style` (``layers``)."""
    shared = {name: value for name, value in settings.items() if name not in ("layer", "layers")}
    content = [settings["layer"]] if "layer" in settings else []
    return ReconstructSettings(
        content_layers=content, style_layers=settings.get("layers", []), **shared
    )


def _reconstruct_iterations(settings: dict[str, Any]) -> int:
    complete = _reconstruct_settings(settings)
    check_options(complete)
    return complete.iterations


def _check_reconstruct(settings: dict[str, Any]) -> MemoryPlan:
    return prepare_reconstruction(_reconstruct_settings(settings))[2]


OF_STYLIZE = frozenset(recorded_names(StylizeSettings))
OF_RECONSTRUCT = frozenset(recorded_names(ReconstructSettings)) - {"content_layers", "style_layers"}
STYLIZE = JobKind("stylize", stylize, _check_stylize, _stylize_iterations, OF_STYLIZE)
CONVENTION = JobKind(
    "stylize_like", stylize_like, _check_convention, _convention_iterations, OF_STYLIZE | {"name"}
)
RECONSTRUCT_CONTENT = JobKind(
    "reconstruct_content",
    reconstruct_content,
    _check_reconstruct,
    _reconstruct_iterations,
    OF_RECONSTRUCT | {"layer"},
)
RECONSTRUCT_STYLE = JobKind(
    "reconstruct_style",
    reconstruct_style,
    _check_reconstruct,
    _reconstruct_iterations,
    OF_RECONSTRUCT | {"layers"},
)
JOB_KINDS = {k.name: k for k in (STYLIZE, CONVENTION, RECONSTRUCT_CONTENT, RECONSTRUCT_STYLE)}


def job_kind_of(job: JobRecord, source: object) -> JobKind:
    """The kind of job of a record.

    Parameters
    ----------
    job : JobRecord
    source : object
        Where the record comes from, for messages.

    Raises
    ------
    InputError
        If this version does not know the kind of job or one of its settings.
    """
    kind = JOB_KINDS.get(job.kind)
    if kind is None:
        raise InputError(
            f"{source} was made by a job of the kind {job.kind!r}, which this version of "
            "nst_numpy does not know."
        )
    unknown = sorted(job.settings.keys() - kind.settings)
    if unknown:
        raise InputError(
            f"{source} has settings that this version of nst_numpy does not know: "
            f"{', '.join(unknown)}."
        )
    try:
        kind.iterations(job.settings)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{source} has settings that this version of nst_numpy does not know: {error}"
        ) from error
    return kind
