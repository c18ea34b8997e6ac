"""What every job does once its loss is there: minimize it over the pixels, and keep the record."""

import time
from dataclasses import dataclass, field

import numpy as np

from nst_numpy.errors import InputError
from nst_numpy.kernels import use_threads
from nst_numpy.optimize import averaged, find_optimizer
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
    gradients : dict of str to (H, W, 3) array
        Derivative of each term with respect to the pixels at the end, if asked for.
    """

    picture: np.ndarray
    losses: np.ndarray
    terms: dict
    reason: str
    seconds: float
    earlier: tuple = ()
    gradients: dict = field(default_factory=dict)


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
    gradients=False,
):
    """Minimize a loss over the pixels of a picture.

    Parameters
    ----------
    prepare : callable
        ``prepare() -> f``, which computes the targets and returns the loss:
        ``f(x) -> (L, dL_dx, terms)`` as `nst_numpy.objective.total_loss` does.
        For gradients also ``f(x, only=term)``, with all other terms weighing nothing.
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
    gradients : bool
        Whether the result shall have the derivative of each term.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If the optimizer is not known, or the loss is not finite at the start.
    """
    minimize, history, latest = find_optimizer(optimizer), [], {}
    if average > 1:
        minimize = averaged(minimize, average)

    def shown(x):
        return finish(crop(x, margin)) if finish else crop(x, margin)

    def evaluate(x):
        nonlocal latest
        L, dL_dx, latest = loss(x)
        return L, dL_dx if history else _finite(L, dL_dx)

    def record(iteration, x, L):
        history.append((L, latest))
        if callback is not None:
            callback(iteration, shown(x), L, latest)

    with use_threads(threads):
        began = time.perf_counter()
        loss = prepare()
        with np.errstate(over="ignore", invalid="ignore"):
            # Departs from Gatys et al.: the pixels stay within 0..255 all the way, so that the
            # result needs no clipping, which would change its loss.
            x, reason = minimize(evaluate, x0, (BLACK, WHITE), record, iterations)
        seconds = time.perf_counter() - began
        each = latest if gradients else ()
        dL_dx = {name: crop(loss(x, only=name)[1], margin) for name in each}

    return Result(
        picture=np.clip(np.rint(shown(x)), BLACK, WHITE).astype(np.uint8),
        losses=np.array([L for L, _ in history]),
        terms={name: np.array([terms[name] for _, terms in history]) for name in latest},
        reason=reason,
        seconds=seconds,
        gradients=dL_dx,
    )


def _finite(L, dL_dx):
    """The derivative at the start, if there is a way from there."""
    if not (np.isfinite(L) and np.isfinite(dL_dx).all()):
        raise InputError(
            "The loss or its derivative is not finite at the start: a number among ratio, tv and "
            "style_weights, or in the weights file, is too large."
        )
    return dL_dx
