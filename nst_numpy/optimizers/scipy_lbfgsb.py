"""Minimize a function of an array: the adapter to SciPy's L-BFGS-B.

Knows nothing of images. ``f_and_g`` may work in any floating-point type.
"""

from typing import Any

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.dot_product import inner
from nst_numpy.optimizers.lbfgs import HISTORY
from nst_numpy.optimizers.optimizer_state import ignore
from nst_numpy.utils.process_settings import one_blas_thread, warn_user
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State


def lbfgsb(
    f_and_g: Loss,
    x0: Array,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    checkpoint: Checkpoint = ignore,
    state: State | None = None,
) -> tuple[Array, str]:
    """Minimize with SciPy's L-BFGS-B [Byrd, Lu, Nocedal, Zhu 1995].

    f is multiplied by a constant so that the first gradient's root mean square is 1: the
    first step, for which no curvature is known yet, is then about one unit of x.

    Parameters
    ----------
    f_and_g : callable
        ``f_and_g(x) -> (f, g)`` for an x of x0's shape and dtype; g must be the exact
        derivative of f.
    x0 : array
        Where to start. SciPy works in float64 inside; f_and_g sees x0's dtype.
    bounds : (float, float)
        Lower and upper bound of every element.
    callback : callable
        ``callback(iteration, x, f)`` at the start (0) and after each iteration.
    iterations : int
        When to stop at the latest.
    checkpoint : callable, optional
        ``checkpoint(state)`` after each call of the callback, with all that is needed to go on
        from there: a dict of plain values, the arrays among which are never overwritten.
    state : dict, optional
        Such a state, to go on from in place of x0. ``callback`` sees what comes after it, the
        result is to the bit that of the optimizer that was never stopped. Only SciPy cannot be
        handed its history back: `lbfgsb` starts a fresh one from the same point, and says so.

    Returns
    -------
    x : array, shape and dtype of x0
        The best point found.
    reason : str
        Why it stopped, in plain words.

    Warns
    -----
    Notice
        If it goes on from a state.
    """
    import scipy.optimize  # only here: it takes longer than the rest of the package together

    if state and state["iteration"] == iterations:
        return state["x"], stop_reasons.done(iterations)
    x0, begun = _start(x0, bounds, state)
    shape, dtype = x0.shape, x0.dtype
    f, g = f_and_g(x0)
    if state is None:
        callback(0, x0, f)
        checkpoint({"iteration": 0, "x": x0})
    g = g.astype(np.float64)
    norm = np.sqrt(inner(g, g))
    if norm == 0:
        return x0, stop_reasons.no_derivative(begun)
    scale = np.sqrt(x0.size) / norm
    first, count = [(f, g)], begun  # SciPy asks for the start again

    def scaled(x: Array) -> tuple[float, Array]:
        f, g = first.pop() if first else f_and_g(x.reshape(shape).astype(dtype))
        return f * scale, g.astype(np.float64).ravel() * scale

    def progress(intermediate_result: Any) -> None:
        nonlocal count
        count += 1
        x = intermediate_result.x.reshape(shape).astype(dtype)
        callback(count, x, intermediate_result.fun / scale)
        checkpoint({"iteration": count, "x": x})

    options = {"maxiter": iterations - begun, "maxfun": 20 * iterations + 20, "maxcor": HISTORY}
    options |= {"ftol": 0, "gtol": 0}  # SciPy's own tests of progress stop such a job too early
    # With two BLAS threads its many short products take three times as long as with one.
    with one_blas_thread():
        result = scipy.optimize.minimize(
            scaled,
            x0.astype(np.float64).ravel(),
            jac=True,
            method="L-BFGS-B",
            bounds=scipy.optimize.Bounds(*bounds),
            callback=progress,
            options=options,
        )
    return result.x.reshape(shape).astype(dtype), _reason(result, count, iterations)


def _start(x0: Array, bounds: Bounds, state: State | None) -> tuple[Array, int]:
    """The point to start from, and how many iterations lie behind it."""
    if state is None:
        return np.clip(x0, *bounds), 0
    warn_user(
        "SciPy's L-BFGS-B cannot take up its history again: it goes on from the same picture with "
        "a fresh one, so that the result differs a little from that of an uninterrupted job.",
        stacklevel=3,
    )
    return state["x"], state["iteration"]


def _reason(result: Any, count: int, iterations: int) -> str:
    """SciPy's status in plain words."""
    if count >= iterations:
        return stop_reasons.done(iterations)
    if result.status == 2:
        return stop_reasons.no_lower_loss(count)
    if result.status == 0:
        return f"The loss stopped changing after {count} iterations."
    return f"Stopped after {count} iterations: {result.message}."
