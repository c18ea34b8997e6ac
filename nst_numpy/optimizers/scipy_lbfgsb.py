"""An adapter to SciPy's L-BFGS-B, for comparison."""

from collections.abc import Callable
from typing import Any

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.dot_product import dot
from nst_numpy.optimizers.interface import no_checkpoint
from nst_numpy.optimizers.lbfgs import HISTORY
from nst_numpy.optimizers.preconditioner import Preconditioner
from nst_numpy.utils.blas_threads import one_blas_thread
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

RESUMED = (
    "SciPy's L-BFGS-B is resumed without the history of its earlier iterations. The result differs "
    "slightly from that of an uninterrupted run."
)
NO_PRECONDITIONER = (
    "SciPy's L-BFGS-B does not support a preconditioner. Use none, or another optimizer."
)


def lbfgsb(
    f_and_g: Loss,
    x0: Array | State,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    preconditioner: Preconditioner | None = None,
    checkpoint: Checkpoint = no_checkpoint,
) -> tuple[Array, str]:
    """Minimize with SciPy's L-BFGS-B [Byrd, Lu, Nocedal, Zhu 1995].

    f is scaled so that the root mean square of the first gradient is about 1. The first step, for
    which no curvature is known yet, is then about one unit of x. The factor is a power of two, so
    that the losses reported to the callback are exact. SciPy works in float64; ``f_and_g``
    receives x0's dtype.

    Parameters and results are those of `nst_numpy.optimizers.interface.Minimize`. SciPy does not
    accept the history of an earlier run: a resumed run starts from the same point with an empty
    history, and its result differs slightly from that of an uninterrupted run.

    Raises
    ------
    InputError
        If there is a preconditioner.

    Warns
    -----
    Notice
        If the run is resumed.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> x, reason = lbfgsb(f_and_g, np.zeros(2), (0, 2), lambda iteration, x, f: None, 60)
    >>> x.round(3)
    array([2., 2.])
    """
    if preconditioner is not None:
        raise InputError(NO_PRECONDITIONER)
    if isinstance(x0, dict):
        last, x = x0["iteration"], x0["x"]
        if last == iterations:
            return x, stop_reasons.iteration_limit(iterations)
        warn_user(RESUMED, stacklevel=2)
        f, g = f_and_g(x)
    else:
        last, x = 0, np.clip(x0, *bounds)
        f, g = f_and_g(x)
        callback(0, x, f)
        checkpoint({"iteration": 0, "x": x})
    norm = np.sqrt(dot(g, g))
    if norm == 0:
        return x, stop_reasons.zero_gradient(last)
    shape, dtype = x.shape, x.dtype
    scale = 2.0 ** np.round(np.log2(np.sqrt(x.size) / norm))
    first, iteration = [(f, g)], last  # SciPy evaluates the start again

    def scaled(x: Array) -> tuple[float, Array]:
        f, g = first.pop() if first else f_and_g(x.reshape(shape).astype(dtype))
        return f * scale, g.astype(np.float64).ravel() * scale

    def progress(intermediate_result: Any) -> None:  # SciPy looks at the parameter's name
        nonlocal iteration
        iteration += 1
        x = intermediate_result.x.reshape(shape).astype(dtype)
        callback(iteration, x, intermediate_result.fun / scale)
        checkpoint({"iteration": iteration, "x": x})

    result = _scipy_minimize(scaled, x, bounds, progress, iterations - last)
    return result.x.reshape(shape).astype(dtype), _reason(result, iteration, iterations)


def _scipy_minimize(
    f_and_g: Loss, x: Array, bounds: Bounds, progress: Callable[[Any], None], iterations: int
) -> Any:
    """SciPy's result. Its own convergence tests are off: they stop a style transfer too early."""
    import scipy.optimize  # not at the top, because the import is slow

    options = {"maxiter": iterations, "maxfun": 20 * iterations + 20, "maxcor": HISTORY}
    options |= {"ftol": 0, "gtol": 0}
    with one_blas_thread():  # with two threads its many short products take three times as long
        return scipy.optimize.minimize(
            f_and_g,
            x.astype(np.float64).ravel(),
            jac=True,
            method="L-BFGS-B",
            bounds=scipy.optimize.Bounds(*bounds),
            callback=progress,
            options=options,
        )


def _reason(result: Any, count: int, iterations: int) -> str:
    """SciPy's status as a sentence."""
    if count >= iterations:
        return stop_reasons.iteration_limit(iterations)
    if result.status == 2:
        return stop_reasons.no_lower_loss(count)
    if result.status == 0:
        return f"The loss stopped changing {stop_reasons.after(count)}."
    return f"Stopped {stop_reasons.after(count)}: {result.message}."
