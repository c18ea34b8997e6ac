"""Gradient descent, plain and with momentum: the optimizer that needs no explanation, for study."""

from typing import Any

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.optimizer_state import ignore
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

MOMENTUM = 0.9  # mu, the usual value
GROW, SHRINK = 1.1, 0.5  # factors of t while the loss falls, and when it would rise
TRIES = 30  # halvings of t in one iteration at the most


def gradient_descent(
    f_and_g: Loss,
    x0: Array,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    mu: float = 0.0,
    *,
    checkpoint: Checkpoint = ignore,
    state: State | None = None,
) -> tuple[Array, str]:
    """Minimize by steps straight downhill, with momentum if mu > 0 [Polyak 1964].

        v <- mu v - t g
        x <- clip(x + v)

    No constant t suits every loss, so it fits itself [Battiti 1989]. The first step moves an
    element by one unit in the root mean square, whatever the scale of f: t = 1 / rms(g). As long
    as f falls, t grows by a tenth. A step that would raise f is not taken: t is halved, v starts
    again from rest, and so the losses only fall.

    Parameters and results are those of `nst_numpy.optimizers.scipy_lbfgsb`, and

    mu : float
        Share of the last step that goes into the next one, from 0 to below 1.
    """
    low, high = bounds
    if state is None:
        x = np.clip(x0, low, high)
        f, g = f_and_g(x)
        t = 1 / rms(g) if g.any() else 0.0
        state = {"iteration": 0, "x": x, "f": f, "g": g, "v": np.zeros_like(x), "t": t}
        callback(0, x, f)
        checkpoint(state)
    begun, x, f, g, v, t = (state[name] for name in ("iteration", "x", "f", "g", "v", "t"))
    del state  # what it holds is free as soon as the loop has moved on
    for iteration in range(begun + 1, iterations + 1):
        for _ in range(TRIES):
            moved = np.clip(x + (mu * v - t * g), low, high)
            if np.array_equal(moved, x):
                return x, stop_reasons.no_derivative(iteration - 1)
            f_moved, g_moved = f_and_g(moved)
            if f_moved < f:
                break
            v, t = np.zeros_like(v), SHRINK * t
        else:
            return x, stop_reasons.no_lower_loss(iteration - 1)
        v, t = moved - x, GROW * t  # what a bound held is no part of the motion
        x, f, g = moved, f_moved, g_moved
        callback(iteration, x, f)
        checkpoint({"iteration": iteration, "x": x, "f": f, "g": g, "v": v, "t": t})
    return x, stop_reasons.done(iterations)


def momentum(
    f_and_g: Loss,
    x0: Array,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    **resume: Any,
) -> tuple[Array, str]:
    """`gradient_descent` with momentum: it runs on along a valley in which the other zigzags."""
    return gradient_descent(f_and_g, x0, bounds, callback, iterations, MOMENTUM, **resume)


def rms(g: Array) -> float:
    """Root mean square of an array, as a float."""
    return float(np.sqrt(np.mean(np.square(g, dtype=np.float64))))
