"""The steps of Adam agree with the definitions of its averages."""

import numpy as np
import pytest

from nst_numpy.optimizers.adam import BETA_1, BETA_2, STEP, adam

FREE = (-np.inf, np.inf)


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_first_step_is_proportional_to_the_sign_of_the_gradient(rng, scale):
    """m = g and sqrt(v) = |g| in the first iteration."""
    g, seen = scale * rng.standard_normal(20), []
    adam(lambda x: (np.sum(g * x), g), np.zeros(20), FREE, lambda i, x, f: seen.append(x), 1)
    assert np.allclose(seen[1], -STEP * np.sign(g), rtol=1e-5)


def test_m_and_v_are_weighted_averages_of_all_earlier_gradients(rng):
    """The weights are proportional to beta^(k - i), i = 1 ... k, and sum to one."""
    points, gradients = [], []

    def f_and_g(x):
        gradients.append(np.sin(x) + 0.1 * x)
        return np.sum(0.05 * x**2 - np.cos(x)), gradients[-1]

    adam(f_and_g, rng.uniform(-9, 9, 10), FREE, lambda i, x, f: points.append(x), 8)
    k = np.arange(1, 9)
    steps = STEP * (1 + np.cos(np.pi * (k - 1) / 8)) / 2
    for i in k:
        m, v = (
            np.average(np.array(gradients[:i]) ** power, axis=0, weights=beta ** (i - k[:i]))
            for power, beta in ((1, BETA_1), (2, BETA_2))
        )
        expected = -steps[i - 1] * m / np.sqrt(v)
        assert np.allclose(points[i] - points[i - 1], expected, rtol=1e-5)
