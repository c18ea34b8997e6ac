"""Predict the memory and the time of a job from the headers of its pictures and a short trial."""

import itertools
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from statistics import median

from nst_numpy.transfer.memory_fit import MemoryPlan
from nst_numpy.transfer.multiscale import Scale
from nst_numpy.transfer.option_definition import keywords_of
from nst_numpy.transfer.prepare_job import PreparedJob, prepare_job
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.stylize import run_stylize
from nst_numpy.transfer.tiling import grid
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.types import Array, Terms

TRIAL_SIZE, TRIAL_ITERATIONS = 384, 8  # of the measurement; the cost is linear in the pixels
TWO_FORWARD_PASSES = 1.4  # time relative to one forward pass and one backward pass
WARM_UP = 2  # iterations of the trial that are not measured


@dataclass(frozen=True)
class Plan:
    """Predicted size, memory and time of a job.

    Attributes
    ----------
    width, height : int
        Size of the result in pixels.
    memory : float
        Peak above the memory of the program at its start, in MB.
    tile_rows : int or None
        Rows of a tile if the picture does not fit into the budget as a whole.
    seconds_per_iteration : float
        At the last scale.
    seconds : float
        Of all iterations at all scales.
    """

    width: int
    height: int
    memory: float
    tile_rows: int | None
    seconds_per_iteration: float
    seconds: float


@keywords_of(StylizeSettings)
def plan(settings: StylizeSettings) -> Plan:
    """Predict memory and time of `nst_numpy.stylize` with the same arguments.

    {parameters}

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If an argument is not valid, or the job does not fit into memory.

    Examples
    --------
    >>> from nst_numpy.images.samples import sample_picture
    >>> photo, painting = sample_picture("pagoda", 64), sample_picture("mosaic", 64)
    >>> planned = plan(photo, painting, size=64)
    >>> planned.width, planned.height, planned.tile_rows
    (64, 43, None)
    """
    job = prepare_job(settings)
    return measured_plan(job, job.scales, run_stylize)


def measured_plan(
    job: PreparedJob, scales: list[Scale], paint: Callable[[StylizeSettings], Result]
) -> Plan:
    """The plan of a prepared job, from a short trial of it.

    Parameters
    ----------
    job : PreparedJob
    scales : list of Scale
    paint : callable
        Runs a job from its settings.

    Returns
    -------
    Plan
    """
    size, memory = scales[-1].size, job.memory
    trial = min(size, max(TRIAL_SIZE, memory.smallest_size))
    seconds = seconds_per_iteration(_trial_settings(job, trial), paint)
    seconds *= _pixels(job, size) / _pixels(job, trial) * _overhead(memory)
    height, width = memory.sizes.scaled()[0]
    total = sum(seconds * scale.iterations * (scale.size / size) ** 2 for scale in scales)
    return Plan(width, height, memory.bytes / MEGABYTE, memory.tile_rows, seconds, total)


def seconds_per_iteration(
    settings: StylizeSettings, paint: Callable[[StylizeSettings], Result]
) -> float:
    """Median time of an iteration of a short job."""
    times: list[float] = []

    def callback(iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        times.append(time.perf_counter())

    paint(replace(settings, callback=callback))
    return median(later - earlier for earlier, later in itertools.pairwise(times[WARM_UP:]))


def _trial_settings(job: PreparedJob, size: int) -> StylizeSettings:
    """The settings of the trial: the same job at a smaller size with few iterations."""
    settings = job.settings
    style_size = settings.style_size and max(1, round(settings.style_size * size / settings.size))
    return replace(
        settings,
        size=size,
        iterations=TRIAL_ITERATIONS,
        init="noise",
        weights=job.network,
        style_size=style_size,
        scales=1,
        memory=None,
        state=None,
        checkpoint=None,
    )


def _pixels(job: PreparedJob, size: int) -> int:
    """Pixels of the picture at a size, with its margin."""
    (H, W), border = job.memory.sizes.scaled(size)[0], 2 * job.margin
    return int((H + border) * (W + border))


def _overhead(memory: MemoryPlan) -> float:
    """How many times longer an evaluation takes in tiles: two forward passes, and the halo."""
    if memory.tile_rows is None:
        return 1.0
    load, rows = memory.load, memory.tile_rows
    halo, H = grid(load.network, load.taps)[1], memory.sizes.scaled()[0][0] + 2 * load.margin
    return TWO_FORWARD_PASSES * min(H, rows + 2 * halo) / min(H, rows)
