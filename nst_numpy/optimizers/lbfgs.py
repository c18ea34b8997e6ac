"""L-BFGS: the two-loop recursion, a strong Wolfe line search, and bounds by projection.

Derived in notebooks/06_from_gradient_descent_to_lbfgs.ipynb.
"""

from collections.abc import Sequence
from typing import TypeAlias

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.bounds import free_elements, remove_outward
from nst_numpy.optimizers.dot_product import dot
from nst_numpy.optimizers.interface import no_checkpoint
from nst_numpy.optimizers.line_search import strong_wolfe
from nst_numpy.optimizers.preconditioner import Preconditioner, precondition
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

Pair: TypeAlias = tuple[Array, Array, float]  # s, y, rho = 1 / (y^T s)
MIN_DESCENT = 0.1  # see `search_direction`
HISTORY = 10  # m, the number of pairs kept; SciPy's default


def lbfgs(
    f_and_g: Loss,
    x0: Array | State,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    preconditioner: Preconditioner | None = None,
    checkpoint: Checkpoint = no_checkpoint,
) -> tuple[Array, str]:
    """Minimize with limited-memory BFGS [Nocedal & Wright 2006, algorithm 7.5].

    Each iteration searches along d = -H g (`search_direction`), where H approximates the inverse
    of the second derivative. A step s that changes the gradient by y gives the secant equation
    H y = s; `two_loop` computes H g from the last HISTORY pairs (s, y), and from a preconditioner S
    if there is one. `strong_wolfe` finds the step size. If it fails, the pairs are discarded, and
    the next direction is -S g.

    The first step size to try is 1 once there are pairs. Before, it gives the step a root mean
    square of 1 in the variables in which S is the identity: d_z = T^-1 d = -T^T g, so
    |d_z|^2 = -g^T d. Without S these are the units of x.

    Departs from Gatys et al.: the paper uses gradient descent (`gradient_descent`), which
    minimizes the same loss in many more iterations. [Gatys et al. 2016] use L-BFGS.

    Parameters and results are those of `nst_numpy.optimizers.interface.Minimize`. All vectors
    have x0's dtype.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> lbfgs(f_and_g, np.zeros(2), (0, 2), lambda iteration, x, f: None, 10)[0]
    array([2., 2.])
    """
    if not isinstance(x0, dict):
        x0 = _start(f_and_g, np.clip(x0, *bounds), callback)
        checkpoint(x0)
    iteration, x, f, g, pairs = (x0[name] for name in ("iteration", "x", "f", "g", "pairs"))
    del x0  # its arrays can be freed during the first iteration
    while iteration < iterations:
        d = search_direction(x, g, bounds, pairs, preconditioner)
        if not d.any():
            return x, stop_reasons.zero_gradient(iteration)
        first_t = 1.0 if pairs else np.sqrt(d.size / -dot(g, d))
        found = strong_wolfe(f_and_g, x, f, g, d, first_t, bounds)
        if found is None and not pairs:
            return x, stop_reasons.no_lower_loss(iteration)
        if found is None:
            pairs = []
            continue
        pairs = add_pair(pairs, found.x - x, found.g - g)
        x, f, g = found.x, found.f, found.g
        iteration += 1
        callback(iteration, x, f)
        checkpoint({"iteration": iteration, "x": x, "f": f, "g": g, "pairs": pairs})
    return x, stop_reasons.iteration_limit(iterations)


def _start(f_and_g: Loss, x: Array, callback: OptimizerCallback) -> State:
    """The state before the first iteration."""
    f, g = f_and_g(x)
    callback(0, x, f)
    return {"iteration": 0, "x": x, "f": f, "g": g, "pairs": []}


def search_direction(
    x: Array, g: Array, bounds: Bounds, pairs: Sequence[Pair], S: Preconditioner | None = None
) -> Array:
    """The direction d = -P H P g; all zeros if nothing can be improved.

    P is that of `free_elements`. d is a descent direction because P H P is positive semidefinite
    [Bertsekas 1982].

    With a preconditioner, a step changes whole areas. -P H P g leaves behind the single elements
    of an area that lie on a bound, and they show as dark or bright specks. So -H g is tried first,
    without the elements that it would move across a bound (`remove_outward`). It is taken if it
    keeps the share MIN_DESCENT of the slope -g^T H g.
    """
    if S is not None:
        full = -two_loop(g, pairs, S)
        d = remove_outward(x, full, bounds)
        if dot(g, d) < MIN_DESCENT * dot(g, full):
            return d
    P = free_elements(x, g, bounds)
    return P * -two_loop(P * g, pairs, S)


def two_loop(g: Array, pairs: Sequence[Pair], S: Preconditioner | None = None) -> Array:
    """Compute H g from the pairs (s, y), without forming H [Nocedal & Wright 2006, alg. 7.4].

    Each pair, the oldest first, updates H by

        H <- (I - rho s y^T) H (I - rho y s^T) + rho s s^T,   rho = 1 / (y^T s),

    the smallest change of H after which H y = s. Applied to g, the factors on the right are a
    loop from the newest pair to the oldest, and those on the left a loop back. Between the two
    stands the initial matrix H_0 = gamma S, gamma = s^T y / y^T S y of the newest pair, an
    estimate of the inverse curvature. S is the identity without a preconditioner.

    Parameters
    ----------
    g : array
    pairs : sequence of (s, y, rho)
        Arrays of g's shape, and a float; the oldest pair first.
    S : Preconditioner, optional

    Returns
    -------
    H g : array, shape and dtype of g
    """
    q, alphas = g.copy(), []
    for s, y, rho in reversed(pairs):
        alpha = rho * dot(s, q)
        q -= alpha * y
        alphas.append(alpha)
    r = precondition(S, q)
    if pairs:
        s, y, rho = pairs[-1]
        r *= 1 / (rho * dot(y, precondition(S, y)))  # gamma
    for (s, y, rho), alpha in zip(pairs, reversed(alphas), strict=True):
        beta = rho * dot(y, r)
        r += (alpha - beta) * s
    return r


def add_pair(pairs: Sequence[Pair], s: Array, y: Array) -> list[Pair]:
    """The last HISTORY pairs, with (s, y) as the newest.

    The pair is left out if the curvature y^T s is not positive, so that H stays positive
    definite. Elements that a bound did not let move (s = 0) are left out of y.
    """
    y = y * (s != 0)
    ys = dot(y, s)
    if ys > float(np.finfo(s.dtype).eps) * dot(y, y):
        pairs = [*pairs, (s, y, 1 / ys)]
    return list(pairs[-HISTORY:])
