"""Styles by region: everything is the plain loss, halves know nothing of each other."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import gradcheck, gram, style_layer_loss
from nst_numpy.losses import MOMENT_LOSSES, empty_regions, guided_loss, region_moments
from nst_numpy.losses.moments import add_sums, loss_of_feature_map, moments
from nst_numpy.losses.spatial_guidance import guided_pull_back, loss_by_region, region_sums

OF_MOMENTS = MOMENT_LOSSES.values()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", OF_MOMENTS)
def test_one_region_that_is_everything_is_the_plain_loss(rng, loss, dtype):
    F, F_a = rng.random((4, 9)).astype(dtype), rng.random((4, 7)).astype(dtype)
    T, T_a = np.ones((1, 9), dtype), np.ones((1, 7), dtype)
    L, dL_dF = guided_loss(F, T, region_moments(F_a, T_a), loss)
    plain, dL_plain = loss_of_feature_map(loss, F, moments(F_a))
    assert np.isclose(L, plain, rtol=1e-12 if dtype == np.float64 else 1e-5)
    assert relative_error(dL_dF, dL_plain) < (1e-12 if dtype == np.float64 else 1e-5)
    assert dL_dF.dtype == dtype


def test_eq4_of_one_region_that_is_everything(rng):
    F, F_a, T = rng.random((4, 9)), rng.random((4, 9)), np.ones((1, 9))
    L, dL_dF = guided_loss(F, T, region_moments(F_a, T))
    E, dE_dF = style_layer_loss(F, gram(F_a))
    assert np.isclose(L, E, rtol=1e-12)
    assert relative_error(dL_dF, dE_dF) < 1e-12


def test_guided_gram_is_jax(rng):
    """As printed: each row of F times T / |T|, the Gram matrix of that, region by region."""
    F, F_a = rng.random((4, 9)), rng.random((4, 7))
    T, T_a = rng.random((3, 9)), rng.random((3, 7))

    def in_jax(F):
        L = 0
        for r in range(3):
            F_r = F * T[r] / jnp.linalg.norm(T[r])
            A_r = F_a * T_a[r] / jnp.linalg.norm(T_a[r])
            weight = np.sum(T[r] ** 2) / np.sum(T**2)
            L += weight * jnp.sum((F_r @ F_r.T - A_r @ A_r.T) ** 2) / (4 * 4**2)
        return L

    value, derivative = jax.jit(jax.value_and_grad(in_jax))(F)
    L, dL_dF = guided_loss(F, T, region_moments(F_a, T_a))
    assert np.isclose(L, value, rtol=1e-10)
    assert relative_error(dL_dF, derivative) < 1e-10


@pytest.mark.parametrize("loss", OF_MOMENTS)
def test_guided_losses_pass_gradcheck(rng, loss):
    F, T = rng.random((4, 9)), rng.random((2, 9))
    a = region_moments(rng.random((4, 7)), rng.random((2, 7)))
    assert gradcheck(lambda F: guided_loss(F, T, a, loss), F).passed


@pytest.mark.parametrize("loss", OF_MOMENTS)
def test_two_halves_are_two_losses_by_their_shares(rng, loss):
    F, F_a = rng.random((4, 9)), rng.random((4, 8))
    T = (np.arange(9) < 3) == np.array([[True], [False]])
    T_a = (np.arange(8) < 4) == np.array([[True], [False]])
    L, dL_dF = guided_loss(F, T.astype(float), region_moments(F_a, T_a.astype(float)), loss)
    parts = [loss_of_feature_map(loss, F[:, T[r]], moments(F_a[:, T_a[r]])) for r in range(2)]
    assert np.isclose(L, (3 * parts[0][0] + 6 * parts[1][0]) / 9, rtol=1e-10)
    expected = np.hstack([3 / 9 * parts[0][1], 6 / 9 * parts[1][1]])
    assert relative_error(dL_dF, expected) < 1e-10


@pytest.mark.parametrize("loss", OF_MOMENTS)
def test_regions_in_two_parts_equal_the_whole(rng, loss):
    """The second part has nothing of the first region."""
    F, T, a = rng.random((4, 9)), rng.random((2, 9)), rng.random((4, 7))
    T[0, 4:] = 0
    a = region_moments(a, rng.random((2, 7)))
    L, dL_dF = guided_loss(F, T, a, loss)
    parts = [(F[:, k], T[:, k]) for k in (np.s_[:4], np.s_[4:])]
    by_part = (region_sums(*part) for part in parts)
    found = [add_sums(*pair) for pair in zip(*by_part, strict=True)]
    in_parts, slopes = loss_by_region(found, a, loss)
    pulled = [guided_pull_back(*part, slopes) for part in parts]
    assert np.isclose(in_parts, L, rtol=1e-12)
    assert relative_error(np.hstack(pulled), dL_dF) < 1e-12


def test_an_empty_region_is_reported_and_left_out(rng):
    F, F_a, T = rng.random((4, 9)), rng.random((4, 7)), rng.random((3, 9))
    T_a = np.array([np.ones(7), np.zeros(7), np.full(7, 0.1)])
    T[0] = 0
    assert empty_regions(T) == [0]
    assert empty_regions(T_a) == [1, 2]
    a = region_moments(F_a, T_a)
    assert [m is None for m in a] == [False, True, True]
    L, dL_dF = guided_loss(F, T, a)  # nothing is left
    assert L == 0
    assert not dL_dF.any()
    T[0] = 1
    L, dL_dF = guided_loss(F, T, a)
    plain, dL_plain = style_layer_loss(F, gram(F_a) * 9 / 7)
    assert np.isclose(L, plain, rtol=1e-12)
    assert relative_error(dL_dF, dL_plain) < 1e-12
