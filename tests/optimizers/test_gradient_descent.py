"""The steps of gradient descent against its two formulas."""

import numpy as np
import pytest

from nst_numpy.optimizers.gradient_descent import GROW, gradient_descent

FREE = (-np.inf, np.inf)


def bowl(curvature):
    return lambda x: (0.5 * np.sum(curvature * x**2), curvature * x)


def points(f_and_g, x0, iterations, mu=0.0, bounds=FREE):
    seen = []
    gradient_descent(f_and_g, x0, bounds, lambda i, x, f: seen.append(x), iterations, mu)
    return seen


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_first_step_is_one_unit_straight_downhill(rng, scale):
    curvature, x0 = scale * rng.uniform(0.1, 1, 20), rng.uniform(50, 100, 20)
    g = bowl(curvature)(x0)[1]
    step = points(bowl(curvature), x0, 1)[1] - x0
    assert np.allclose(step, -g / np.sqrt(np.mean(g**2)), rtol=1e-12)


def test_a_step_that_would_raise_the_loss_is_halved():
    """From 0.1, steps of 1, 1/2 and 1/4 end higher on the other side, 1/8 does not."""
    _, x1 = points(bowl(np.ones(1)), np.array([0.1]), 1)
    assert np.allclose(x1, 0.1 - 1 / 8, rtol=1e-12)


def test_momentum_adds_a_share_of_the_last_step(rng):
    curvature, x0 = rng.uniform(0.1, 1, 20), rng.uniform(50, 100, 20)
    _, x1, x2 = points(bowl(curvature), x0, 2, mu=0.7)
    t = GROW / np.sqrt(np.mean((curvature * x0) ** 2))
    assert np.allclose(x2 - x1, 0.7 * (x1 - x0) - t * curvature * x1, rtol=1e-12)


def test_momentum_is_what_the_bound_left_of_the_step():
    """From 0.9 a step of 1 ends at the bound 1; 0.1 of motion is left for the step back."""
    script = iter([(3.0, -1.0), (2.0, 1.0), (1.0, 0.0)])

    def f_and_g(x):
        f, g = next(script)
        return f, np.full(1, g)

    seen = points(f_and_g, np.array([0.9]), 2, mu=0.5, bounds=(-9.0, 1.0))
    assert np.allclose(seen, [[0.9], [1.0], [1 + 0.5 * 0.1 - GROW]], rtol=1e-12)
