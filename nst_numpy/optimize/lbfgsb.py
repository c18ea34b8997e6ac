"""Minimize a function of an array: the adapter to SciPy's L-BFGS-B.

Knows nothing of images. ``f_and_g`` may work in any floating-point type.
"""

import numpy as np
import scipy.optimize
from threadpoolctl import threadpool_limits

from nst_numpy.optimize import reasons
from nst_numpy.optimize.inner import inner
from nst_numpy.optimize.lbfgs import HISTORY


def lbfgsb(f_and_g, x0, bounds, callback, iterations):
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

    Returns
    -------
    x : array, shape and dtype of x0
        The best point found.
    reason : str
        Why it stopped, in plain words.
    """
    shape, dtype = x0.shape, x0.dtype
    low, high = bounds
    x0 = np.clip(x0, low, high)
    f, g = f_and_g(x0)
    callback(0, x0, f)
    g = g.astype(np.float64)
    norm = np.sqrt(inner(g, g))
    if norm == 0:
        return x0, reasons.no_derivative(0)
    scale = np.sqrt(x0.size) / norm
    first, count = [(f, g)], 0  # SciPy asks for the start again

    def scaled(x):
        f, g = first.pop() if first else f_and_g(x.reshape(shape).astype(dtype))
        return f * scale, g.astype(np.float64).ravel() * scale

    def progress(intermediate_result):
        nonlocal count
        count += 1
        x = intermediate_result.x.reshape(shape).astype(dtype)
        callback(count, x, intermediate_result.fun / scale)

    options = {"maxiter": iterations, "maxfun": 20 * iterations + 20, "maxcor": HISTORY}
    options |= {"ftol": 0, "gtol": 0}  # SciPy's own tests of progress stop such a job too early
    # With two BLAS threads its many short products take three times as long as with one.
    with threadpool_limits(1, user_api="blas"):
        result = scipy.optimize.minimize(
            scaled,
            x0.astype(np.float64).ravel(),
            jac=True,
            method="L-BFGS-B",
            bounds=scipy.optimize.Bounds(low, high),
            callback=progress,
            options=options,
        )
    return result.x.reshape(shape).astype(dtype), _reason(result, iterations)


def _reason(result, iterations):
    """SciPy's status in plain words."""
    if result.nit >= iterations:
        return reasons.done(iterations)
    if result.status == 2:
        return reasons.no_lower_loss(result.nit)
    if result.status == 0:
        return f"The loss stopped changing after {result.nit} iterations."
    return f"Stopped after {result.nit} iterations: {result.message}."
