"""The Laplacian loss against JAX, and what it does not see."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
import reference

from nst_numpy import InputError, gradcheck
from nst_numpy.losses import laplacian_loss
from nst_numpy.losses.laplacian import laplacian


def in_jax(x, p, poolings):
    """The neighbors' differences as a convolution over the picture continued by its border."""
    K = jnp.array([[0.0, -1, 0], [-1, 4, -1], [0, -1, 0]])
    L = 0
    for s in poolings:
        X, P = x, p
        for _ in range(s):
            X, P = reference.average_pool(X), reference.average_pool(P)
        edges = [
            jax.scipy.signal.convolve2d(jnp.pad(Z[:, :, c], 1, mode="edge"), K, mode="valid")
            for Z in (X, P)
            for c in range(3)
        ]
        D = jnp.stack(edges[:3]) - jnp.stack(edges[3:])
        L += jnp.sum(D**2) / (2 * X.shape[0] * X.shape[1] * 255**2)
    return L


@pytest.mark.parametrize("poolings", [(0,), (1, 2), (2, 3)])
@pytest.mark.parametrize("shape", [(8, 8, 3), (19, 9, 3)])
def test_laplacian_loss_is_jax(rng, shape, poolings):
    x, p = rng.uniform(0, 255, (2, *shape))
    value, derivative = jax.value_and_grad(in_jax)(x, p, poolings)
    L, dL_dx = laplacian_loss(x, p, poolings)
    assert np.isclose(L, value, rtol=1e-10)
    assert np.abs(dL_dx - derivative).max() < 1e-12
    assert poolings == (2, 3) or gradcheck(lambda x: laplacian_loss(x, p, poolings), x).passed


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


def test_a_picture_that_is_too_small_is_told(rng):
    x = rng.random((16, 15, 3))
    with pytest.raises(InputError, match=r"15 x 16 pixels is too small.*at least 16"):
        laplacian_loss(x, x)
