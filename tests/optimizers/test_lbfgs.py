"""The parts of the package's own L-BFGS against their definitions."""

import numpy as np
import pytest

from nst_numpy.optimizers.lbfgs import remember, two_loop
from nst_numpy.optimizers.line_search import (
    CURVATURE,
    DECREASE,
    Point,
    between,
    point,
    strong_wolfe,
)

FREE = (-np.inf, np.inf)


@pytest.fixture
def pairs(rng):
    """Three steps on a bowl, and the changes of its gradient."""
    root = rng.standard_normal((6, 6))
    found = []
    for s in rng.standard_normal((3, 6)):
        remember(found, s, root @ root.T @ s)
    return found


def dense(pairs, n):
    """H as a matrix, by the BFGS formula to the letter."""
    s, y, _ = pairs[-1]
    H = np.eye(n) * (s @ y) / (y @ y)
    for s, y, _ in pairs:
        rho, eye = 1 / (y @ s), np.eye(n)
        H = (eye - rho * np.outer(s, y)) @ H @ (eye - rho * np.outer(y, s)) + rho * np.outer(s, s)
    return H


def test_two_loop_is_the_product_with_the_bfgs_matrix(rng, pairs):
    g = rng.standard_normal(6)
    assert np.allclose(two_loop(g, pairs), dense(pairs, 6) @ g, rtol=1e-10)


def test_two_loop_satisfies_the_secant_equation(pairs):
    """H y = s for the newest pair."""
    s, y, _ = pairs[-1]
    assert np.allclose(two_loop(y, pairs), s, rtol=1e-10)


def test_a_pair_of_negative_curvature_is_not_kept(rng):
    found, s = [], rng.standard_normal(5)
    remember(found, s, -s)
    assert not found


def rosenbrock(x):
    """A bent valley [Rosenbrock 1960] and its derivative."""
    a, b = x
    f = (1 - a) ** 2 + 100 * (b - a**2) ** 2
    return f, np.array([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)])


@pytest.mark.parametrize("first", [1e-6, 1e-3, 1.0, 1e3])
def test_the_point_found_satisfies_the_wolfe_conditions(first):
    x = np.array([-1.2, 1.0])
    f, g = rosenbrock(x)
    found = strong_wolfe(rosenbrock, Point(0.0, x, f, g, 0.0), -g, first, FREE)
    f_found, g_found = rosenbrock(x - found.t * g)
    assert found.f == f_found
    assert f_found <= f - DECREASE * found.t * (g @ g)
    assert abs(g_found @ g) <= CURVATURE * (g @ g)


def test_a_value_that_is_not_a_number_is_stepped_back_from():
    """f = x - log(x) has no value left of 0."""

    def f_and_g(x):
        with np.errstate(invalid="ignore"):
            return float(x[0] - np.log(x[0])), 1 - 1 / x

    x = np.array([3.0])
    f, g = f_and_g(x)
    found = strong_wolfe(f_and_g, Point(0.0, x, f, g, 0.0), -g, 100.0, FREE)
    assert found.f < f


def test_the_slope_on_a_bent_path_is_that_of_the_value(rng):
    """Differences of f along clip(x + t d), some elements of which have stopped."""
    c, x, d = rng.uniform(-2, 2, (3, 50))
    x = np.clip(x, -1, 1)

    def f_and_g(x):
        return 0.5 * float(np.sum((x - c) ** 2)), x - c

    here = point(f_and_g, x, d, 0.7, (-1, 1))
    right, left = (point(f_and_g, x, d, 0.7 + h, (-1, 1)) for h in (1e-6, -1e-6))
    assert (np.abs(here.x) == 1).sum() > 5
    assert np.isclose(here.slope, (right.f - left.f) / 2e-6, rtol=1e-6)


def test_the_minimum_of_a_cubic_is_found():
    """f = t^3 - t has its minimum at 1 / sqrt(3)."""
    ends = [Point(t, None, t**3 - t, None, 3 * t**2 - 1) for t in (0.1, 1.0)]
    assert np.isclose(between(*ends), 3**-0.5, rtol=1e-12)
    assert np.isclose(between(*reversed(ends)), 3**-0.5, rtol=1e-12)
