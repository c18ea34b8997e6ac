"""Every style loss of the table: JAX, the package's own check, and what is true of all of them."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import jax_reference as reference
from helpers.agreement import relative_error
from helpers.style_losses import style_loss_between

from nst_numpy import gradcheck, gram, style_layer_loss
from nst_numpy.losses import MOMENT_LOSSES, STYLE_LOSSES
from nst_numpy.losses.moments import add_sums, moments, moments_of, pull_back, sums

SHAPES = [(4, 9, 7), (6, 4, 3), (1, 5, 8)]  # N, M, M of the style


def gram_per_position(F, F_a):
    return reference.style_layer_loss(F, F_a @ F_a.T * F.shape[1] / F_a.shape[1])


def gaussian(F, F_a):
    pairs = jnp.sum((F_a[:, :, None] - F_a[:, None]) ** 2, axis=0)
    return reference.mmd_loss(lambda x, y: jnp.exp(-jnp.sum((x - y) ** 2) / (2 * pairs.mean())))(
        F, F_a
    )


IN_JAX = {
    "gram": gram_per_position,
    "covariance": reference.covariance_loss,
    "mean-variance": reference.mean_variance_loss,
    "wasserstein": reference.wasserstein_loss,
    "mmd-linear": reference.mmd_loss(lambda x, y: x @ y / x.size),
    "mmd-polynomial": reference.mmd_loss(lambda x, y: (x @ y / x.size + 1) ** 2),
    "mmd-gaussian": gaussian,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_every_loss_is_jax(rng, name, shape):
    N, M, M_a = shape
    F, F_a = rng.random((N, M)), rng.random((N, M_a))
    value, derivative = jax.jit(jax.value_and_grad(IN_JAX[name]))(F, F_a)
    L, dL_dF = style_loss_between(name, F, F_a)
    assert np.isclose(L, value, rtol=1e-8)
    assert relative_error(dL_dF, derivative) < 1e-6


@pytest.mark.parametrize("shape", [*SHAPES, (3, 1, 2), (5, 8, 8)])
@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_every_loss_passes_gradcheck(rng, name, shape):
    N, M, M_a = shape
    F, F_a = rng.random((N, M)), rng.random((N, M_a))
    assert gradcheck(lambda F: style_loss_between(name, F, F_a), F).passed


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_every_loss_of_a_picture_with_itself_is_zero(rng, name):
    F = rng.random((4, 9))
    L, dL_dF = style_loss_between(name, F, F)
    scale, _ = style_loss_between(name, 2 * F, F)
    assert abs(L) < 1e-12 * scale
    assert np.abs(dL_dF).max() < 1e-10 * scale


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_every_loss_forgets_positions_and_their_number(rng, name):
    F, F_a, order = rng.random((4, 9)), rng.random((4, 7)), rng.permutation(9)
    L, dL_dF = style_loss_between(name, F, F_a)
    shuffled, dL_shuffled = style_loss_between(name, F[:, order], F_a)
    twice, dL_twice = style_loss_between(name, np.tile(F, 2), np.tile(F_a, 3))
    assert np.allclose([shuffled, twice], L, rtol=1e-12)
    assert relative_error(dL_shuffled, dL_dF[:, order]) < 1e-10
    assert relative_error(2 * dL_twice, np.tile(dL_dF, 2)) < 1e-10


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_every_loss_in_float32_is_near_float64(rng, name):
    """With fewer positions than filters, and a filter that never answers."""
    F, F_a = np.maximum(rng.normal(size=(40, 30)), 0), np.maximum(rng.normal(size=(40, 25)), 0)
    F[3], F_a[:5] = 0, 0
    L, dL_dF = style_loss_between(name, F, F_a)
    L32, dL32_dF = style_loss_between(name, F.astype(np.float32), F_a.astype(np.float32))
    assert dL32_dF.dtype == np.float32
    assert isinstance(L32, float)
    assert np.isclose(L32, L, rtol=1e-4)
    assert relative_error(dL32_dF, dL_dF) < 1e-3


@pytest.mark.parametrize("name", MOMENT_LOSSES)
def test_a_loss_of_moments_in_two_parts_equals_the_whole(rng, name):
    F, F_a = rng.random((4, 9)), rng.random((4, 7))
    L, dL_dF = style_loss_between(name, F, F_a)
    parts = F[:, :4], F[:, 4:]
    m = moments_of(add_sums(*map(sums, parts)))
    in_parts, dL_dmu, dL_dS = MOMENT_LOSSES[name](m, moments(F_a))
    pulled = [pull_back(part, 1 / 9, dL_dmu, dL_dS) for part in parts]
    assert np.isclose(in_parts, L, rtol=1e-12)
    assert relative_error(np.hstack(pulled), dL_dF) < 1e-12


@pytest.mark.parametrize("name", MOMENT_LOSSES)
def test_moment_losses_have_the_derivatives_of_their_values(rng, name):
    """With respect to mu, and to S in a symmetric direction."""
    N, M = 4, 9
    m, a = moments(rng.random((N, M))), moments(rng.random((N, 7)))
    _, _, dL_dS = MOMENT_LOSSES[name](m, a)
    full = np.zeros((N, N)) if dL_dS is None else np.diag(dL_dS) if dL_dS.ndim == 1 else dL_dS
    assert relative_error(full, full.T) < 1e-13

    def along_mu(mu):
        L, dL_dmu, _ = MOMENT_LOSSES[name](m._replace(mu=mu), a)
        return L, dL_dmu

    v = rng.normal(size=(N, N))
    v, h = v + v.T, 1e-6
    L_plus, L_minus = (MOMENT_LOSSES[name](m._replace(S=m.S + t * v), a)[0] for t in (h, -h))
    assert gradcheck(along_mu, m.mu).passed
    assert np.isclose((L_plus - L_minus) / (2 * h), np.sum(full * v), rtol=1e-6, atol=1e-9)


def test_the_pull_back_of_a_diagonal_and_of_zero_equals_that_of_the_matrix(rng):
    F, dL_dmu, diagonal = rng.random((4, 9)), rng.normal(size=4), rng.normal(size=4)
    for q in (1 / 9, rng.random(9)):
        by_diagonal = pull_back(F, q, dL_dmu, diagonal)
        assert relative_error(by_diagonal, pull_back(F, q, dL_dmu, np.diag(diagonal))) < 1e-14
        by_zero = pull_back(F, q, dL_dmu, np.zeros((4, 4)))
        assert relative_error(pull_back(F, q, dL_dmu), by_zero) < 1e-14


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_no_variance_is_no_division_by_zero(rng, name, dtype):
    """Filters that never answer, or always the same, in the style, in the picture, in both."""
    zero, flat = np.zeros((4, 9), dtype), np.tile(rng.random((4, 1)), 9).astype(dtype)
    some = rng.random((4, 9)).astype(dtype)
    for F, F_a in ((some, zero), (zero, zero), (zero, some), (some, flat), (flat, flat)):
        L, dL_dF = style_loss_between(name, F, F_a)
        assert np.isfinite(L)
        assert np.isfinite(dL_dF).all()


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_a_picture_far_from_the_style_is_finite_in_float32(rng, name):
    """A thousand times as bright and nearly flat: of its variance only rounding is left."""
    F = (1000 * rng.random((12, 1)) + 0.01 * rng.random((12, 5))).astype(np.float32)
    L, dL_dF = style_loss_between(name, F, rng.random((12, 9), np.float32))
    assert np.isfinite(L)
    assert np.isfinite(dL_dF).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_the_gram_loss_of_the_table_is_the_papers(rng, dtype):
    F, F_a = rng.random((2, 4, 9)).astype(dtype)
    E, dE_dF = style_layer_loss(F, gram(F_a))
    L, dL_dF = style_loss_between("gram", F, F_a)
    assert np.isclose(L, E, rtol=1e-6 if dtype == np.float32 else 1e-12)
    assert relative_error(dL_dF, dE_dF) < (1e-5 if dtype == np.float32 else 1e-12)
