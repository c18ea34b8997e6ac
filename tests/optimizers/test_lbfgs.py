"""The parts of L-BFGS satisfy the equations that define them."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.optimize

from nst_numpy.optimizers.lbfgs import add_pair, lbfgs, two_loop
from nst_numpy.optimizers.line_search import (
    Point,
    cubic_minimum,
    evaluate_step,
    strong_wolfe,
)

FREE = (-np.inf, np.inf)


@pytest.fixture
def pairs(rng):
    """Three steps on a quadratic, and the changes of its gradient."""
    root = rng.standard_normal((6, 6))
    found = []
    for s in rng.standard_normal((3, 6)):
        found = add_pair(found, s, root @ root.T @ s)
    return found


def dense(pairs, n):
    """H as a matrix, by the BFGS formula."""
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
    s = rng.standard_normal(5)
    assert not add_pair([], s, -s)


def rosenbrock(x):
    """A curved valley [Rosenbrock 1960] and its gradient."""
    a, b = x
    f = (1 - a) ** 2 + 100 * (b - a**2) ** 2
    return f, np.array([-2 * (1 - a) - 400 * a * (b - a**2), 200 * (b - a**2)])


@pytest.mark.parametrize("first", [1e-6, 1e-3, 1.0, 1e3])
def test_the_step_found_satisfies_the_strong_wolfe_conditions(first):
    x = np.array([-1.2, 1.0])
    f, g = rosenbrock(x)
    found = strong_wolfe(rosenbrock, x, f, g, -g, first, FREE)
    f_found, g_found = rosenbrock(x - found.t * g)
    assert found.f == f_found
    assert f_found <= f - 1e-4 * found.t * (g @ g)
    assert abs(g_found @ g) <= 0.9 * (g @ g)


def test_the_line_search_retreats_from_a_value_that_is_nan():
    """f = x - log(x) is NaN for x < 0."""

    def f_and_g(x):
        with np.errstate(invalid="ignore"):
            return float(x[0] - np.log(x[0])), 1 - 1 / x

    x = np.array([3.0])
    f, g = f_and_g(x)
    found = strong_wolfe(f_and_g, x, f, g, -g, 100.0, FREE)
    assert found.f < f


def test_the_slope_on_a_clipped_path_is_the_derivative_of_the_value(rng):
    """Against differences of f along clip(x + t d), where some elements are clipped."""
    c, x, d = rng.uniform(-2, 2, (3, 50))
    x = np.clip(x, -1, 1)

    def f_and_g(x):
        return 0.5 * float(np.sum((x - c) ** 2)), x - c

    here = evaluate_step(f_and_g, x, d, 0.7, (-1, 1))
    right, left = (evaluate_step(f_and_g, x, d, 0.7 + h, (-1, 1)) for h in (1e-6, -1e-6))
    assert (np.abs(here.x) == 1).sum() > 5
    assert np.isclose(here.slope, (right.f - left.f) / 2e-6, rtol=1e-6)


def test_the_minimum_of_a_cubic_is_found():
    """f = t^3 - t has its minimum at 1 / sqrt(3)."""
    ends = [Point(t, None, t**3 - t, None, 3 * t**2 - 1) for t in (0.1, 1.0)]
    assert np.isclose(cubic_minimum(*ends), 3**-0.5, rtol=1e-12)
    assert np.isclose(cubic_minimum(*reversed(ends)), 3**-0.5, rtol=1e-12)


def bounded_quadratic(seed, n=40):
    """A convex quadratic whose minimum in the box [-1, 1]^n lies on many bounds, and a start."""
    rng = np.random.default_rng(seed)
    B = rng.standard_normal((n, n))
    A, b = B @ B.T / n + 0.1 * np.eye(n), 3 * rng.standard_normal(n)
    return lambda x: (0.5 * float(x @ A @ x) - float(b @ x), A @ x - b), rng.uniform(-1, 1, n)


@pytest.mark.parametrize("seed", range(8))
def test_the_minimum_on_bounds_is_scipys(seed):
    f_and_g, x0 = bounded_quadratic(seed)
    x, _ = lbfgs(f_and_g, x0, (-1, 1), lambda *_: None, 300)
    known = scipy.optimize.minimize(
        *(f_and_g, x0), jac=True, method="L-BFGS-B", bounds=[(-1, 1)] * x0.size,
        options={"ftol": 0, "gtol": 1e-12, "maxiter": 2000},
    )  # fmt: skip
    assert (np.abs(known.x) == 1).sum() > 5
    assert abs(f_and_g(x)[0] - known.fun) < 1e-9 * abs(known.fun)
    assert np.allclose(x, known.x, atol=1e-6)


@pytest.mark.parametrize("seed", range(8))
def test_an_element_that_a_bound_holds_stays_on_it_to_the_bit(seed):
    """As long as the gradient pushes it against the bound."""
    f_and_g, x0 = bounded_quadratic(seed)
    path = []
    lbfgs(f_and_g, x0, (-1, 1), lambda k, x, f: path.append(x), 60)
    held = 0
    for before, after in pairwise(path):
        g = f_and_g(before)[1]
        stays = ((before == -1) & (g > 0)) | ((before == 1) & (g < 0))
        held += stays.sum()
        assert np.array_equal(after[stays], before[stays])
        assert (np.abs(after) <= 1).all()
    assert held > 50


@pytest.mark.parametrize("seed", range(6))
def test_misleading_pairs_do_not_stop_the_descent(seed):
    """Pairs of another function, whose directions of descent are useless here."""
    rng = np.random.default_rng(seed)
    f_and_g, x0 = bounded_quadratic(seed)
    f, g = f_and_g(x0)
    pairs = []
    for _ in range(10):
        s = rng.standard_normal(x0.size)
        pairs = add_pair(pairs, s, 1e4 * s + 1e3 * rng.standard_normal(x0.size))
    state = {"iteration": 0, "x": x0, "f": f, "g": g, "pairs": pairs}
    x, _ = lbfgs(f_and_g, state, (-1, 1), lambda *_: None, 300)
    best, _ = lbfgs(f_and_g, x0, (-1, 1), lambda *_: None, 300)
    assert f_and_g(x)[0] < f_and_g(best)[0] + 1e-9 * abs(f_and_g(best)[0])


@pytest.mark.parametrize("seed", range(400))
def test_every_step_taken_satisfies_the_strong_wolfe_conditions(seed):
    """c_1 = 1e-4 and c_2 = 0.9, on sums of waves and a parabola, without bounds."""
    rng = np.random.default_rng(seed)
    w, phase = rng.uniform(0.1, 4, (5, 3)), rng.uniform(0, 6, 5)
    height, x = rng.uniform(-2, 2, 5), rng.uniform(-3, 3, 3)

    def f_and_g(x):
        waves = height * np.cos(w @ x + phase)
        slope = -height * np.sin(w @ x + phase)
        return float(waves.sum() + x @ x / 4), w.T @ slope + x / 2

    f, g = f_and_g(x)
    d = -g * 10 ** rng.uniform(-2, 2, 3)
    evaluations = []

    def counted(x):
        evaluations.append(x)
        return f_and_g(x)

    found = strong_wolfe(counted, x, f, g, d, 10 ** rng.uniform(-3, 3), FREE)
    assert found is not None
    assert found.f <= f + 1e-4 * found.t * (g @ d)
    if len(evaluations) < 20:  # else it is only the lowest point that was found
        assert abs(f_and_g(found.x)[1] @ d) <= 0.9 * abs(g @ d)
        assert np.allclose(found.x, x + found.t * d)


def test_steps_too_small_for_the_numbers_make_it_start_anew():
    """One pair of enormous curvature: along its direction f does not change in float64."""
    f_and_g, x0 = bounded_quadratic(0)
    f, g = f_and_g(x0)
    s = np.ones_like(x0)
    state = {"iteration": 0, "x": x0, "f": f, "g": g, "pairs": [(s, 1e18 * s, 1e-18 / x0.size)]}
    x, _ = lbfgs(f_and_g, state, (-1, 1), lambda *_: None, 300)
    best, _ = lbfgs(f_and_g, x0, (-1, 1), lambda *_: None, 300)
    assert f_and_g(x)[0] < f_and_g(best)[0] + 1e-9 * abs(f_and_g(best)[0])


def test_elements_that_a_bound_did_not_let_move_are_left_out_of_a_pair(rng):
    s, y = rng.uniform(1, 2, (2, 5))
    s[2] = 0
    ((kept_s, kept_y, rho),) = add_pair([], s, y)
    assert np.array_equal(kept_s, s)
    assert kept_y[2] == 0
    assert np.array_equal(np.delete(kept_y, 2), np.delete(y, 2))
    assert np.isclose(rho, 1 / (s @ y), rtol=1e-12)


@pytest.mark.parametrize(("decrease", "is_accepted"), [(0.9e-4, False), (1.1e-4, True)])
def test_a_stationary_point_needs_the_decrease_of_c1(decrease, is_accepted):
    """A cubic with slope -1 at 0 and slope 0 at 1, where it lies ``decrease`` below its start."""
    b = 2 * decrease - 1
    a = 1 - decrease - b

    def cubic(x):
        t = x[0]
        return float(-t + a * t**2 + b * t**3), np.array([-1 + 2 * a * t + 3 * b * t**2])

    start, d = np.zeros(1), np.ones(1)
    found = strong_wolfe(cubic, start, *cubic(start), d, 1.0, FREE)
    assert (found.t == 1) == is_accepted
