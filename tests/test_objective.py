"""Eq. 7 and its gradient with respect to the pixels, compared with JAX."""

import jax
import numpy as np
import pytest
from helpers import jax_reference as reference
from helpers.agreement import relative_error

from nst_numpy import InputError, load_network, read_picture, targets, total_loss, total_variation

W = {f"conv{block}_1": 0.2 for block in range(1, 6)}


ALPHA, BETA = 1e-3, 2.0


def compare(network, p, a, x, pooling, content_layer="conv4_2"):
    """Relative errors of value and derivative compared with JAX, float64."""
    goal = targets(p, a, network, [content_layer], list(W), pooling)
    L, dL_dx, terms = total_loss(x, goal, network, ALPHA, BETA, W)

    def in_jax(x, p, a):
        taps = {content_layer, *W}
        features = [reference.features(network, image, taps, pooling) for image in (x, p, a)]
        return reference.total_loss(*features, content_layer, W, ALPHA, BETA)

    value, derivative = jax.jit(jax.value_and_grad(in_jax))(x, p, a)
    assert np.isclose(sum(terms.values()), L, rtol=1e-12)
    return abs(L - value) / value, relative_error(dL_dx, derivative)


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("shape", [(16, 16), (17, 31), (40, 23)])
def test_eq7_in_full_depth_matches_jax(small_network, rng, pooling, shape):
    p, x = rng.uniform(0, 255, (2, *shape, 3))
    a = rng.uniform(0, 255, (*shape, 3))
    assert max(compare(small_network, p, a, x, pooling)) < 1e-8


def test_eq7_with_a_style_of_another_size_matches_jax(small_network, rng):
    p, x = rng.uniform(0, 255, (2, 20, 33, 3))
    a = rng.uniform(0, 255, (37, 18, 3))
    assert max(compare(small_network, p, a, x, "average")) < 1e-8


def test_eq7_with_both_losses_on_one_layer_matches_jax(small_network, rng):
    p, x, a = rng.uniform(0, 255, (3, 18, 18, 3))
    assert max(compare(small_network, p, a, x, "average", content_layer="conv3_1")) < 1e-8


@pytest.mark.real_files
def test_eq7_with_the_real_network_matches_jax(real, rng):
    network = load_network(real["network"]).astype(np.float64)
    p, a = (read_picture(real[name], 48).astype(np.float64) for name in ("content", "style"))
    x = np.clip(p + rng.normal(0, 20, p.shape), 0, 255)
    assert max(compare(network, p, a, x, "average")) < 1e-8
    assert max(compare(network, p, a, x, "max")) < 1e-8


def test_eq7_is_zero_if_content_style_and_image_are_equal(small_network, rng):
    a = rng.uniform(0, 255, (24, 24, 3))
    goal = targets(a, a, small_network, ["conv4_2"], list(W))
    L, dL_dx, _ = total_loss(a, goal, small_network, 1.0, 1.0, W)
    assert L == 0
    assert not dL_dx.any()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_eq7_keeps_the_dtype(small_network, rng, dtype):
    network = small_network.astype(dtype)
    p, a, x = rng.uniform(0, 255, (3, 17, 18, 3)).astype(dtype)
    goal = targets(p, a, network, ["conv4_2"], list(W))
    assert {array.dtype for array in (*goal.P.values(), *goal.A.values())} == {np.dtype(dtype)}
    L, dL_dx, _ = total_loss(x, goal, network, 1e-3, 1.0, W)
    assert isinstance(L, float)
    assert dL_dx.dtype == dtype


def test_the_total_variation_is_added_with_its_weight(small_network, rng):
    p, a, x = rng.uniform(0, 255, (3, 17, 31, 3))
    goal = targets(p, a, small_network, ["conv4_2"], list(W))
    L, dL_dx, terms = total_loss(x, goal, small_network, ALPHA, BETA, W)
    L_tv, dL_dx_tv, terms_tv = total_loss(x, goal, small_network, ALPHA, BETA, W, tv=3.0)
    V, dV_dx = total_variation(x)
    assert terms_tv == {**terms, "tv": 3.0 * V}
    assert np.isclose(L_tv, L + 3.0 * V, rtol=1e-12)
    assert relative_error(dL_dx_tv, dL_dx + 3.0 * dV_dx) < 1e-12


def test_the_message_about_a_small_picture_gives_width_and_height(small_network, rng):
    x = rng.uniform(0, 255, (15, 31, 3))
    with pytest.raises(InputError, match=r"A picture of 31 x 15 pixels is too small.*at least 16"):
        targets(x, x, small_network, ["conv4_2"], list(W))
