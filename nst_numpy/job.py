"""What every job does once its loss is there: minimize it over the pixels, and keep the record."""

import time
from dataclasses import dataclass

import numpy as np

from nst_numpy.finite import check_finite
from nst_numpy.kernels import use_threads
from nst_numpy.optimize import averaged, find_optimizer
from nst_numpy.resume import START, check_state
from nst_numpy.start import BLACK, MARGIN, WHITE, crop


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
        Of the coarser scales before this one (`nst_numpy.scales`), the coarsest first.
    """

    picture: np.ndarray
    losses: np.ndarray
    terms: dict
    reason: str
    seconds: float
    earlier: tuple = ()


def run(
    prepare,
    x0,
    iterations,
    optimizer,
    callback=None,
    threads=None,
    margin=MARGIN,
    finish=None,
    average=1,
    checkpoint=None,
    state=None,
    rows=None,
):
    """Minimize a loss over the pixels of a picture.

    Parameters
    ----------
    prepare : callable
        ``prepare() -> f``, which computes the targets and returns the loss:
        ``f(x) -> (L, dL_dx, terms)`` as `nst_numpy.objective.total_loss` does.
    x0 : (H + 32, W + 32, 3) array
        Where to start, with its margin (`nst_numpy.start.extend`).
    iterations : int
    optimizer : str
        A name from `nst_numpy.optimize.OPTIMIZERS`.
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
        (`nst_numpy.optimize.averaged`); the losses and the callback's pictures are their own.
    checkpoint : callable, optional
        ``checkpoint(state)`` at the start and after each iteration, after the callback. ``state``
        holds all that is needed to go on from there: a dict of numbers, strings, None, arrays
        (which are never overwritten), and lists and dicts of these. Its ``"iteration"`` counts as
        the callback does; ``"losses"``, ``"terms"``, ``"seconds"`` and ``"earlier"`` are those of
        a `Result` so far, and ``"picture"`` is the one with the lowest loss so far.
    state : dict, optional
        Such a state, to go on from in place of x0. The result is to the bit that of a job that was
        never stopped, but for SciPy's L-BFGS-B (`nst_numpy.optimize.lbfgsb`).
    rows : int, optional
        Of the strips that ``prepare``'s loss works in; kept in the states (`rows_as_before`).

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
    minimize = find_optimizer(optimizer)
    if average > 1:
        minimize = averaged(minimize, average)
    job = {"optimizer": optimizer, "average": average, "scales": 1}
    job |= {"shape": list(x0.shape), "dtype": str(x0.dtype)}
    state = check_state(state, job, iterations) if state else START
    losses, best, latest = list(state["losses"]), state["picture"], {}
    terms = {name: list(values) for name, values in state["terms"].items()}

    def shown(x):
        return finish(crop(x, margin)) if finish else crop(x, margin)

    def evaluate(x):
        nonlocal latest
        L, dL_dx, latest = loss(x)
        check_finite(L, dL_dx, prepare, x, len(losses))
        return L, dL_dx

    def record(iteration, x, L):
        nonlocal best
        losses.append(L)
        for name in latest:
            terms.setdefault(name, []).append(latest[name])
        if checkpoint is not None and min(losses) == L:
            best = as_bytes(shown(x))
        if callback is not None:
            callback(iteration, shown(x), L, latest)

    def keep(steps):
        if checkpoint is not None:
            spent = state["seconds"] + time.perf_counter() - began
            own = {"iteration": len(losses) - 1, "job": job, "steps": steps, "picture": best}
            seen = {"losses": np.array(losses), "terms": _arrays(terms), "seconds": spent}
            checkpoint({**own, **seen, "earlier": [], "rows": rows})

    with use_threads(threads):
        began = time.perf_counter()
        loss = prepare()
        with np.errstate(over="ignore", invalid="ignore"):
            # Departs from Gatys et al.: the pixels stay within 0..255 all the way, so that the
            # result needs no clipping, which would change its loss.
            how = {"checkpoint": keep, "state": state["steps"]}
            x, reason = minimize(evaluate, x0, (BLACK, WHITE), record, iterations, **how)
        seconds = state["seconds"] + time.perf_counter() - began

    return Result(as_bytes(shown(x)), np.array(losses), _arrays(terms), reason, seconds)


def as_bytes(picture):
    """A picture (H, W, 3) of floats, 0..255, as it is written: uint8."""
    return np.clip(np.rint(picture), BLACK, WHITE).astype(np.uint8)


def _arrays(terms):
    """The record of each term as an array."""
    return {name: np.array(values) for name, values in terms.items()}
