"""The average of iterates against its weights, written out."""

import numpy as np
import pytest

from nst_numpy.optimizers import OPTIMIZERS, averaged


def valley(x):
    """A steep direction and a flat one."""
    curvature = np.array([100.0, 0.1])
    return 0.5 * np.sum(curvature * (x - 3) ** 2), curvature * (x - 3)


def path(minimize, iterations):
    """What is returned, and all points after the start."""
    seen = []
    x, _ = minimize(valley, np.zeros(2), (0, 255), lambda i, x, f: seen.append(x), iterations)
    return x, np.array(seen[1:])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_weights_fall_by_the_same_factor(name):
    x, points = path(averaged(OPTIMIZERS[name], 4), 6)
    weights = 0.75 ** np.arange(len(points))[::-1]
    assert np.allclose(x, weights @ points / weights.sum(), rtol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_span_of_one_is_the_last_point(name):
    x, points = path(averaged(OPTIMIZERS[name], 1), 6)
    assert np.array_equal(x, points[-1])
    assert np.array_equal(points, path(OPTIMIZERS[name], 6)[1])


def test_the_average_of_a_swinging_path_lies_lower():
    """An optimizer that jumps across the valley and back."""

    def swing(f_and_g, x0, bounds, callback, iterations, **_):
        for i in range(iterations + 1):
            x = np.array([3 + (-1) ** i, 3.0])
            callback(i, x, f_and_g(x)[0])
        return x, ""

    last, _ = path(swing, 20)
    mean, _ = path(averaged(swing, 10), 20)
    assert valley(mean)[0] < 0.1 * valley(last)[0]


def test_without_an_iteration_the_start_is_returned():
    start = np.full(2, 3.0)
    x, reason = averaged(OPTIMIZERS["lbfgs"], 5)(valley, start, (0, 255), lambda *_: None, 10)
    assert np.array_equal(x, start)
    assert "derivative is zero" in reason
