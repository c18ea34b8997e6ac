"""The average of iterates is the weighted sum of its definition."""

import numpy as np
import pytest

from nst_numpy.optimizers import OPTIMIZERS, update_average


def valley(x):
    """A function with a steep and a flat direction, and its gradient."""
    curvature = np.array([100.0, 0.1])
    return 0.5 * np.sum(curvature * (x - 3) ** 2), curvature * (x - 3)


def iterates(name, iterations):
    """All points after the start."""
    points = []
    minimize = OPTIMIZERS[name].minimize
    minimize(valley, np.zeros(2), (0, 255), lambda i, x, f: points.append(x), iterations)
    return points[1:]


def average(points, span):
    mean, weight = np.zeros_like(points[0]), 0.0
    for x in points:
        mean, weight = update_average(mean, weight, x, span)
    return mean


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_weights_decay_by_a_constant_factor(name):
    points = iterates(name, 6)
    weights = 0.75 ** np.arange(len(points))[::-1]
    assert np.allclose(average(points, 4), weights @ points / weights.sum(), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_span_of_one_gives_the_last_iterate(name):
    points = iterates(name, 6)
    assert np.array_equal(average(points, 1), points[-1])


def test_the_average_of_an_oscillating_path_has_a_lower_loss():
    """Each step crosses the valley."""
    points = [np.array([3 + (-1) ** i, 3.0]) for i in range(1, 21)]
    assert valley(average(points, 10))[0] < 0.1 * valley(points[-1])[0]
