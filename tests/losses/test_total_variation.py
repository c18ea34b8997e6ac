"""Total variations against JAX and HIPS autograd."""

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import gradcheck
from nst_numpy.losses import VARIATIONS, total_variation
from nst_numpy.losses.total_variation import nine_point_variation, power_variation


def squared(numpy, x):
    squares = numpy.sum((x[1:] - x[:-1]) ** 2) + numpy.sum((x[:, 1:] - x[:, :-1]) ** 2)
    return squares / (2 * x.shape[0] * x.shape[1] * 255**2)


def nine_point(numpy, x):
    sides = numpy.sum((x[1:] - x[:-1]) ** 2) + numpy.sum((x[:, 1:] - x[:, :-1]) ** 2)
    corners = numpy.sum((x[1:, 1:] - x[:-1, :-1]) ** 2) + numpy.sum((x[1:, :-1] - x[:-1, 1:]) ** 2)
    return (sides / 3 + corners / 12) / (x.shape[0] * x.shape[1] * 255**2)


def power(numpy, x):
    q = (x[1:, :-1] - x[:-1, :-1]) ** 2 + (x[:-1, 1:] - x[:-1, :-1]) ** 2
    return numpy.sum((q / 255**2) ** 1.25) / (2 * x.shape[0] * x.shape[1])


IN_ANY = {"squared": squared, "nine-point": nine_point, "power": power}


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 6, 3), (5, 1, 3), (2, 2, 3), (7, 4, 3)])
@pytest.mark.parametrize("name", VARIATIONS)
def test_every_variation_is_jax_and_autograd(rng, name, shape):
    x, in_any = rng.uniform(0, 255, shape), IN_ANY[name]
    value, derivative = jax.value_and_grad(lambda x: in_any(jnp, x))(x)
    V, dV_dx = VARIATIONS[name](x)
    assert np.isclose(V, value, rtol=1e-12)
    assert relative_error(dV_dx, derivative) < 1e-12
    assert relative_error(dV_dx, autograd.grad(lambda x: in_any(anp, x))(x)) < 1e-12
    assert gradcheck(VARIATIONS[name], x).passed


@pytest.mark.parametrize("name", VARIATIONS)
def test_every_variation_of_a_flat_picture_is_zero(name):
    V, dV_dx = VARIATIONS[name](np.full((4, 5, 3), 7.0))
    assert V == 0
    assert not dV_dx.any()


@pytest.mark.parametrize("name", VARIATIONS)
def test_every_variation_keeps_float32(rng, name):
    assert VARIATIONS[name](rng.random((4, 5, 3), np.float32))[1].dtype == np.float32


def test_all_variations_agree_on_a_ramp():
    """Up to the differences at the border, of which each leaves out others."""
    i, j = np.mgrid[:300, :300]
    ramp = np.repeat((2.0 * i - 1.5 * j)[:, :, None], 3, axis=2)
    expected, _ = total_variation(ramp)
    assert np.isclose(nine_point_variation(ramp)[0], expected, rtol=1e-2)
    assert np.isclose(power_variation(ramp, 1.0)[0], expected, rtol=1e-2)


def test_nine_points_do_not_prefer_the_axes():
    """A fine stripe costs nearly the same upright and at 45 degrees; four points see more of it."""
    i, j = np.mgrid[:200, :200]

    def cost(variation, phase):
        stripe = 127 * np.cos(phase)
        return variation(np.repeat(stripe[:, :, None], 3, axis=2))[0]

    upright, oblique = 1.6 * j, 1.6 * (i + j) / np.sqrt(2)
    four = cost(total_variation, upright) / cost(total_variation, oblique)
    nine = cost(nine_point_variation, upright) / cost(nine_point_variation, oblique)
    assert abs(nine - 1) < abs(four - 1) / 3
