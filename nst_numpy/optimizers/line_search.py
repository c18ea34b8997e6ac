"""A line search for the strong Wolfe conditions, along a path that bends at the bounds."""

from dataclasses import dataclass

import numpy as np

from nst_numpy.optimizers.dot_product import inner
from nst_numpy.utils.types import Array, Bounds, Loss

DECREASE = 1e-4  # c_1 and c_2, the usual values for quasi-Newton steps [Nocedal & Wright 2006]
CURVATURE = 0.9
GROW = 3.0  # factor of the step as long as the minimum lies further on
TRIES = 20  # evaluations of one search at the most


@dataclass(frozen=True)
class Point:
    """A point of the path x(t) = clip(x + t d): t, x(t), f, its gradient g, and df/dt."""

    t: float
    x: Array
    f: float
    g: Array
    slope: float


def strong_wolfe(
    f_and_g: Loss, start: Point, d: Array, first: float, bounds: Bounds
) -> Point | None:
    """Find a step that satisfies the strong Wolfe conditions [Nocedal & Wright 2006, alg. 3.5].

        f(t) <= f(0) + c_1 g(0)^T (x(t) - x(0))           enough of a decrease
        |f'(t)| <= c_2 |f'(0)|                            nearly flat: the curvature was seen

    with f(t) = f(x(t)). Where x(t) is clipped it stands still, so f'(t) is the sum of g_i d_i over
    the other elements. One end of the interval, ``low``, is always the lowest point seen that
    decreased enough; the other, ``high``, is where f rises again, once there is such a place.

    Parameters
    ----------
    f_and_g : callable
    start : Point
        Of the last search; its t and slope do not count.
    d : array
        Direction, downhill.
    first : float
        The first step to try.
    bounds : (float, float)

    Returns
    -------
    Point or None
        None if no lower point was found.
    """
    slope = inner(start.g, d)
    low, high, t = Point(0.0, start.x, start.f, start.g, slope), None, first
    for _ in range(TRIES):
        here = point(f_and_g, start.x, d, t, bounds)
        enough = start.f + DECREASE * inner(start.g, here.x - start.x)
        if not here.f <= enough or here.f >= low.f:  # also if f is not a number
            high = here
        elif abs(here.slope) <= CURVATURE * abs(slope):
            return here
        else:
            if here.slope * (high.t - low.t if high else 1.0) >= 0:
                high = low
            low = here
        t = between(low, high) if high else GROW * t
    return low if low.t else None


def point(f_and_g: Loss, x: Array, d: Array, t: float, bounds: Bounds) -> Point:
    """The point at t of the path from x along d."""
    straight = x + x.dtype.type(t) * d
    clipped = np.clip(straight, *bounds)
    f, g = f_and_g(clipped)
    return Point(t, clipped, f, g, inner(g, d * (clipped == straight)))


def between(low: Point, high: Point) -> float:
    """Minimum of the cubic through both ends' values and slopes, not too near to either."""
    width = high.t - low.t
    with np.errstate(all="ignore"):
        a = low.slope + high.slope - 3 * (high.f - low.f) / width
        b = np.sign(width) * np.sqrt(np.float64(a * a - low.slope * high.slope))
        share = 1 - (high.slope + b - a) / (high.slope - low.slope + 2 * b)
    share = min(max(share, 0.1), 0.9) if np.isfinite(share) else 0.1
    return low.t + share * width
