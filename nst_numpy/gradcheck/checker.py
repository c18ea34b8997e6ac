"""Check a hand-written derivative against differences of the function's own values.

Step by step in notebooks/05_checking_a_gradient.ipynb.
"""

from dataclasses import dataclass

import numpy as np

from nst_numpy.utils.types import Array, Loss

TOLERANCE = 1e-6  # relative; a derivative that is 0.1 % wrong exceeds it a thousandfold


@dataclass(frozen=True)
class Check:
    """Result of one check.

    Attributes
    ----------
    analytic, numeric : float
        The two numbers that should agree.
    scale : float
        Size of the derivative along a typical direction. Differences are relative to the largest of
        the three.
    tolerance : float
        Largest relative difference that passes.
    """

    analytic: float
    numeric: float
    scale: float = 0.0
    tolerance: float = TOLERANCE

    @property
    def error(self) -> float:
        """Relative difference of the two numbers."""
        largest = max(abs(self.analytic), abs(self.numeric), self.scale)
        difference = abs(self.analytic - self.numeric)
        return difference / largest if largest else 0.0

    @property
    def passed(self) -> bool:
        """Whether the error is below the tolerance."""
        return self.error < self.tolerance


def gradcheck(f_and_g: Loss, x: Array, step: float = 1e-5, seed: int = 0) -> Check:
    """Compare the derivative along two directions v with central differences.

        analytic = <g(x), v>
        numeric  = (f(x + h v) - f(x - h v)) / (2 h),     |v_i| about 1
        error    = |analytic - numeric| / max(|analytic|, |numeric|, |g| |v| / sqrt(n))

    The first direction is random: v = r with independent normal r_i. The difference <e, r> that an
    error e of the derivative causes has the size |e|, whatever the direction of e. But <g, r> has
    only the size |g|, and for many variables rounding errors of f become visible.

    The second direction is correlated with the gradient: v = r + g / rms(g). Then <g, v> is about
    sqrt(n) |g|, far above the rounding errors, and a wrong factor of g is measured precisely. An
    error orthogonal to g is seen only as |e| / (sqrt(n) |g|).

    The central difference has an error of O(h^2), and a rounding error of O(eps |f| / h). It is
    not valid if f has a kink between the two points (a ReLU at 0, equal values in a max pooling):
    choose h so small that both points are on the same side of each kink.

    Parameters
    ----------
    f_and_g : callable
        ``f_and_g(x) -> (f, g)``.
    x : array, float64
    step : float
        h, in the units of x.
    seed : int
        Of the random numbers r.

    Returns
    -------
    Check
        Of the direction with the larger error.

    Raises
    ------
    TypeError
        If x or g is not float64: in float32 the difference consists of rounding errors.

    Examples
    --------
    >>> check = gradcheck(lambda x: (np.sum(x**3), 3 * x**2), np.array([1.0, 2.0]))
    >>> check.passed, check.error < 1e-8
    (True, True)
    """
    _, g = f_and_g(x)
    if x.dtype != np.float64 or g.dtype != np.float64:
        raise TypeError(f"gradcheck needs float64, got x in {x.dtype} and g in {g.dtype}.")
    checks = [check_along(f_and_g, x, g, v, step) for v in directions(g, seed)]
    return max(checks, key=lambda check: (not check.passed, check.error))  # nan does not pass


def directions(g: Array, seed: int) -> list[Array]:
    """The random direction and the one correlated with the gradient g, both of its shape."""
    r = np.random.default_rng(seed).standard_normal(g.shape)
    rms = np.sqrt(np.mean(g * g))
    return [r, r + g / rms] if rms > 0 else [r]


def check_along(f_and_g: Loss, x: Array, g: Array, v: Array, step: float) -> Check:
    """Compare the derivative g at x along one direction v with a central difference."""
    difference = f_and_g(x + step * v)[0] - f_and_g(x - step * v)[0]
    scale = np.linalg.norm(g) * np.linalg.norm(v) / np.sqrt(g.size)
    return Check(float(np.sum(g * v)), float(difference / (2 * step)), float(scale))
