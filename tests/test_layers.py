"""Each layer and its backward pass, compared with JAX and checked for adjointness."""

import jax
import numpy as np
import pytest
from helpers import jax_reference as reference
from helpers.agreement import relative_error

from nst_numpy import layers

SHAPES = [(1, 1, 1), (1, 5, 3), (2, 2, 4), (3, 7, 2), (8, 8, 3), (13, 10, 5)]
POOLED = [shape for shape in SHAPES if min(shape[:2]) > 1]


def vjp(f, x, dy):
    """f(x) and dL/dx for a given dL/dy, by JAX."""
    y, pullback = jax.vjp(f, x)
    return y, pullback(dy)[0]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("N", [1, 6])
def test_convolution_matches_jax(rng, shape, N):
    x, K, b = rng.normal(size=shape), rng.normal(size=(3, 3, shape[2], N)), rng.normal(size=N)
    dy = rng.normal(size=(*shape[:2], N))
    y, dx = vjp(lambda x: reference.convolution(x, K, b), x, dy)
    assert relative_error(layers.convolution(x, K, b), y) < 1e-12
    assert relative_error(layers.convolution_backward(dy, K), dx) < 1e-12


def test_convolution_backward_is_the_adjoint(rng):
    x, dy = rng.normal(size=(6, 9, 4)), rng.normal(size=(6, 9, 5))
    K = rng.normal(size=(3, 3, 4, 5))
    forward = np.sum(layers.convolution(x, K, np.zeros(5)) * dy)
    assert np.isclose(forward, np.sum(x * layers.convolution_backward(dy, K)), rtol=1e-12)


def test_convolution_is_a_correlation():
    """A kernel with a 1 at the top left moves the image down and right."""
    x = np.arange(9.0).reshape(3, 3, 1)
    K = np.zeros((3, 3, 1, 1))
    K[0, 0] = 1
    moved = [[0, 0, 0], [0, 0, 1], [0, 3, 4]]
    assert np.array_equal(layers.convolution(x, K, np.zeros(1))[..., 0], moved)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize(("padding", "mode"), [("reflect", "reflect"), ("replicate", "edge")])
def test_pad_matches_jax(rng, shape, padding, mode):
    x, dy = rng.normal(size=shape), rng.normal(size=(shape[0] + 2, shape[1] + 2, shape[2]))
    y, dx = vjp(lambda x: jax.numpy.pad(x, ((1, 1), (1, 1), (0, 0)), mode), x, dy)
    assert np.array_equal(layers.pad(x, padding), y)
    before = dy.copy()
    assert relative_error(layers.pad_backward(dy, padding), dx) < 1e-14
    assert np.array_equal(dy, before)
    assert relative_error(layers.pad_backward(dy, padding, overwrite=True), dx) < 1e-14


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("padding", ["reflect", "replicate"])
def test_pad_backward_is_the_adjoint(rng, shape, padding):
    x, dy = rng.normal(size=shape), rng.normal(size=(shape[0] + 2, shape[1] + 2, shape[2]))
    forward = np.sum(layers.pad(x, padding) * dy)
    assert np.isclose(forward, np.sum(x * layers.pad_backward(dy, padding)), rtol=1e-10)


def test_relu_matches_jax(rng):
    x, dy = rng.normal(size=(5, 4, 3)), rng.normal(size=(5, 4, 3))
    y, dx = vjp(reference.relu, x, dy)
    assert (x < 0).any()
    assert np.array_equal(layers.relu(x), y)
    assert np.array_equal(layers.relu_backward(dy, x > 0), dx)


def test_relu_derivative_at_zero_is_zero():
    y = layers.relu(np.array([-1.0, 0.0, 2.0]))
    assert layers.relu_backward(np.ones(3), y > 0).tolist() == [0, 0, 1]


@pytest.mark.parametrize("shape", POOLED)
def test_average_pool_matches_jax(rng, shape):
    x = rng.normal(size=shape)
    dy = rng.normal(size=(shape[0] // 2, shape[1] // 2, shape[2]))
    y, dx = vjp(reference.average_pool, x, dy)
    assert relative_error(layers.average_pool(x), y) < 1e-14
    assert relative_error(layers.average_pool_backward(dy, shape), dx) < 1e-14


@pytest.mark.parametrize("shape", POOLED)
def test_max_pool_matches_jax(rng, shape):
    x = rng.normal(size=shape)
    dy = rng.normal(size=(shape[0] // 2, shape[1] // 2, shape[2]))
    y, dx = vjp(reference.max_pool, x, dy)
    value, argmax = layers.max_pool(x)
    assert np.array_equal(value, y)
    assert np.array_equal(layers.max_pool_backward(dy, argmax, shape), dx)


def test_max_pool_backward_gives_a_tie_to_one_pixel():
    _, argmax = layers.max_pool(np.ones((4, 4, 2)))
    dx = layers.max_pool_backward(np.full((2, 2, 2), 3.0), argmax, (4, 4, 2))
    assert dx.sum() == 3 * 8
    assert sorted(set(dx.ravel())) == [0, 3]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_keep_the_dtype(rng, dtype):
    x, K = rng.normal(size=(6, 5, 3)).astype(dtype), rng.normal(size=(3, 3, 3, 2)).astype(dtype)
    y = layers.convolution(x, K, np.zeros(2, dtype))
    maximum, argmax = layers.max_pool(y)
    results = [
        y,
        layers.convolution_backward(y, K),
        layers.pad(y, "reflect"),
        layers.pad_backward(y, "reflect"),
        layers.relu(y),
        layers.relu_backward(y, y > 0),
        layers.average_pool(y),
        layers.average_pool_backward(maximum, y.shape),
        maximum,
        layers.max_pool_backward(maximum, argmax, y.shape),
    ]
    assert {result.dtype for result in results} == {np.dtype(dtype)}
