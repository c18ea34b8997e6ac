"""Normalization of the paper: mean activations are one, features change by one factor each."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import vgg
from nst_numpy.networks import normalize, random_network

PICTURES = np.random.default_rng(1).uniform(0, 255, (3, 18, 20, 3))


def all_features(network, pictures):
    runs = [vgg.forward(network, p.astype(network.dtype), network.weights)[0] for p in pictures]
    return {l: np.concatenate([F[l] for F in runs], axis=1) for l in network.weights}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_mean_activations_are_one(dtype):
    network = random_network((4, 5, 6, 7, 8)).astype(dtype)
    normalized, dead = normalize(network, PICTURES)
    assert normalized.dtype == dtype
    assert normalized.normalized
    for l, F in all_features(normalized, PICTURES).items():
        alive = np.delete(np.arange(len(F)), dead.get(l, []))
        assert np.abs(F[alive].mean(axis=1) - 1).max() < 1e-4


def test_features_differ_by_one_factor_per_filter(small_network):
    normalized, _ = normalize(small_network, PICTURES)
    other = np.random.default_rng(2).uniform(0, 255, (1, 33, 21, 3))
    factors = {l: F.mean(axis=1) for l, F in all_features(small_network, PICTURES).items()}
    after = all_features(normalized, other)
    for l, F in all_features(small_network, other).items():
        factor = np.where(factors[l] > 0, factors[l], 1)
        assert relative_error(after[l] * factor[:, None], F) < 1e-12


def test_dead_filter_is_not_scaled_and_reported(small_network):
    K, b = small_network.weights["conv2_1"]
    b = b.copy()
    b[3] = -1e9
    weights = {**small_network.weights, "conv2_1": (K, b)}
    network = replace(small_network, weights=weights)
    normalized, dead = normalize(network, PICTURES)
    assert dead["conv2_1"] == [3]
    assert normalized.weights["conv2_1"][1][3] == -1e9


def test_rarely_active_filter_gets_the_root_mean_square(small_network):
    """With rare = 1.5, the mean of each filter is 1 or its root mean square is 1.5."""
    normalized, dead = normalize(small_network, PICTURES, rare=1.5)
    capped = 0
    for l, F in all_features(normalized, PICTURES).items():
        F = np.delete(F, dead.get(l, []), axis=0)
        mean, rms = F.mean(axis=1), np.sqrt(np.mean(F**2, axis=1))
        capped += np.sum(rms > 1.5 - 1e-9)
        assert np.allclose(np.maximum(mean, rms / 1.5), 1, rtol=1e-9)
    assert capped > 0


@pytest.fixture
def biased():
    """A network with biases other than zero."""
    rng = np.random.default_rng(5)
    network = random_network((4, 3, 5, 4, 3), layers=vgg.VGG19[:8]).astype(np.float64)
    weights = {l: (K / 5, rng.uniform(50, 90, b.size)) for l, (K, b) in network.weights.items()}
    return replace(network, weights=weights)


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_biases_are_scaled_with_their_filters(biased, pooling):
    """The features differ by exactly one factor per filter, with the pooling of the means."""
    x = np.random.default_rng(1).uniform(0, 255, (16, 24, 3))
    normalized, dead = normalize(biased, [x], pooling)
    assert not dead
    before, _ = vgg.forward(biased, x, biased.weights, pooling)
    after, _ = vgg.forward(normalized, x, biased.weights, pooling)
    for l in biased.weights:
        m = before[l].mean(axis=1, keepdims=True)
        assert np.allclose(after[l], before[l] / m, rtol=1e-10)
        assert np.allclose(after[l].mean(axis=1), 1, rtol=1e-10)


def test_means_are_taken_with_the_given_pooling(biased):
    """With another pooling, the mean activations below it are equal and above it are not."""
    x = np.random.default_rng(1).uniform(0, 255, (16, 24, 3))
    first, second = (normalize(biased, [x], pooling)[0] for pooling in ("average", "max"))
    assert np.array_equal(first.weights["conv1_2"][0], second.weights["conv1_2"][0])
    assert not np.allclose(first.weights["conv2_1"][0], second.weights["conv2_1"][0])


def test_mean_is_over_all_positions_of_pictures_of_different_sizes(biased):
    rng = np.random.default_rng(2)
    pictures = [rng.uniform(0, 255, shape) for shape in ((16, 24, 3), (32, 16, 3))]
    normalized, _ = normalize(biased, pictures)
    maps = [vgg.forward(normalized, x, biased.weights)[0] for x in pictures]
    for l in biased.weights:
        assert np.allclose(np.hstack([F[l] for F in maps]).mean(axis=1), 1, rtol=1e-10)


@pytest.mark.parametrize("rare", [0.5, 1.05, 1e9])
def test_rare_filters_are_bounded_exactly(biased, rare):
    """The factor is 1 / max(mean, rms / rare) for each filter."""
    x = np.random.default_rng(3).uniform(0, 255, (16, 24, 3))
    normalized, _ = normalize(biased, [x], rare=rare)
    before, after = (vgg.forward(n, x, biased.weights)[0] for n in (biased, normalized))
    for l in biased.weights:
        m = np.maximum(before[l].mean(axis=1), np.sqrt((before[l] ** 2).mean(axis=1)) / rare)
        assert np.allclose(after[l], before[l] / m[:, None], rtol=1e-10)
