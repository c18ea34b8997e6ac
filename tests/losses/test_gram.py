"""Eqs. 3 to 6 against JAX, HIPS autograd and the paper's own printed form."""

import math

import autograd
import autograd.numpy as anp
import jax
import numpy as np
import pytest
from helpers import jax_reference as reference
from helpers.agreement import relative_error

from nst_numpy import gram, layers, style_layer_loss, style_loss
from nst_numpy.losses.gram import style_loss_consuming


def test_eq3_gram_entry_by_entry(rng):
    F = rng.random((3, 7))
    G = gram(F)
    entries = [[sum(F[i, k] * F[j, k] for k in range(7)) for j in range(3)] for i in range(3)]
    assert relative_error(G, entries) < 1e-14
    assert np.array_equal(G, G.T)


def test_eq3_gram_forgets_positions(rng):
    F = rng.random((3, 7))
    assert relative_error(gram(F[:, rng.permutation(7)]), gram(F)) < 1e-14


def test_eq4_style_layer_loss_is_jax(rng):
    F, A = rng.random((4, 9)), gram(rng.random((4, 9)))
    value, derivative = jax.value_and_grad(reference.style_layer_loss)(F, A)
    E, dE_dF = style_layer_loss(F, A)
    assert abs(E - value) < 1e-8 * value
    assert relative_error(dE_dF, derivative) < 1e-8


def test_eq4_style_layer_loss_is_autograd(rng):
    F, A = rng.random((4, 9)), gram(rng.random((4, 9)))

    def E(F):
        return anp.sum((anp.dot(F, F.T) - A) ** 2) / (4 * 4**2 * 9**2)

    assert relative_error(style_layer_loss(F, A)[1], autograd.grad(E)(F)) < 1e-8


def test_eq4_scales_with_the_fourth_power(rng):
    F, A = rng.random((4, 9)), gram(rng.random((4, 9)))
    assert np.isclose(style_layer_loss(3 * F, 9 * A)[0], 81 * style_layer_loss(F, A)[0], rtol=1e-12)


def test_eq6_style_gradient_as_printed(rng):
    """1 / (N^2 M^2) (F^T (G - A))_ji where F_ij > 0, else 0: with the ReLU's mask."""
    x, A = rng.normal(size=(4, 9)), gram(rng.random((4, 9)))
    x[1, 2:5] = 0  # F = 0 exactly
    F = layers.relu(x)
    printed = np.where(F > 0, (F.T @ (gram(F) - A)).T / (4**2 * 9**2), 0)
    masked = layers.relu_backward(style_layer_loss(F, A)[1], F > 0)
    through_jax = jax.grad(lambda x: reference.style_layer_loss(reference.relu(x), A))(x)
    assert (x < 0).any()
    assert relative_error(masked, printed) < 1e-12
    assert relative_error(masked, through_jax) < 1e-8


def test_eq5_style_loss_over_layers_is_jax(rng):
    F = {"conv1_1": rng.random((4, 9)), "conv2_1": rng.random((6, 4))}
    A = {"conv1_1": gram(rng.random((4, 9))), "conv2_1": gram(rng.random((6, 4)))}
    w = {"conv1_1": 0.25, "conv2_1": 0.75}

    def in_jax(F):
        return sum(w[l] * reference.style_layer_loss(F[l], A[l]) for l in w)

    value, derivative = jax.value_and_grad(in_jax)(F)
    L, dL_dF, E = style_loss(F, A, w)
    assert abs(L - value) < 1e-8 * value
    assert abs(sum(w[l] * E[l] for l in w) - value) < 1e-8 * value
    for l in w:
        assert relative_error(dL_dF[l], derivative[l]) < 1e-8


def test_eq4_is_summed_in_float64(rng):
    """Against the exact sum of the float32 squares; a sum in float32 is off by about 1e-7."""
    F, A = rng.random((67, 50), np.float32), gram(rng.random((67, 50), np.float32))
    squares = (gram(F) - A) ** 2
    assert squares.dtype == np.float32
    expected = math.fsum(squares.ravel().tolist()) / (4 * 67**2 * 50**2)
    assert np.isclose(style_layer_loss(F, A)[0], expected, rtol=1e-13, atol=0)


@pytest.mark.parametrize("M", [4097, 5003, 8209])
@pytest.mark.parametrize("N", [3, 32, 130])
def test_eq3_gram_of_many_positions_that_no_block_divides(rng, N, M):
    F = rng.random((M, N), np.float32).T  # in memory as a feature map
    assert relative_error(gram(F), F.astype(np.float64) @ F.T.astype(np.float64)) < 1e-6


def test_losses_keep_float32(rng):
    F, A = rng.random((4, 9), np.float32), gram(rng.random((4, 9), np.float32))
    assert style_layer_loss(F, A)[1].dtype == np.float32
    assert style_loss({"l": F}, {"l": A}, {"l": 0.2})[1]["l"].dtype == np.float32


def test_eq5_style_loss_does_not_change_its_arguments(rng):
    """`style_loss_consuming` gives the same and removes the feature maps that it used."""
    F = {
        "conv1_1": rng.random((4, 9)),
        "conv2_1": rng.random((6, 4)),
        "conv4_2": rng.random((3, 2)),
    }
    A = {l: gram(F[l] + 1) for l in ("conv1_1", "conv2_1")}
    w, before = {"conv1_1": 0.25, "conv2_1": 0.75}, {l: F_l.copy() for l, F_l in F.items()}
    L, dL_dF, E = style_loss(F, A, w)
    assert all(np.array_equal(F[l], before[l]) for l in before)
    L_consuming, dL_dF_consuming, E_consuming = style_loss_consuming(F, A, w)
    assert (L_consuming, E_consuming) == (L, E)
    assert all(np.array_equal(dL_dF_consuming[l], dL_dF[l]) for l in A)
    assert F.keys() == {"conv4_2"}
