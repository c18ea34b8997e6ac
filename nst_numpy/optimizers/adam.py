"""Adam, the usual optimizer of deep learning, for comparison."""

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.dot_product import rms
from nst_numpy.optimizers.interface import no_checkpoint
from nst_numpy.optimizers.preconditioner import Preconditioner
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

STEP = 10.0  # step size of the first iteration, in the units of x (gray levels)
BETA_1, BETA_2 = 0.9, 0.99  # the averages reach back about 10 and 100 iterations
EPSILON = 1e-8


def adam(
    f_and_g: Loss,
    x0: Array | State,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    preconditioner: Preconditioner | None = None,
    checkpoint: Checkpoint = no_checkpoint,
) -> tuple[Array, str]:
    """Minimize with Adam [Kingma & Ba 2015, algorithm 1], projected onto the bounds.

        m <- beta_1 m + (1 - beta_1) g              v <- beta_2 v + (1 - beta_2) g^2
        x <- clip(x - t (m / (1 - beta_1^k)) / (sqrt(v / (1 - beta_2^k)) + eps))

    in iteration k. m and v are averages of the gradient and of its square, so each element has
    its own step size. The scale of f cancels in m / sqrt(v), and t is in the units of x. g is
    divided by its first root mean square, so that eps is relative to the scale of f.

    Departs from Kingma & Ba: t falls from STEP to 0 along half a cosine [Loshchilov & Hutter
    2017]. With a constant t the elements never come to rest, because sqrt(v) shrinks with g.

    There is no line search; the loss may rise from one iteration to the next.

    Parameters and results are those of `nst_numpy.optimizers.interface.Minimize`. Because of the
    cosine, a run can only be resumed with the number of iterations that it was started with.

    Raises
    ------
    InputError
        If there is a preconditioner. Adam has its own scale for each element, which does not
        combine with one: in the variables z the loss is 1.4 times as high after 100 iterations.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> x, reason = adam(f_and_g, np.zeros(2), (0, 2), lambda iteration, x, f: None, 60)
    >>> x.round(3)
    array([2., 2.])
    """
    if preconditioner is not None:
        raise InputError("Adam does not support a preconditioner. Use none, or another optimizer.")
    if not isinstance(x0, dict):
        x0 = _start(f_and_g, np.clip(x0, *bounds), callback, iterations)
        checkpoint(x0)
    _check_iterations(x0, iterations)
    last, x, g, m, v, scale = (x0[name] for name in ("iteration", "x", "g", "m", "v", "scale"))
    del x0  # its arrays can be freed during the first iteration
    if scale == 0:
        return x, stop_reasons.zero_gradient(0)
    for k in range(last + 1, iterations + 1):
        t = float(STEP * (1 + np.cos(np.pi * (k - 1) / iterations)) / 2)
        g = g / scale
        m = BETA_1 * m + (1 - BETA_1) * g
        v = BETA_2 * v + (1 - BETA_2) * g * g
        m_hat, v_hat = m / (1 - BETA_1**k), v / (1 - BETA_2**k)
        x = np.clip(x - t * m_hat / (np.sqrt(v_hat) + EPSILON), *bounds)
        f, g = f_and_g(x)
        callback(k, x, f)
        averages = {"m": m, "v": v, "scale": scale}
        checkpoint({"iteration": k, "x": x, "g": g, **averages, "iterations": iterations})
    return x, stop_reasons.iteration_limit(iterations)


def _start(f_and_g: Loss, x: Array, callback: OptimizerCallback, iterations: int) -> State:
    """The state before the first iteration."""
    f, g = f_and_g(x)
    callback(0, x, f)
    averages = {"m": np.zeros_like(x), "v": np.zeros_like(x), "scale": rms(g)}
    return {"iteration": 0, "x": x, "g": g, **averages, "iterations": iterations}


def _check_iterations(state: State, iterations: int) -> None:
    """Reject another number of iterations than the run was started with."""
    if state["iterations"] != iterations:
        raise InputError(
            f"A run with Adam that was started with {state['iterations']} iterations cannot be "
            f"resumed with {iterations}, because its step sizes depend on that number. Resume "
            f"with {state['iterations']} iterations, or start a new run."
        )
