"""What a job will take on this machine, from its pictures' headers and a quick measurement."""

import itertools
import time
from dataclasses import dataclass
from functools import partial
from statistics import median

from nst_numpy.paper import ask_like, stylize_like
from nst_numpy.transfer.checks import defaults_of
from nst_numpy.transfer.settings import ask
from nst_numpy.transfer.stylize import stylize
from nst_numpy.transfer.tiling import grid
from nst_numpy.utils.available_memory import MEGABYTE

TRIAL_SIZE, TRIAL_ITERATIONS = 384, 8  # of the measurement; the cost is linear in the pixels
DEFAULTS = defaults_of(stylize)


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
        At the last scale.
    seconds : float
        Of all iterations, at all scales.
    """

    width: int
    height: int
    memory: float
    rows: int | None
    seconds_per_iteration: float
    seconds: float


def plan(content, style=None, *, convention=None, **given):
    """Predict memory and time of `stylize`, or of `nst_numpy.paper.stylize_like`.

    Parameters
    ----------
    content : path or (H, W, 3) array
    style : path, array, or a list of several, optional
        The content in its own style if not given.
    convention : str, optional
    **given
        As in `nst_numpy.transfer.stylize.stylize`.

    Returns
    -------
    Plan

    Raises
    ------
    InputError
        If an argument does not fit, or the job does not.
    """
    style = content if style is None else style
    if convention:
        paint = partial(stylize_like, convention)
        job, _, fit = ask_like(convention, content, style, given)
        network, steps = job["weights"], [(job["size"], job["iterations"])]
    else:
        paint, asked = stylize, ask(**{**DEFAULTS, **given, "content": content, "style": style})
        fit, steps = asked.fit, asked.steps
        network = fit.load.network
    size, _ = steps[-1]
    trial = min(size, max(TRIAL_SIZE, fit.least))
    small = {"size": trial, "iterations": TRIAL_ITERATIONS, "init": "noise", "weights": network}
    if given.get("style_size"):
        small["style_size"] = max(1, round(given["style_size"] * trial / size))
    alone = {name: value for name, value in given.items() if name not in ("scales", "memory")}
    seconds = _seconds_per_iteration(paint, {**alone, **small, "content": content, "style": style})
    pixels, of_trial = (_pixels(fit, each) for each in (size, trial))
    seconds *= pixels / of_trial * _overhead(fit)
    height, width = fit.shapes[0]
    in_all = sum(seconds * iterations * (each / size) ** 2 for each, iterations in steps)
    return Plan(width, height, fit.bytes / MEGABYTE, fit.rows, seconds, in_all)


def _seconds_per_iteration(paint, job):
    """Median over a short job."""
    times = []
    paint(**job, callback=lambda *_: times.append(time.perf_counter()))
    return median(later - earlier for earlier, later in itertools.pairwise(times[2:]))


def _pixels(fit, size):
    """Of the picture at that size, with its margin."""
    (H, W), border = fit.shapes_at(size)[0], 2 * fit.load.margin
    return (H + border) * (W + border)


def _overhead(fit):
    """How many times longer an evaluation takes by strips: forward twice, and the halo."""
    if fit.rows is None:
        return 1.0
    halo, H = grid(fit.load.network, fit.load.taps)[1], fit.shapes[0][0] + 2 * fit.load.margin
    return 1.4 * min(H, fit.rows + 2 * halo) / min(H, fit.rows)
