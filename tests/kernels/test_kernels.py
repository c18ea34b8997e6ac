"""The kernels agree with the NumPy versions, and the backward with the forward pass."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import InputError, backend, kernels, layers
from nst_numpy.kernels import winograd
from nst_numpy.kernels.thread_pool import run_parallel
from nst_numpy.losses.gram import gram
from nst_numpy.utils.threads import number_of_threads, use_threads

# Height, width, input and output channels: one pixel, one row, tiles that do not divide the
# picture, channel counts that are no multiple of a vector, more than one block, deep layers.
SHAPES = [
    (1, 1, 1, 1),
    (1, 1, 3, 17),
    (2, 9, 3, 5),
    (7, 1, 16, 33),
    (5, 6, 15, 16),
    (13, 30, 17, 31),
    (33, 21, 64, 64),
    (131, 67, 20, 3),
    (60, 64, 32, 96),
    (16, 16, 512, 256),
]
TOLERANCE = 2e-5


def random_layer(shape, seed=0):
    """Return x, dy, K and b in float64, random, with the scale of a trained network."""
    H, W, C, N = shape
    rng = np.random.default_rng(seed)
    K = rng.standard_normal((3, 3, C, N)) * np.sqrt(2 / (9 * C))
    return (
        rng.standard_normal((H, W, C)),
        rng.standard_normal((H, W, N)),
        K,
        rng.standard_normal(N) / 10,
    )


def as_float32(*arrays):
    return [array.astype(np.float32) for array in arrays]


@pytest.mark.parametrize("shape", SHAPES)
def test_conv_relu_matches_plain_layer(shape):
    x, dy, K, b = random_layer(shape)
    y, active = layers.conv_relu(x, (K, b))
    x32, dy32, K32, b32 = as_float32(x, dy, K, b)
    kernel = kernels.prepare(K32, b32)
    y32, mask = kernels.conv_relu(x32, kernel)
    assert relative_error(y32, y) < TOLERANCE
    bits = np.unpackbits(mask.view(np.uint8), axis=2, count=shape[3], bitorder="little")
    assert np.array_equal(bits.astype(bool), y32 > 0)
    dx = layers.conv_relu_backward(dy, bits, (K, b))
    dx32 = kernels.conv_relu_backward(dy32, mask, kernel)
    assert relative_error(dx32, dx) < TOLERANCE
    assert (np.abs(layers.convolution(x, K, b)[active != bits]) < 1e-4).all()


@pytest.mark.parametrize("shape", SHAPES)
def test_conv_relu_backward_is_adjoint_of_forward(shape):
    """<conv(x), dy> = <x, conv^T(dy)> where the ReLU is active everywhere."""
    x, dy, K, _ = as_float32(*random_layer(shape))
    b = np.full(shape[3], 100, np.float32)
    kernel = kernels.prepare(K, b)
    y, mask = kernels.conv_relu(x, kernel)
    assert y.min() > 0
    left = np.vdot(y.astype(np.float64) - b, dy)
    right = np.vdot(x.astype(np.float64), kernels.conv_relu_backward(dy, mask, kernel))
    assert abs(left - right) < 1e-6 * np.linalg.norm(y) * np.linalg.norm(dy)


def test_conv_relu_backward_adds_to_out():
    x, dy, K, b = as_float32(*random_layer((9, 14, 20, 40)))
    kernel = kernels.prepare(K, b)
    _, mask = kernels.conv_relu(x, kernel)
    total = x + kernels.conv_relu_backward(dy, mask, kernel)
    assert relative_error(kernels.conv_relu_backward(dy, mask, kernel, out=x), total) < 1e-6


@pytest.mark.parametrize(
    "shape", [(13, 30, 17, 31), (60, 64, 32, 96), (131, 67, 20, 3), (9, 9, 20, 512)]
)
def test_results_do_not_depend_on_number_of_threads(shape):
    x, dy, K, b = as_float32(*random_layer(shape))
    kernel, results = kernels.prepare(K, b), []
    for threads in (1, 2, 3, 7):
        with use_threads(threads):
            assert number_of_threads() == threads
            y, mask = kernels.conv_relu(x, kernel)
            F = y.reshape(-1, y.shape[2]).T
            dx = kernels.conv_relu_backward(dy, mask, kernel)
            results.append(
                (y, mask, dx, kernels.gram(F), kernels.symmetric_matmul(kernels.gram(F), F))
            )
    for result in results[1:]:
        assert all(np.array_equal(u, v) for u, v in zip(result, results[0], strict=True))


def test_environment_variable_sets_number_of_threads(monkeypatch):
    monkeypatch.setenv("NST_NUM_THREADS", "3")
    assert number_of_threads() == 3
    with use_threads(2):
        assert number_of_threads() == 2


@pytest.mark.parametrize("text", ["abc", "1.5", "-1", "0"])
def test_invalid_number_of_threads_in_environment_is_an_error(monkeypatch, text):
    monkeypatch.setenv("NST_NUM_THREADS", text)
    with pytest.raises(InputError, match="NST_NUM_THREADS must be a whole number"):
        number_of_threads()


def test_concurrent_callers_get_the_results_of_sequential_calls():
    jobs = [as_float32(*random_layer((60, 64, 32, 96), seed)) for seed in range(8)]
    prepared = [kernels.prepare(K, b) for _, _, K, b in jobs]
    pictures = [x for x, *_ in jobs]
    alone = [kernels.conv_relu(*job)[0] for job in zip(pictures, prepared, strict=True)]
    with ThreadPoolExecutor(4) as callers:
        together = [y for y, _ in callers.map(kernels.conv_relu, pictures, prepared)]
    assert all(np.array_equal(u, v) for u, v in zip(alone, together, strict=True))


def test_run_parallel_waits_for_helpers_and_raises_their_error():
    """Two threads with one share each. The helper ends later; in the second run it fails."""
    both, finished, fails = threading.Barrier(2, timeout=20), [], False

    def work(share):
        both.wait()
        if threading.current_thread() is not threading.main_thread():
            time.sleep(0.05)
            assert not fails, "a share failed"
        finished.append(share)

    with use_threads(2):
        run_parallel(work, [0, 1])
        assert sorted(finished) == [0, 1]
        fails = True
        with pytest.raises(AssertionError, match="a share failed"):
            run_parallel(work, [0, 1])
        assert len(finished) == 3
        fails = False
        run_parallel(work, [0, 1])
        assert len(finished) == 5


def test_nan_spreads_to_neighboring_tiles_only():
    """A NaN in x changes the pixels of its own tiles; the padding adds none."""
    x, _, K, b = as_float32(*random_layer((40, 40, 16, 32)))
    x[20, 20, 3] = np.nan
    y, _ = kernels.conv_relu(x, kernels.prepare(K, b))
    assert np.isnan(y[20, 20]).all()
    assert np.isfinite(y[:15]).all()
    assert np.isfinite(y[26:]).all()


def test_arrays_of_wrong_shape_or_dtype_are_rejected():
    """The kernels address memory by the shapes, so these must be right."""
    x, _, K, b = as_float32(*random_layer((5, 5, 4, 6)))
    kernel = kernels.prepare(K, b)
    for wrong in (x[..., :3], x[0], x.astype(np.float64)):
        with pytest.raises(ValueError, match=r"expected \(H, W, 4\) float32"):
            kernels.conv_relu(wrong, kernel)
    moved = np.asfortranarray(x)
    assert np.array_equal(kernels.conv_relu(moved, kernel)[0], kernels.conv_relu(x, kernel)[0])


@pytest.mark.parametrize("shape", [(2, 2, 1), (3, 3, 5), (8, 10, 16), (7, 13, 33), (64, 65, 64)])
def test_pooling_matches_plain_layers(rng, shape):
    x = rng.integers(-3, 3, shape).astype(np.float32)  # with ties
    dy = rng.standard_normal((shape[0] // 2, shape[1] // 2, shape[2])).astype(np.float32)
    assert np.array_equal(kernels.average_pool(x), layers.average_pool(x))
    expected = layers.average_pool_backward(dy, shape)
    assert np.array_equal(kernels.average_pool_backward(dy, shape), expected)
    y, argmax = kernels.max_pool(x)
    assert np.array_equal(y, layers.max_pool(x)[0])
    assert np.array_equal(argmax, layers.max_pool(x)[1])
    expected = layers.max_pool_backward(dy, argmax, shape)
    assert np.array_equal(kernels.max_pool_backward(dy, argmax, shape), expected)


@pytest.mark.parametrize(
    "shape", [(1, 1), (15, 17), (620, 33), (4160, 64), (156, 130), (300, 512), (37, 530)]
)
def test_gram_and_matmul_match_plain_products(rng, shape):
    F = rng.standard_normal(shape).T  # (N, M)
    F32 = F.astype(np.float32)
    G = kernels.gram(F32)
    assert G.dtype == np.float32
    assert np.array_equal(G, G.T)
    assert relative_error(G, gram(F)) < 1e-6
    assert (
        relative_error(kernels.symmetric_matmul(G, F32), backend.symmetric_matmul(gram(F), F))
        < 2e-6
    )


def test_winograd_transforms_match_their_matrices(rng, monkeypatch):
    """A^T [(G g) * (B^T d)] is the correlation of six pixels d with three taps g."""
    monkeypatch.setattr(winograd, "multiply_add", lambda v, s, w: v * s + w)
    tile = winograd.TILE
    d, g = rng.standard_normal(tile + 2), rng.standard_normal(3)
    A, B, G = (matrix.astype(np.float64) for matrix in (winograd.A, winograd.B, winograd.G))
    expected = [d[i : i + 3] @ g for i in range(tile)]
    assert np.allclose(A.T @ ((G @ g) * (B.T @ d)), expected, atol=1e-6)
    for apply, matrix, values in (
        (winograd.apply_A, A, rng.standard_normal(6)),
        (winograd.apply_B, B, rng.standard_normal(6)),
        (winograd.apply_G, G.T, rng.standard_normal(3)),
    ):
        result = apply.py_func(*values.astype(np.float32))
        assert np.allclose(result, matrix.T @ values, atol=1e-4)


def test_read_only_arrays_are_accepted(rng):
    """A kernel is compiled once, for arrays that may be written to and for those that may not."""
    x, dy, K, b = as_float32(*random_layer((9, 14, 20, 40)))
    expected = kernels.conv_relu(x, kernels.prepare(K, b))
    for array in (x, K, b):
        array.flags.writeable = False
    y, active = kernels.conv_relu(x, kernels.prepare(K, b))
    assert np.array_equal(y, expected[0])
    active.flags.writeable = False
    kernels.conv_relu_backward(dy, active, kernels.prepare(K, b))
    F = x.reshape(-1, 20).T
    kernels.symmetric_matmul(kernels.gram(F), F)
    kernels.average_pool_backward(kernels.average_pool(x), x.shape)
    kernels.max_pool_backward(*kernels.max_pool(x), x.shape)
