"""Eqs. 1 and 2 against JAX, HIPS autograd and the paper's own printed form."""

import math

import autograd
import autograd.numpy as anp
import jax
import numpy as np
from helpers import jax_reference as reference
from helpers.agreement import relative_error

from nst_numpy import content_loss, layers


def test_eq1_content_loss_is_jax(rng):
    F, P = rng.random((4, 9)), rng.random((4, 9))
    value, derivative = jax.value_and_grad(reference.content_loss)(F, P)
    L, dL_dF = content_loss(F, P)
    assert abs(L - value) < 1e-8 * value
    assert relative_error(dL_dF, derivative) < 1e-8


def test_eq1_content_loss_is_autograd(rng):
    F, P = rng.random((4, 9)), rng.random((4, 9))
    derivative = autograd.grad(lambda F: 0.5 * anp.sum((F - P) ** 2))(F)
    assert relative_error(content_loss(F, P)[1], derivative) < 1e-8


def test_eq2_with_its_mask(rng):
    """The plain derivative and the ReLU's mask together are eq. 2 as printed."""
    x, P = rng.normal(size=(4, 9)), layers.relu(rng.normal(size=(4, 9)))
    x[0, :3] = 0  # F = 0 exactly
    F = layers.relu(x)
    printed = np.where(F > 0, F - P, 0)
    _, dL_dF = content_loss(F, P)
    through_jax = jax.grad(lambda x: reference.content_loss(reference.relu(x), P))(x)
    assert (x < 0).any()
    assert np.array_equal(layers.relu_backward(dL_dF, F > 0), printed)
    assert relative_error(printed, through_jax) < 1e-8


def test_eq1_of_a_picture_with_itself_is_zero(rng):
    F = rng.random((3, 5))
    L, dL_dF = content_loss(F, F)
    assert L == 0
    assert not dL_dF.any()


def test_eq1_is_summed_in_float64(rng):
    """Against the exact sum of the float32 squares; a sum in float32 is off by about 1e-7."""
    F, P = rng.random((2, 64, 5003), np.float32)
    L, dL_dF = content_loss(F, P)
    squares = (F - P) ** 2
    assert squares.dtype == np.float32
    assert np.isclose(L, math.fsum(squares.ravel().tolist()) / 2, rtol=1e-13, atol=0)
    assert dL_dF.dtype == np.float32
