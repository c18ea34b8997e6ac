"""A line search for the strong Wolfe conditions along a path clipped at the bounds."""

from dataclasses import dataclass

import numpy as np

from nst_numpy.optimizers.dot_product import dot
from nst_numpy.utils.types import Array, Bounds, Loss

C_1, C_2 = 1e-4, 0.9  # the usual values for quasi-Newton methods [Nocedal & Wright 2006]
GROW = 3.0  # factor of t while the minimum lies beyond it
MAX_EVALUATIONS = 20  # of f and g in one search


@dataclass(frozen=True)
class Point:
    """A point on the path x(t) = clip(x + t d).

    Attributes
    ----------
    t : float
        Step size.
    x : array
        x(t).
    f : float
        Value at x(t).
    g : array, shape of x
        Gradient at x(t).
    slope : float
        Derivative of f(x(t)) with respect to t.
    """

    t: float
    x: Array
    f: float
    g: Array
    slope: float


def strong_wolfe(
    f_and_g: Loss, x: Array, f: float, g: Array, d: Array, first_t: float, bounds: Bounds
) -> Point | None:
    """Find a step that satisfies the strong Wolfe conditions [Nocedal & Wright 2006, alg. 3.5].

        f(t) <= f(0) + c_1 g(0)^T (x(t) - x(0))           sufficient decrease
        |f'(t)| <= c_2 |f'(0)|                            curvature condition

    with f(t) = f(x(t)), x(t) = clip(x + t d). ``low`` is the lowest point so far with sufficient
    decrease. ``high`` is a point such that a minimum lies between the two; None until one is
    found.

    Parameters
    ----------
    f_and_g : callable
        ``f_and_g(x) -> (f, g)``.
    x : array
        The start of the path.
    f, g : float, array
        Value and gradient at x.
    d : array
        Search direction; g^T d must be negative.
    first_t : float
        The first step size to try.
    bounds : (float, float)
        Lower and upper bound of every element.

    Returns
    -------
    Point or None
        None if no lower point was found.

    Examples
    --------
    >>> def f_and_g(x):
    ...     return np.sum((x - 3) ** 2), 2 * (x - 3)
    >>> x = np.zeros(2)
    >>> f, g = f_and_g(x)
    >>> point = strong_wolfe(f_and_g, x, f, g, -g, 1.0, (0, 10))
    >>> point.x  # the minimum
    array([3., 3.])
    """
    slope = dot(g, d)
    low, high, t = Point(0.0, x, f, g, slope), None, first_t
    for _ in range(MAX_EVALUATIONS):
        trial = evaluate_step(f_and_g, x, d, t, bounds)
        sufficient = f + C_1 * dot(g, trial.x - x)
        if not trial.f <= sufficient or trial.f >= low.f:  # also if trial.f is NaN
            high = trial
        elif abs(trial.slope) <= C_2 * abs(slope):
            return trial
        else:
            if trial.slope * (high.t - low.t if high else 1.0) >= 0:
                high = low
            low = trial
        t = cubic_minimum(low, high) if high else GROW * t
    return low if low.t else None


def evaluate_step(f_and_g: Loss, x: Array, d: Array, t: float, bounds: Bounds) -> Point:
    """The point x(t) = clip(x + t d).

    A clipped element does not move with t, so the slope is the sum of g_i d_i over the others.
    """
    unclipped = x + x.dtype.type(t) * d
    clipped = np.clip(unclipped, *bounds)
    f, g = f_and_g(clipped)
    return Point(t, clipped, f, g, dot(g, d * (clipped == unclipped)))


def cubic_minimum(low: Point, high: Point) -> float:
    """The t that minimizes the cubic through both values and slopes [Nocedal & Wright, eq. 3.59].

    It is kept away from both ends by a tenth of their distance.
    """
    width = high.t - low.t
    with np.errstate(all="ignore"):
        a = low.slope + high.slope - 3 * (high.f - low.f) / width
        b = np.sign(width) * np.sqrt(np.float64(a * a - low.slope * high.slope))
        share = 1 - (high.slope + b - a) / (high.slope - low.slope + 2 * b)
    share = min(max(share, 0.1), 0.9) if np.isfinite(share) else 0.1
    return low.t + share * width
