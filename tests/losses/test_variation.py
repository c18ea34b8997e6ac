"""Total variation against JAX and HIPS autograd."""

import autograd
import autograd.numpy as anp
import jax
import jax.numpy as jnp
import numpy as np
import pytest
from agreement import relative_error

from nst_numpy.losses import total_variation


def in_any(numpy, x):
    squares = numpy.sum((x[1:] - x[:-1]) ** 2) + numpy.sum((x[:, 1:] - x[:, :-1]) ** 2)
    return squares / (2 * x.shape[0] * x.shape[1] * 255**2)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 6, 3), (5, 1, 3), (7, 4, 3)])
def test_total_variation_is_jax_and_autograd(rng, shape):
    x = rng.uniform(0, 255, shape)
    value, derivative = jax.value_and_grad(lambda x: in_any(jnp, x))(x)
    V, dV_dx = total_variation(x)
    assert np.isclose(V, value, rtol=1e-12)
    assert relative_error(dV_dx, derivative) < 1e-12
    assert relative_error(dV_dx, autograd.grad(lambda x: in_any(anp, x))(x)) < 1e-12


def test_total_variation_of_a_flat_picture_is_zero():
    V, dV_dx = total_variation(np.full((4, 5, 3), 7.0))
    assert V == 0
    assert not dV_dx.any()


def test_total_variation_keeps_float32(rng):
    assert total_variation(rng.random((4, 5, 3), np.float32))[1].dtype == np.float32
