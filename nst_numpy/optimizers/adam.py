"""Adam, the optimizer of most of deep learning, for study."""

import numpy as np

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.gradient_descent import rms
from nst_numpy.optimizers.optimizer_state import check_total, ignore
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State

STEP = 10.0  # first step of every element, in its own units: gray levels of 255
BETA_1, BETA_2 = 0.9, 0.99  # memory of about 10 and 100 iterations
EPSILON = 1e-8


def adam(
    f_and_g: Loss,
    x0: Array,
    bounds: Bounds,
    callback: OptimizerCallback,
    iterations: int,
    *,
    checkpoint: Checkpoint = ignore,
    state: State | None = None,
) -> tuple[Array, str]:
    """Minimize with Adam [Kingma & Ba 2015, algorithm 1], projected onto the bounds.

    Every element has a step size of its own, from averages of its derivative and of its square:

        m <- beta_1 m + (1 - beta_1) g              v <- beta_2 v + (1 - beta_2) g^2
        x <- clip(x - t (m / (1 - beta_1^k)) / (sqrt(v / (1 - beta_2^k)) + eps))

    in iteration k. The factors of f cancel in m / sqrt(v), so t is in the units of x; that eps
    means the same at every scale of f too, g is divided by its first root mean square.

    Departs from Kingma & Ba: with a constant t the elements never come to rest, because sqrt(v)
    shrinks as g does. Here t falls from STEP to 0 along half a cosine [Loshchilov & Hutter 2017].
    The loss may rise on the way; there is no line search.

    Parameters and results are those of `nst_numpy.optimizers.scipy_lbfgsb`. Because of the cosine a state
    can only be gone on from with the number of iterations that it was begun with.
    """
    low, high = bounds
    if state is None:
        x = np.clip(x0, low, high)
        f, g = f_and_g(x)
        m, v = np.zeros_like(x), np.zeros_like(x)
        state = {"k": 0, "x": x, "g": g, "m": m, "v": v, "unit": rms(g), "iterations": iterations}
        callback(0, x, f)
        checkpoint(state)
    check_total(state, iterations)
    begun, x, g, m, v, unit = (state[name] for name in ("k", "x", "g", "m", "v", "unit"))
    del state  # what it holds is free as soon as the loop has moved on
    fixed = {"unit": unit, "iterations": iterations}
    if unit == 0:
        return x, stop_reasons.no_derivative(0)
    for k in range(begun + 1, iterations + 1):
        t = STEP * (1 + np.cos(np.pi * (k - 1) / iterations)) / 2
        g = g / unit
        m = BETA_1 * m + (1 - BETA_1) * g
        v = BETA_2 * v + (1 - BETA_2) * g * g
        m_hat, v_hat = m / (1 - BETA_1**k), v / (1 - BETA_2**k)
        x = np.clip(x - float(t) * m_hat / (np.sqrt(v_hat) + EPSILON), low, high)
        f, g = f_and_g(x)
        callback(k, x, f)
        checkpoint({"k": k, "x": x, "g": g, "m": m, "v": v, **fixed})
    return x, stop_reasons.done(iterations)
