"""Each convention against what its source computes, written once more in JAX, float64."""

from dataclasses import replace

import jax
import numpy as np
import pytest
from helpers.agreement import relative_error
from helpers.peer_objectives import PEERS, means, total_loss

from nst_numpy import content_loss, gram, style_layer_loss, vgg
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.networks import random_network
from nst_numpy.paper import convention_weights
from nst_numpy.paper.convention_objective import convention_objective
from nst_numpy.paper.convention_weights import MEAN_ACTIVATIONS
from nst_numpy.paper.conventions import CONVENTIONS, mean_variation
from nst_numpy.paper.paper_form import alpha, beta_w
from nst_numpy.paper.stylize_like import like_settings
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate, sum_of_terms

TO_CONV5_2 = vgg.VGG19[: vgg.VGG19.index("conv5_2") + 1]
NETWORK = random_network((4, 5, 6, 5, 3), layers=TO_CONV5_2).astype(np.float64)


def objective_of(name, p, a, network=NETWORK):
    settings = like_settings(name, p, a)
    encoder, layers = Encoder(network, settings.pooling), settings.style_layers
    return convention_objective(CONVENTIONS[name], p, a, encoder, settings.content_layer, layers)


def test_every_convention_has_its_source_here():
    assert PEERS.keys() == CONVENTIONS.keys()


@pytest.mark.parametrize("name", PEERS)
def test_on_random_features(rng, name):
    """One layer, widths that are not square, features of any sign."""
    (N, M), (H, W), n = (4, 15), (10, 13), 1
    F, P, f, a = rng.normal(size=(4, N, M))
    convention, peer = CONVENTIONS[name], PEERS[name][0]

    def in_jax(F, f):
        return peer(F, P, [f], [a], H, W)

    value, (dF, df) = jax.value_and_grad(in_jax, argnums=(0, 1))(F, f)
    L_content, dL_content = content_loss(F, P)
    E, dE = style_layer_loss(f, gram(a))
    weights = alpha(convention, N, M, H * W), beta_w(convention, N, M, H * W, n)
    assert np.isclose(weights[0] * L_content + weights[1] * E, value, rtol=1e-12)
    assert relative_error(weights[0] * dL_content, dF) < 1e-12
    assert relative_error(weights[1] * dE, df) < 1e-12


@pytest.mark.parametrize("name", PEERS)
def test_through_a_network_to_the_pixels(rng, name):
    """Sides that are odd at each pooling; all terms, the smoothing too."""
    p, a, x = rng.uniform(0, 255, (3, 33, 39, 3))
    in_jax = jax.jit(jax.value_and_grad(lambda x: total_loss(name, NETWORK, x, p, a)))
    value, derivative = in_jax(x)
    for evaluation in (evaluate, sum_of_terms):
        L, dL_dx, _ = evaluation(objective_of(name, p, a), x)
        assert abs(L - value) < 1e-9 * value
        assert relative_error(dL_dx, derivative) < 1e-9


@pytest.mark.parametrize("name", ["gatys", "neural-style", "anishathalye", "pytorch"])
def test_a_style_of_another_size_is_divided_by_its_own(rng, name):
    """All who divide the Gram matrix divide each one by its own picture's positions."""
    p, x = rng.uniform(0, 255, (2, 32, 34, 3))
    a = rng.uniform(0, 255, (40, 33, 3))
    value = jax.jit(lambda x: total_loss(name, NETWORK, x, p, a))(x)
    assert abs(evaluate(objective_of(name, p, a), x)[0] - value) < 1e-9 * value


@pytest.mark.parametrize("name", PEERS)
def test_its_derivative_is_that_of_its_value(rng, name):
    p, a, x = rng.uniform(0, 255, (3, 33, 38, 3))
    objective = objective_of(name, p, a)
    assert gradcheck(lambda x: evaluate(objective, x)[:2], x).passed


def test_at_512_x_384_with_vgg19_s_widths():
    """By hand: 2 x 5 / (N M) and 4 x 100 / N^2; ten times that for the authors' notebook."""
    positions, pixels = 64 * 48, 512 * 384
    row = CONVENTIONS["neural-style"]
    assert np.isclose(alpha(row, 512, positions, pixels), 6.358e-6, rtol=1e-3)
    found = [beta_w(row, N, positions, pixels, 5) for N in (64, 128, 256, 512, 512)]
    assert np.allclose(found, [0.0977, 0.0244, 0.0061, 0.0015, 0.0015], rtol=0.02)
    row = CONVENTIONS["gatys"]
    assert np.allclose(
        [beta_w(row, N, positions, pixels, 5) for N in (64, 128, 256, 512, 512)],
        10 * np.array(found),
    )


def test_mean_variation_is_jax(rng):
    x = rng.uniform(0, 255, (5, 7, 3))
    value, derivative = jax.value_and_grad(means)(x)
    V, dV_dx = mean_variation(x)
    assert np.isclose(100 * V, value, rtol=1e-12)
    assert relative_error(100 * dV_dx, derivative) < 1e-12


@pytest.mark.parametrize("name", PEERS)
def test_the_fast_kernels_give_the_same(rng, name):
    images, results = rng.uniform(0, 255, (3, 36, 41, 3)), []
    for dtype in (np.float64, np.float32):
        p, a, x = images.astype(dtype)
        results.append(evaluate(objective_of(name, p, a, NETWORK.astype(dtype)), x)[:2])
    (L, dL_dx), (L_32, dL_dx_32) = results
    assert dL_dx_32.dtype == np.float32
    assert abs(L_32 - L) < 1e-5 * L
    assert relative_error(dL_dx_32, dL_dx) < 1e-4


def normalized(network):
    """The network with each layer's features divided by the mean activation of the released VGG."""
    weights, below = {}, 1.0
    for l, (K, b) in network.weights.items():
        scale = MEAN_ACTIVATIONS[l]
        weights[l] = K * (below / scale), b / scale
        below = scale
    return replace(network, weights=weights, normalized=True)


SCALED = [n for n, c in CONVENTIONS.items() if c.released_activations]


@pytest.mark.parametrize("name", SCALED)
def test_a_normalized_network_gives_the_objective_of_the_original_one(rng, name, monkeypatch):
    """With all terms: the total variation does not outweigh the others."""
    monkeypatch.setattr(convention_weights, "WIDTHS", (4, 5, 6, 5, 3))
    p, a, x = rng.uniform(0, 255, (3, 33, 39, 3))
    L, dL_dx, values = evaluate(objective_of(name, p, a), x)
    L_n, dL_dx_n, values_n = evaluate(objective_of(name, p, a, normalized(NETWORK)), x)
    assert np.isclose(L_n, L, rtol=1e-9)
    assert relative_error(dL_dx_n, dL_dx) < 1e-9
    assert values_n == pytest.approx(values, rel=1e-9)


@pytest.mark.parametrize("name", SCALED)
def test_the_objective_does_not_depend_on_the_width_of_a_normalized_network(rng, name):
    """A network with every filter twice computes nothing new."""
    p, a, x = rng.uniform(0, 255, (3, 33, 39, 3))
    network, weights = normalized(NETWORK), {}
    for l, (K, b) in network.weights.items():
        copies = 1 if l == "conv1_1" else 2
        K = np.repeat(np.repeat(K, copies, axis=2) / copies, 2, axis=3)
        weights[l] = K, np.repeat(b, 2)
    L, dL_dx, values = evaluate(objective_of(name, p, a, network), x)
    wide = replace(network, weights=weights)
    L_wide, dL_dx_wide, values_wide = evaluate(objective_of(name, p, a, wide), x)
    assert np.isclose(L_wide, L, rtol=1e-9)
    assert relative_error(dL_dx_wide, dL_dx) < 1e-9
    assert values_wide == pytest.approx(values, rel=1e-9)


def test_conventions_for_other_activations_are_not_scaled():
    for name in ("paper", "pytorch"):
        assert not convention_weights.is_scaled(CONVENTIONS[name], normalized(NETWORK))
