"""Gradient descent, without and with momentum, for comparison."""

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.bounds import free_elements
from nst_numpy.optimizers.dot_product import rms
from nst_numpy.optimizers.interface import no_checkpoint
from nst_numpy.optimizers.preconditioner import Preconditioner, precondition
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

MOMENTUM = 0.9  # mu, the usual value
GROW, SHRINK = 1.1, 0.5  # factors of t after an accepted and after a rejected step
MAX_HALVINGS = 30  # of t in one iteration


def gradient_descent(
    f_and_g: Loss,
    x0: Array | State,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    preconditioner: Preconditioner | None = None,
    checkpoint: Checkpoint = no_checkpoint,
) -> tuple[Array, str]:
    """Minimize with gradient descent, projected onto the bounds.

        x <- clip(x + t d),     d = -P S P g

    S is the preconditioner, the identity if there is none. P is that of `free_elements`.

    The step size t adapts to the loss [Battiti 1989]. In the first step the root mean square of
    the elements' changes is one unit of x: t = 1 / rms(d), whatever the scale of f. After a step
    that lowers f, t grows by a tenth. A step that would raise f is rejected and t is halved, so
    f decreases in every iteration.

    Parameters and results are those of `nst_numpy.optimizers.interface.Minimize`.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> x, reason = gradient_descent(f_and_g, np.zeros(2), (0, 2), lambda iteration, x, f: None, 60)
    >>> x.round(3)
    array([2., 2.])
    """
    if not isinstance(x0, dict):
        x0 = _start(f_and_g, np.clip(x0, *bounds), bounds, callback, 0.0, preconditioner)
        checkpoint(x0)
    return _descend(f_and_g, x0, bounds, callback, iterations, preconditioner, checkpoint)


def momentum(
    f_and_g: Loss,
    x0: Array | State,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    preconditioner: Preconditioner | None = None,
    checkpoint: Checkpoint = no_checkpoint,
) -> tuple[Array, str]:
    """Minimize with gradient descent with momentum [Polyak 1964].

        v <- mu v + t d,        d = -P S P g
        x <- clip(x + v)

    with mu = MOMENTUM: each step repeats a share mu of the step before. Along a narrow valley the
    steps add up; across it they cancel. t adapts as in `gradient_descent`. A rejected step also
    resets v to 0.

    Parameters and results are those of `nst_numpy.optimizers.interface.Minimize`.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> x, reason = momentum(f_and_g, np.zeros(2), (0, 2), lambda iteration, x, f: None, 60)
    >>> x.round(3)
    array([2., 2.])
    """
    if not isinstance(x0, dict):
        x0 = _start(f_and_g, np.clip(x0, *bounds), bounds, callback, MOMENTUM, preconditioner)
        checkpoint(x0)
    return _descend(f_and_g, x0, bounds, callback, iterations, preconditioner, checkpoint)


def _start(
    f_and_g: Loss,
    x: Array,
    bounds: Bounds,
    callback: OptimizerCallback,
    mu: float,
    S: Preconditioner | None,
) -> State:
    """The state before the first iteration."""
    f, g = f_and_g(x)
    callback(0, x, f)
    d = _direction(x, g, bounds, S)
    t = 1 / rms(d) if d.any() else 0.0
    return {"iteration": 0, "x": x, "f": f, "g": g, "v": np.zeros_like(x), "t": t, "mu": mu}


def _direction(x: Array, g: Array, bounds: Bounds, S: Preconditioner | None) -> Array:
    """The direction -P S P g."""
    P = free_elements(x, g, bounds)
    return P * -precondition(S, P * g)


def _descend(
    f_and_g: Loss,
    state: State,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    S: Preconditioner | None,
    checkpoint: Checkpoint,
) -> tuple[Array, str]:
    """Run the iterations after a state; mu = 0 is gradient descent without momentum."""
    last, x, f, g, v, t, mu = (state[n] for n in ("iteration", "x", "f", "g", "v", "t", "mu"))
    del state  # its arrays can be freed during the first iteration
    for iteration in range(last + 1, iterations + 1):
        d = _direction(x, g, bounds, S)
        for _ in range(MAX_HALVINGS):
            x_new = np.clip(x + (mu * v + t * d), *bounds)
            if np.array_equal(x_new, x):
                return x, stop_reasons.zero_gradient(iteration - 1)
            f_new, g_new = f_and_g(x_new)
            if f_new < f:
                break
            v, t = np.zeros_like(v), SHRINK * t
        else:
            return x, stop_reasons.no_lower_loss(iteration - 1)
        v, t = x_new - x, GROW * t  # the part of the step beyond the bounds is not in v
        x, f, g = x_new, f_new, g_new
        callback(iteration, x, f)
        checkpoint({"iteration": iteration, "x": x, "f": f, "g": g, "v": v, "t": t, "mu": mu})
    return x, stop_reasons.iteration_limit(iterations)
