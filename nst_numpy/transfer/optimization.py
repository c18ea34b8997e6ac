"""What every job does once its loss is there: minimize it over the pixels, and keep the record."""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from nst_numpy.optimizers import find_optimizer, update_average
from nst_numpy.transfer.checkpoint import START, check_state
from nst_numpy.transfer.evaluation import evaluate as evaluate_objective
from nst_numpy.transfer.evaluation import term_gradient
from nst_numpy.transfer.inputs import BLACK, MARGIN, WHITE, crop
from nst_numpy.transfer.nonfinite import check_finite
from nst_numpy.transfer.objective_terms import Objective
from nst_numpy.utils.process_settings import one_blas_thread
from nst_numpy.utils.threads import number_of_threads, use_threads
from nst_numpy.utils.types import (
    Array,
    Callback,
    Checkpoint,
    Image,
    Picture,
    Series,
    State,
    Terms,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Result:
    """What a job gives back.

    Attributes
    ----------
    picture : (H, W, 3) uint8 array
    losses : (iterations + 1,) float64 array
        Total loss at the start and after each iteration.
    terms : dict of str to (iterations + 1,) float64 array
        The same for each of its terms: ``"content conv4_2"``, ``"style conv1_1"``, ...
    reason : str
        Why the job stopped, in plain words.
    seconds : float
        Spent on the targets and the optimization.
    earlier : tuple of Result
        Of the coarser scales before this one (`nst_numpy.transfer.multiscale`), the coarsest first.
    gradients : dict of str to (H, W, 3) array
        Derivative of each term with respect to the pixels at the end, if asked for.
    """

    picture: Picture
    losses: Series
    terms: dict[str, Series]
    reason: str
    seconds: float
    earlier: tuple["Result", ...] = ()
    gradients: dict[str, Image] = field(default_factory=dict)


def run(
    prepare: Callable[[], Objective],
    x0: Image,
    iterations: int,
    optimizer: str,
    callback: Callback | None = None,
    threads: int | None = None,
    margin: int = MARGIN,
    finish: Callable[[Image], Image] | None = None,
    average: int = 1,
    checkpoint: Checkpoint | None = None,
    state: State | None = None,
    about: dict[str, Any] | None = None,
    rows: int | None = None,
    gradients: bool = False,
) -> Result:
    """Minimize a loss over the pixels of a picture.

    Parameters
    ----------
    prepare : callable
        ``prepare() -> objective``, which computes the targets
        (`nst_numpy.transfer.objective_terms.Objective`).
    x0 : (H + 32, W + 32, 3) array
        Where to start, with its margin (`nst_numpy.transfer.inputs.extend`).
    iterations : int
    optimizer : str
        A name from `nst_numpy.optimizers.OPTIMIZERS`.
    callback : callable, optional
        ``callback(iteration, picture, loss, terms)`` at the start (0) and after each iteration.
    threads : int, optional
        Of the kernels.
    margin : int
        Pixels of x0 on each side that are not part of the picture.
    finish : callable, optional
        What is still done with a picture without its margin, here and for the callback.
    average : int
        The picture is an average over about so many of the last iterates
        (`nst_numpy.optimizers.update_average`); the losses and the callback's pictures are their own.
    checkpoint : callable, optional
        ``checkpoint(state)`` at the start and after each iteration, after the callback. ``state``
        holds all that is needed to go on from there: a dict of numbers, strings, None, arrays
        (which are never overwritten), and lists and dicts of these. Its ``"iteration"`` counts as
        the callback does; ``"losses"``, ``"terms"``, ``"seconds"`` and ``"earlier"`` are those of
        a `Result` so far, and ``"picture"`` is the one with the lowest loss so far.
    state : dict, optional
        Such a state, to go on from in place of x0. The result is to the bit that of a job that was
        never stopped, but for SciPy's L-BFGS-B (`nst_numpy.optimizers.lbfgsb`).
    about : dict, optional
        What else of the job a state must agree with, in plain values by name.
    rows : int, optional
        Of the strips that ``prepare``'s loss works in; kept in the states (`rows_as_before`).
    gradients : bool
        Whether the result shall have the derivative of each term.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If the optimizer is not known, or the state is of another job.
    NotFinite
        If the loss or its derivative is not finite.
    """
    minimize = find_optimizer(optimizer).minimize
    job = {"optimizer": optimizer, "average": average, "scales": 1}
    job |= {"shape": list(x0.shape), "dtype": str(x0.dtype), **(about or {})}
    state = check_state(state, job, iterations) if state else START
    losses, best = list(state["losses"]), state["picture"]
    mean, weight = state["mean"], state["weight"]
    latest: Terms = {}
    terms = {name: list(values) for name, values in state["terms"].items()}

    def shown(x: Array) -> Image:
        return finish(crop(x, margin)) if finish else crop(x, margin)

    def evaluate(x: Array) -> tuple[float, Array]:
        nonlocal latest
        L, dL_dx, latest = evaluate_objective(objective, x)
        check_finite(L, dL_dx, objective, x, len(losses))
        log.debug("Iteration %d, evaluation: loss %.6g.", len(losses), L)
        return L, dL_dx

    def record(iteration: int, x: Array, L: float) -> None:
        nonlocal best, mean, weight
        losses.append(L)
        if average > 1 and iteration:
            mean, weight = update_average(x if mean is None else mean, weight, x, average)
        for name in latest:
            terms.setdefault(name, []).append(latest[name])
        if checkpoint is not None and min(losses) == L:
            best = as_bytes(shown(x))
        if callback is not None:
            callback(iteration, shown(x), L, latest)

    def keep(steps: State) -> None:
        if checkpoint is not None:
            spent = state["seconds"] + time.perf_counter() - began
            own = {"iteration": len(losses) - 1, "job": job, "steps": steps, "picture": best}
            own |= {"mean": mean, "weight": weight}
            seen = {"losses": np.array(losses), "terms": _arrays(terms), "seconds": spent}
            checkpoint({**own, **seen, "earlier": [], "rows": rows})

    with use_threads(threads), one_blas_thread():
        began = time.perf_counter()
        _log_start(optimizer, crop(x0, margin), rows)
        objective = prepare()
        log.info("Targets computed in %.1f s.", time.perf_counter() - began)
        with np.errstate(over="ignore", invalid="ignore"):
            # Departs from Gatys et al.: the pixels stay within 0..255 all the way, so that the
            # result needs no clipping, which would change its loss.
            start, bounds = state["steps"] or x0, (BLACK, WHITE)
            x, reason = minimize(evaluate, start, bounds, record, iterations, checkpoint=keep)
            x = x if mean is None else mean
        seconds = state["seconds"] + time.perf_counter() - began
        log.info("%s Loss %.6g, from %.6g, in %.1f s.", reason, losses[-1], losses[0], seconds)
        each = terms if gradients else ()
        dL_dx = {name: crop(term_gradient(objective, x, name), margin) for name in each}

    picture = as_bytes(shown(x))
    return Result(picture, np.array(losses), _arrays(terms), reason, seconds, gradients=dL_dx)


def as_bytes(picture: Image) -> Picture:
    """A picture (H, W, 3) of floats, 0..255, as it is written: uint8."""
    return np.clip(np.rint(picture), BLACK, WHITE).astype(np.uint8)


def _log_start(optimizer: str, x0: Image, rows: int | None) -> None:
    """Tell the log how a job is done."""
    how_cut = f"in strips of {rows} rows" if rows else "as a whole"
    about = optimizer, *x0.shape[1::-1], x0.dtype, how_cut, number_of_threads()
    log.info("%s, %d x %d pixels in %s, %s, threads: %d.", *about)


def _arrays(terms: dict[str, list[float]]) -> dict[str, Series]:
    """The record of each term as an array."""
    return {name: np.array(values) for name, values in terms.items()}
