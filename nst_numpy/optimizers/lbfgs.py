"""L-BFGS by hand: the two-loop recursion, a strong Wolfe line search, bounds by projection.

Step by step in notebooks/06_from_gradient_descent_to_lbfgs.ipynb.
"""

from collections import deque
from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.dot_product import inner
from nst_numpy.optimizers.line_search import Point, strong_wolfe
from nst_numpy.optimizers.optimizer_state import ignore
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

Pair: TypeAlias = tuple[Array, Array, float]  # (s, y, rho)
HISTORY = 10  # pairs (s, y) that are kept, as many as SciPy's own default


def lbfgs(
    f_and_g: Loss,
    x0: Array,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    checkpoint: Checkpoint = ignore,
    state: State | None = None,
) -> tuple[Array, str]:
    """Minimize with limited-memory BFGS [Nocedal & Wright 2006, algorithm 7.5].

    A step s changed the gradient by y, so a model H of the inverse of the second derivative
    should give H y = s. `two_loop` makes one from the last pairs, and the next step goes along

        d = -P H P g,

    with P = 0 for each element that lies on a bound which -g would cross, else 1. It goes
    downhill because P H P is positive semidefinite [Bertsekas 1982]. The line search follows
    the path clip(x + t d) to a point that satisfies the strong Wolfe conditions.

    Departs from Gatys et al.: the paper has plain gradient descent (`gradient_descent`), which
    minimizes the same and takes many more iterations; [Gatys et al. 2016] name L-BFGS.

    Parameters and results are those of `nst_numpy.optimizers.scipy_lbfgsb`. All vectors have x0's
    dtype; in float32 they take half of the memory and of the time.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> lbfgs(f_and_g, np.zeros(2), (0, 2), lambda iteration, x, f: None, 10)[0]
    array([2., 2.])
    """
    low, high = bounds
    if state is None:
        x = np.clip(x0, low, high)
        f, g = f_and_g(x)
        state = {"iteration": 0, "x": x, "f": f, "g": g, "pairs": []}
        callback(0, x, f)
        checkpoint(state)
    iteration, x, f, g = (state[name] for name in ("iteration", "x", "f", "g"))
    pairs = deque(state["pairs"], HISTORY)  # (s, y, rho), the oldest first
    del state  # what it holds is free as soon as the loop has moved on
    while iteration < iterations:
        P = ~(((x <= low) & (g > 0)) | ((x >= high) & (g < 0)))
        d = P * -two_loop(P * g, pairs)
        if not d.any():
            return x, stop_reasons.no_derivative(iteration)
        t = 1.0 if pairs else np.sqrt(d.size / inner(d, d))  # at first about one unit of x
        found = strong_wolfe(f_and_g, Point(0.0, x, f, g, 0.0), d, t, bounds)
        if found is None and not pairs:
            return x, stop_reasons.no_lower_loss(iteration)
        if found is None:
            pairs.clear()  # the model misled: once more, straight downhill
            continue
        remember(pairs, found.x - x, found.g - g)
        x, f, g = found.x, found.f, found.g
        iteration += 1
        callback(iteration, x, f)
        checkpoint({"iteration": iteration, "x": x, "f": f, "g": g, "pairs": list(pairs)})
    return x, stop_reasons.done(iterations)


def two_loop(g: Array, pairs: Sequence[Pair]) -> Array:
    """H g from the pairs (s, y), without forming H [Nocedal & Wright 2006, algorithm 7.4].

    Each pair, the oldest first, updates H by

        H <- (I - rho s y^T) H (I - rho y s^T) + rho s s^T,   rho = 1 / (y^T s),

    the smallest change of H after which H y = s. Applied to g that is one loop over the factors
    on the right, the newest pair first, one product with the first H, and one loop over the
    factors on the left. The first H is I (s^T y) / (y^T y) of the newest pair: about the size of
    the inverse curvature.

    Parameters
    ----------
    g : array
    pairs : sequence of (s, y, rho)
        Arrays of g's shape, and a float; the oldest first.

    Returns
    -------
    H g : array, shape and dtype of g
    """
    q, alphas = g.copy(), []
    for s, y, rho in reversed(pairs):
        alphas.append(rho * inner(s, q))
        q -= alphas[-1] * y
    if pairs:
        s, y, rho = pairs[-1]
        q *= 1 / (rho * inner(y, y))
    for (s, y, rho), alpha in zip(pairs, reversed(alphas), strict=True):
        q += (alpha - rho * inner(y, q)) * s
    return q


def remember(pairs: deque[Pair], s: Array, y: Array) -> None:
    """Keep a pair if the curvature along s is positive, so that H stays positive definite."""
    y = y * (s != 0)  # what a bound held tells nothing of the others' curvature
    ys = inner(y, s)
    if ys > float(np.finfo(s.dtype).eps) * inner(y, y):
        pairs.append((s, y, 1 / ys))
