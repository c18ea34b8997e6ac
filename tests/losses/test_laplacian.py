"""The Laplacian loss against JAX, and what it does not see."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from helpers import jax_reference as reference
from helpers.agreement import relative_error

from nst_numpy import InputError, gradcheck
from nst_numpy.losses import laplacian_loss
from nst_numpy.losses.laplacian import laplacian


def in_jax(x, p, poolings):
    """Four times the pixel less its neighbors, in a picture continued by its border."""
    L = 0
    for s in poolings:
        d = x - p
        for _ in range(s):
            d = reference.average_pool(d)
        D = jnp.pad(d, ((1, 1), (1, 1), (0, 0)), mode="edge")
        e = 4 * d - D[2:, 1:-1] - D[:-2, 1:-1] - D[1:-1, 2:] - D[1:-1, :-2]
        L += jnp.sum(e**2) / (2 * d.shape[0] * d.shape[1] * 255**2)
    return L


@pytest.mark.parametrize("poolings", [(0,), (1, 3)])
@pytest.mark.parametrize("shape", [(8, 8, 3), (19, 9, 3)])
def test_laplacian_loss_is_jax(rng, shape, poolings):
    x, p = rng.uniform(0, 255, (2, *shape))
    in_one = jax.jit(jax.value_and_grad(in_jax), static_argnums=2)
    value, derivative = in_one(x, p, poolings)
    L, dL_dx = laplacian_loss(x, p, poolings)
    assert np.isclose(L, value, rtol=1e-10)
    assert relative_error(dL_dx, derivative) < 1e-10
    assert gradcheck(lambda x: laplacian_loss(x, p, poolings), x).passed


def test_laplacian_loss_compares_cells_of_4_and_16_pixels(rng):
    x, p = rng.uniform(0, 255, (2, 32, 48, 3))
    apart = [laplacian_loss(x, p, (s,))[0] for s in (2, 4)]
    assert np.isclose(laplacian_loss(x, p)[0], sum(apart), rtol=1e-12)
    stripes = np.tile([0.0, 0.0, 255.0, 255.0], 12)[None, :, None] * np.ones((32, 1, 3))
    assert laplacian_loss(x + stripes, p)[0] == pytest.approx(laplacian_loss(x + 127.5, p)[0])


def test_laplacian_is_its_own_transpose(rng):
    x, y = rng.normal(size=(2, 5, 4, 3))
    assert np.isclose(np.sum(laplacian(x) * y), np.sum(x * laplacian(y)), rtol=1e-12)


def test_a_shift_of_color_is_not_seen_and_a_blur_is(rng):
    p = rng.uniform(0, 255, (16, 16, 3))
    blurred = (p + np.roll(p, 4, axis=0)) / 2
    assert laplacian_loss(p + np.array([9, -3, 5]), p)[0] < 1e-20
    assert laplacian_loss(blurred, p)[0] > 1e-4


def test_float32_is_kept(rng):
    x, p = rng.uniform(0, 255, (2, 16, 17, 3)).astype(np.float32)
    assert laplacian_loss(x, p)[1].dtype == np.float32


def test_a_picture_that_is_too_small_is_an_error(rng):
    x = rng.random((16, 15, 3))
    with pytest.raises(InputError, match=r"15 x 16 pixels is too small.*at least 16"):
        laplacian_loss(x, x)
