"""The checker passes what is right and refuses what is 0.1 % wrong."""

import numpy as np
import pytest

from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.gradcheck.table import rows


def quartic(x, wrong=1.0):
    return np.sum(x**4), wrong * 4 * x**3


def test_a_right_derivative_passes(rng):
    check = gradcheck(quartic, rng.normal(size=(5, 4)))
    assert check.passed
    assert check.error < 1e-8


@pytest.mark.parametrize("wrong", [1.001, 0.999, -1.0, 0.0])
def test_a_wrong_derivative_is_refused(rng, wrong):
    assert not gradcheck(lambda x: quartic(x, wrong), rng.normal(size=(5, 4))).passed


def test_one_wrong_element_is_refused(rng):
    def one_wrong(x):
        f, g = quartic(x)
        g[2, 1] *= 1.1
        return f, g

    assert not gradcheck(one_wrong, rng.normal(size=(5, 4)) + 2).passed


def test_float32_is_refused(rng):
    with pytest.raises(TypeError, match="float64"):
        gradcheck(quartic, rng.random((3, 3), np.float32))


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("seed", range(3))
def test_every_row_passes_and_is_refused_when_wrong(small_network, pooling, seed):
    for name, _, f_and_g, x in rows(small_network, pooling, seed):
        assert gradcheck(f_and_g, x, seed=seed).passed, name

        def wrong(x, f_and_g=f_and_g):
            f, g = f_and_g(x)
            return f, 1.001 * g

        assert not gradcheck(wrong, x, seed=seed).passed, name
