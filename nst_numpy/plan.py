"""What a job will take on this machine, from a quick measurement."""

import itertools
import math
import time
from dataclasses import dataclass
from statistics import median

from nst_numpy import vgg
from nst_numpy.arguments import check_numbers
from nst_numpy.memory import MEGABYTE, budget_bytes, job_bytes, rows_within
from nst_numpy.networks import DEFAULT_NETWORK
from nst_numpy.pictures import read_picture, scaled_to
from nst_numpy.ready import ready_network
from nst_numpy.start import MARGIN
from nst_numpy.strips import grid
from nst_numpy.stylize import STYLE_LAYERS, stylize

TRIAL_SIZE, TRIAL_ITERATIONS = 384, 8  # of the measurement; the cost is linear in the pixels


@dataclass(frozen=True)
class Plan:
    """Size, memory and time of a job.

    Attributes
    ----------
    width, height : int
        Of the result, in pixels.
    memory : float
        Peak above what the program takes when it has started, MB.
    rows : int or None
        Rows of a strip if the picture does not fit into the budget as a whole.
    seconds_per_iteration : float
    """

    width: int
    height: int
    memory: float
    rows: int | None
    seconds_per_iteration: float


def plan(
    content,
    *,
    size,
    weights=DEFAULT_NETWORK,
    content_layer="conv4_2",
    optimizer="lbfgs",
    threads=None,
    memory=None,
):
    """Predict memory and time of `stylize` for a picture.

    Parameters
    ----------
    content : path
    size : int
        Pixels of the longer side.
    weights, content_layer, optimizer, threads, memory
        As in `stylize`.

    Returns
    -------
    Plan
    """
    check_numbers(size, 1, 0, 0, 0, threads, memory)
    network = ready_network(weights)
    picture = read_picture(content)
    width, height = scaled_to(size, picture.shape)
    shape, taps = (height + 2 * MARGIN, width + 2 * MARGIN), {content_layer, *STYLE_LAYERS}
    deepest = vgg.check_taps(network, taps, (height, width))
    job = network, (shape, shape), content_layer, STYLE_LAYERS, optimizer
    rows = rows_within(*job, budget_bytes(memory))
    least = vgg.smallest_side(network, deepest) * max(width, height) / min(width, height)
    trial = min(size, max(TRIAL_SIZE, math.ceil(least)))
    seconds = _seconds_per_iteration(picture, trial, network, optimizer, threads)
    trial_width, trial_height = scaled_to(trial, picture.shape)
    pixels = (trial_width + 2 * MARGIN) * (trial_height + 2 * MARGIN)
    return Plan(
        width,
        height,
        job_bytes(*job, rows) / MEGABYTE,
        rows,
        seconds * shape[0] * shape[1] / pixels * _overhead(network, shape, taps, rows),
    )


def _seconds_per_iteration(picture, size, network, optimizer, threads):
    """Median over a short job of the picture in its own style, from noise."""
    times = []
    stylize(
        picture,
        picture,
        size=size,
        init="noise",
        iterations=TRIAL_ITERATIONS,
        weights=network,
        optimizer=optimizer,
        threads=threads,
        callback=lambda *_: times.append(time.perf_counter()),
    )
    return median(later - earlier for earlier, later in itertools.pairwise(times[2:]))


def _overhead(network, shape, taps, rows):
    """How many times longer an evaluation takes by strips: forward twice, and the halo."""
    if rows is None:
        return 1.0
    halo = grid(network, taps)[1]
    return 1.4 * min(shape[0], rows + 2 * halo) / min(shape[0], rows)
