"""The steps of gradient descent and momentum agree with their formulas."""

import numpy as np
import pytest

from nst_numpy.optimizers import stop_reasons
from nst_numpy.optimizers.gradient_descent import GROW, MOMENTUM, gradient_descent, momentum

FREE = (-np.inf, np.inf)


def bowl(curvature):
    return lambda x: (0.5 * np.sum(curvature * x**2), curvature * x)


def points(minimize, f_and_g, x0, iterations, bounds=FREE):
    seen = []
    minimize(f_and_g, x0, bounds, lambda i, x, f: seen.append(x), iterations)
    return seen


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_first_step_follows_the_negative_gradient_with_unit_rms(rng, scale):
    curvature, x0 = scale * rng.uniform(0.1, 1, 20), rng.uniform(50, 100, 20)
    g = bowl(curvature)(x0)[1]
    step = points(gradient_descent, bowl(curvature), x0, 1)[1] - x0
    assert np.allclose(step, -g / np.sqrt(np.mean(g**2)), rtol=1e-12)


def test_a_step_that_would_raise_the_loss_is_halved():
    """From 0.1 to the minimum at 0: steps of 1, 1/2 and 1/4 raise the loss, 1/8 does not."""
    _, x1 = points(gradient_descent, bowl(np.ones(1)), np.array([0.1]), 1)
    assert np.allclose(x1, 0.1 - 1 / 8, rtol=1e-12)


def test_momentum_adds_a_share_of_the_previous_step(rng):
    curvature, x0 = rng.uniform(0.1, 1, 20), rng.uniform(50, 100, 20)
    _, x1, x2 = points(momentum, bowl(curvature), x0, 2)
    t = GROW / np.sqrt(np.mean((curvature * x0) ** 2))
    assert np.allclose(x2 - x1, MOMENTUM * (x1 - x0) - t * curvature * x1, rtol=1e-12)


def test_momentum_is_a_share_of_the_clipped_step():
    """A step of 1 from 0.9 is clipped at the bound 1, so its length is 0.1."""
    script = iter([(3.0, -1.0), (2.0, 1.0), (1.0, 0.0)])

    def f_and_g(x):
        f, g = next(script)
        return f, np.full(1, g)

    seen = points(momentum, f_and_g, np.array([0.9]), 2, bounds=(-9.0, 1.0))
    assert np.allclose(seen, [[0.9], [1.0], [1 + MOMENTUM * 0.1 - GROW]], rtol=1e-12)


@pytest.mark.parametrize("minimize", [gradient_descent, momentum])
def test_a_search_without_a_lower_value_stops_after_the_last_iteration(minimize):
    """After three steps every value is infinite."""
    values = iter([3.0, 2.0, 1.0, 0.5])

    def f_and_g(x):
        return next(values, np.inf), np.ones_like(x)

    _, reason = minimize(f_and_g, np.zeros(4), (-100, 100), lambda *_: None, 20)
    assert reason == stop_reasons.no_lower_loss(3)
    assert "3 iterations" in reason
