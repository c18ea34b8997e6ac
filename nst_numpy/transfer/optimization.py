"""Minimize an objective over the pixels, and record the losses on the way."""

import logging
import time
from dataclasses import dataclass
from typing import Any

import numpy as np

from nst_numpy.optimizers import find_optimizer, update_average
from nst_numpy.optimizers.preconditioner import Preconditioner
from nst_numpy.transfer.checkpoint import START, check_state
from nst_numpy.transfer.evaluation import evaluate, term_gradient
from nst_numpy.transfer.inputs import BLACK, WHITE, Inputs, finished
from nst_numpy.transfer.margin import crop
from nst_numpy.transfer.nonfinite import check_finite
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.weighted_terms import Objective
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Array, Image, Picture, Series, State, Terms

log = logging.getLogger(__name__)


def minimize(
    objective: Objective,
    inputs: Inputs,
    settings: StylizeSettings,
    started: float,
    preconditioner: Preconditioner | None = None,
    identity: dict[str, Any] | None = None,
) -> Result:
    """Minimize an objective over the pixels of a picture.

    Departs from Gatys et al.: the pixels stay within 0..255 all the way, so that the result needs
    no clipping, which would change its loss.

    Parameters
    ----------
    objective : Objective
    inputs : Inputs
    settings : StylizeSettings
        Those of the optimization are used: ``optimizer``, ``iterations``, ``average``,
        ``callback``, ``checkpoint``, ``state``, ``gradients``.
    started : float
        `time.perf_counter` before the targets were computed.
    preconditioner : Preconditioner, optional
        Guess of the inverse second derivative; None for the identity.
    identity : dict, optional
        Plain values by name that a state must agree with.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If the state belongs to another job.
    NotFinite
        If the loss or its derivative is not finite.

    Notes
    -----
    The state that ``checkpoint`` gets holds all that is needed to resume: it is a dict of numbers,
    strings, None, arrays (which are never overwritten), and lists and dicts of these.
    ``"iteration"`` counts as the callback does; ``"losses"``, ``"terms"``, ``"seconds"`` and
    ``"earlier"`` are those of a `Result` so far; ``"picture"`` is the picture with the lowest loss
    so far.
    """
    targets_seconds = time.perf_counter() - started
    _log_start(settings.optimizer, crop(inputs.x0, inputs.margin), objective.encoder.tile_rows)
    log.info("Targets computed in %.1f s.", targets_seconds)
    identity = _identity(settings, inputs.x0) | (identity or {})
    state = check_state(settings.state, identity, settings.iterations) if settings.state else START
    recorder = _Recorder(objective, inputs, settings, identity, state, started)
    with np.errstate(over="ignore", invalid="ignore"):
        x, reason = find_optimizer(settings.optimizer).minimize(
            recorder.evaluate,
            state["steps"] or inputs.x0,
            (BLACK, WHITE),
            recorder.record,
            settings.iterations,
            preconditioner=preconditioner,
            checkpoint=recorder.save,
        )
    result = recorder.result(x if recorder.mean is None else recorder.mean, reason)
    log.info("%s Loss %.6g, from %.6g.", reason, result.losses[-1], result.losses[0])
    return result


@dataclass(eq=False)
class _Recorder:
    """What is recorded while an objective is minimized.

    Attributes
    ----------
    objective, inputs, settings, started
        As of `minimize`.
    identity : dict
        What a state must agree with.
    state : dict
        The state that the job resumes from.
    """

    objective: Objective
    inputs: Inputs
    settings: StylizeSettings
    identity: dict[str, Any]
    state: State
    started: float

    def __post_init__(self) -> None:
        self.losses: list[float] = list(self.state["losses"])
        self.terms = {name: list(values) for name, values in self.state["terms"].items()}
        self.best: Picture | None = self.state["picture"]
        self.mean: Image | None = self.state["mean"]
        self.weight: float = self.state["weight"]
        self.evaluated: dict[float, Terms] = {}  # terms by loss, since the last iteration

    @property
    def seconds(self) -> float:
        """Time spent on this job so far, with the time before it was resumed."""
        return float(self.state["seconds"]) + time.perf_counter() - self.started

    def evaluate(self, x: Array) -> tuple[float, Array]:
        """The loss and its derivative, for the optimizer."""
        L, dL_dx, terms = evaluate(self.objective, x)
        self.evaluated[L] = terms
        iteration = len(self.losses)
        check_finite(L, dL_dx, self.objective, x, iteration)
        log.debug("Iteration %d, evaluation: loss %.6g.", iteration, L)
        return L, dL_dx

    def record(self, iteration: int, x: Array, L: float) -> None:
        """Record the loss and its terms after an iteration, and call the callback."""
        self.losses.append(L)
        if self.settings.average > 1 and iteration:
            mean = x if self.mean is None else self.mean
            self.mean, self.weight = update_average(mean, self.weight, x, self.settings.average)
        terms, self.evaluated = self.evaluated[L], {}
        for name, value in terms.items():
            self.terms.setdefault(name, []).append(value)
        if self.settings.checkpoint is not None and min(self.losses) == L:
            self.best = as_bytes(finished(x, self.inputs))
        if self.settings.callback is not None:
            self.settings.callback(iteration, finished(x, self.inputs), L, terms)

    def save(self, steps: State) -> None:
        """Give the checkpoint function all that is needed to resume from here."""
        if self.settings.checkpoint is None:
            return
        self.settings.checkpoint(
            {
                "iteration": len(self.losses) - 1,
                "job": self.identity,
                "steps": steps,
                "picture": self.best,
                "mean": self.mean,
                "weight": self.weight,
                "losses": np.array(self.losses),
                "terms": _arrays(self.terms),
                "seconds": self.seconds,
                "earlier": [],
                "tile_rows": self.objective.encoder.tile_rows,
            }
        )

    def result(self, x: Array, reason: str) -> Result:
        """The result at the final image x."""
        seconds, margin = self.seconds, self.inputs.margin
        names = self.terms if self.settings.gradients else ()
        gradients = {name: crop(term_gradient(self.objective, x, name), margin) for name in names}
        picture = as_bytes(finished(x, self.inputs))
        losses, terms = np.array(self.losses), _arrays(self.terms)
        return Result(picture, losses, terms, reason, seconds, gradients=gradients)


def as_bytes(picture: Image) -> Picture:
    """Round a picture (H, W, 3) of floats, 0..255, to uint8."""
    return np.clip(np.rint(picture), BLACK, WHITE).astype(np.uint8)


def _identity(settings: StylizeSettings, x0: Image) -> dict[str, Any]:
    """What a state must agree with, in plain values by name."""
    return {
        "optimizer": settings.optimizer,
        "average": settings.average,
        "scales": 1,
        "shape": list(x0.shape),
        "dtype": str(x0.dtype),
    }


def _log_start(optimizer: str, x0: Image, tile_rows: int | None) -> None:
    """Log how a job is computed."""
    extent = f"in tiles of {tile_rows} rows" if tile_rows else "as a whole"
    W, H = x0.shape[1::-1]
    log.info(
        "%s, %d x %d pixels in %s, %s, threads: %d.",
        *(optimizer, W, H, x0.dtype, extent, number_of_threads()),
    )


def _arrays(terms: dict[str, list[float]]) -> dict[str, Series]:
    """The recorded terms as arrays."""
    return {name: np.array(values) for name, values in terms.items()}
