"""Check a hand-written derivative against differences of the function's own values.

Step by step in notebooks/05_checking_a_gradient.ipynb.
"""

from dataclasses import dataclass

import numpy as np

from nst_numpy.utils.types import Array, Loss

TOLERANCE = 1e-6  # relative; a derivative that is 0.1 % wrong misses it a thousandfold


@dataclass(frozen=True)
class Check:
    """Result of one check: the two numbers and their relative difference."""

    analytic: float
    numeric: float

    @property
    def error(self) -> float:
        largest = max(abs(self.analytic), abs(self.numeric))
        return abs(self.analytic - self.numeric) / largest if largest else 0.0

    @property
    def passed(self) -> bool:
        return self.error < TOLERANCE


def gradcheck(f_and_g: Loss, x: Array, step: float = 1e-5, seed: int = 0) -> Check:
    """Compare the derivative along a random direction v with a central difference.

        analytic = <g(x), v>
        numeric  = (f(x + h v) - f(x - h v)) / (2 h),     |v_i| about 1

    The difference errs by O(h^2) and by rounding, O(eps |f| / h). Kinks of f (a ReLU at 0,
    equals in a max pooling) between the two points spoil it: choose h so that x stays on
    one side of them. v leans on g, because a random v is nearly orthogonal to g when x is
    large, and <g, v> would drown in the rounding.

    Parameters
    ----------
    f_and_g : callable
        ``f_and_g(x) -> (f, g)``.
    x : array, float64
    step : float
        h, in the units of x.
    seed : int
        Of the direction.

    Returns
    -------
    Check

    Raises
    ------
    TypeError
        If x or g is not float64: in float32 the difference is only rounding.

    Examples
    --------
    >>> check = gradcheck(lambda x: (np.sum(x**3), 3 * x**2), np.array([1.0, 2.0]))
    >>> check.passed, check.error < 1e-8
    (True, True)
    """
    _, g = f_and_g(x)
    if x.dtype != np.float64 or g.dtype != np.float64:
        raise TypeError(f"gradcheck needs float64, got x in {x.dtype} and g in {g.dtype}.")
    v = np.random.default_rng(seed).standard_normal(x.shape)
    rms = np.sqrt(np.mean(g * g))
    if rms > 0:
        v += g / rms
    difference = f_and_g(x + step * v)[0] - f_and_g(x - step * v)[0]
    return Check(analytic=float(np.sum(g * v)), numeric=float(difference / (2 * step)))
