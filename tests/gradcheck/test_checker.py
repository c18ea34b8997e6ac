"""The checker passes right derivatives and rejects derivatives that are 0.1 % wrong."""

import numpy as np
import pytest

from nst_numpy.gradcheck.checker import TOLERANCE, check_along, directions, gradcheck


def quartic(x, wrong=1.0):
    return np.sum(x**4), wrong * 4 * x**3


def test_a_right_derivative_passes(rng):
    check = gradcheck(quartic, rng.normal(size=(5, 4)))
    assert check.passed
    assert check.error < 1e-8


@pytest.mark.parametrize("wrong", [1.001, 0.999, -1.0, 0.0, np.nan])
def test_a_wrong_derivative_is_rejected(rng, wrong):
    assert not gradcheck(lambda x: quartic(x, wrong), rng.normal(size=(5, 4))).passed


def test_one_wrong_element_is_rejected(rng):
    def one_wrong(x):
        f, g = quartic(x)
        g[2, 1] *= 1.1
        return f, g

    assert not gradcheck(one_wrong, rng.normal(size=(5, 4)) + 2).passed


def test_one_wrong_element_of_100000_is_rejected_by_the_random_direction(rng):
    """The direction correlated with g dilutes it to 0.1/n, the random one to about 0.1/sqrt(n)."""

    def one_wrong(x):
        f, g = np.sum(np.sin(x)), np.cos(x)
        g[0] *= 1.1
        return f, g

    x = rng.uniform(-1, 1, 100_000)
    _, g = one_wrong(x)
    errors = [
        [check_along(one_wrong, x, g, v, 1e-5).error for v in directions(g, seed)]
        for seed in range(9)
    ]
    random, leaning = np.median(errors, axis=0)
    assert leaning < 10 * TOLERANCE < random
    assert random > 30 * leaning
    assert not gradcheck(one_wrong, x).passed


def test_an_error_orthogonal_to_the_derivative_is_seen_with_its_full_size(rng):
    """In 10,000 variables, an error e of 1 % of |g| changes the result by about 1 %."""
    x = rng.normal(size=10_000)
    e = rng.normal(size=x.size)
    e -= x * (e @ x) / (x @ x)
    e *= 0.01 * np.linalg.norm(x) / np.linalg.norm(e)
    errors = [gradcheck(lambda x: (x @ x / 2, x + e), x, seed=seed).error for seed in range(9)]
    assert 3e-3 < np.median(errors) < 3e-2


def test_float32_is_rejected(rng):
    with pytest.raises(TypeError, match="float64"):
        gradcheck(quartic, rng.random((3, 3), np.float32))
