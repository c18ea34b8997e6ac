"""The error names the place where the first non-finite number occurs."""

import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from nst_numpy import stylize
from nst_numpy.networks import random_network
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.paper import stylize_like
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.inputs import Inputs
from nst_numpy.transfer.nonfinite import check_finite, first_place
from nst_numpy.transfer.optimization import minimize
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.weighted_terms import FeatureMapTerm, Objective, PixelTerm
from nst_numpy.utils.errors import NotFinite

NETWORK = random_network((4, 4, 6, 6, 6))
TAPS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1")
LAYERS = {"content_layer": "conv4_1", "style_layers": TAPS}
QUICK = {"size": 40, "iterations": 2, "weights": NETWORK, "normalized": False, **LAYERS}


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 34, 40, 3))


def with_weights(layer, value, share=1.0):
    """The network with that number in one filter of a layer, and a factor for all of the layer."""
    K, b = NETWORK.weights[layer]
    K = K * np.float32(share)
    K[1, 1, 0, 0] = value
    return replace(NETWORK, weights={**NETWORK.weights, layer: (K, b)})


def like(p, a, **job):
    return stylize_like("neural-style", p, a, **job)


@pytest.mark.parametrize(
    ("paint", "settings"),
    [
        (stylize, {}),
        (stylize, {"color": "luminance", "padding": "reflect"}),
        (stylize, {"tv": 1.0, "tv_kind": "nine-point", "pooling": "max"}),
        (stylize, {"scales": 2, "size": 48}),
        (stylize, {"optimizer": "lbfgsb"}),
        (like, {}),
    ],
)
@pytest.mark.parametrize("value", [3e38, np.nan])
@pytest.mark.parametrize("layer", ["conv1_1", "conv2_2", "conv4_1"])
def test_the_layer_is_named_whose_activations_are_not_finite(
    pictures, layer, value, paint, settings
):
    network = with_weights(layer, np.float32(value))
    with pytest.raises(
        NotFinite,
        match=rf"at the start.* in the activations of {layer}\. The values in the weights file",
    ):
        paint(*pictures, **{**QUICK, "weights": network, **settings})


def test_the_layer_is_named_in_tiles_too(pictures, monkeypatch):
    monkeypatch.setattr(
        sys.modules["nst_numpy.transfer.stylize"], "tile_rows_to_resume", lambda *_: 16
    )
    with pytest.raises(NotFinite, match="in the activations of conv3_1"):
        stylize(*pictures, **{**QUICK, "weights": with_weights("conv3_1", 3e38)})


def test_a_loss_too_large_for_its_type_is_named(pictures):
    """Activations of 1e25 can be had in float32, their Gram matrix cannot."""
    with pytest.raises(NotFinite, match="in the style loss of conv4_1"):
        stylize(*pictures, **{**QUICK, "weights": with_weights("conv4_1", 1.0, 1e25)})


def test_a_weight_too_large_for_its_type_is_seen_in_the_derivative(pictures):
    for settings, place in (
        ({"ratio": 1e300}, "the derivative at conv4_1"),
        ({"tv": 1e300}, "the derivative at the pixels"),
    ):
        with pytest.raises(NotFinite, match=place):
            stylize(*pictures, **QUICK, **settings)


def objective_with(name, layer, value, derivative):
    """With a loss of that value and a derivative of one number."""

    def huge(F):
        return value, np.full_like(F, derivative)

    def plain(F):
        return 1.0, np.zeros_like(F)

    wrong = FeatureMapTerm(name, layer, 1.0, huge, "") if layer else PixelTerm(name, 1.0, huge)
    right = FeatureMapTerm("style conv3_1", "conv3_1", 1.0, plain, "")
    return Objective(Encoder(NETWORK), (wrong, right))


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        (("style conv2_1", "conv2_1", np.nan, np.nan), "the style loss of conv2_1"),
        (("tv", None, np.inf, np.nan), "the tv loss"),
        (("style conv3_1", "conv3_1", 1.0, np.nan), "the derivative at conv3_1"),
        (("style conv2_2", "conv2_2", 1.0, 3e38), "the derivative at conv2_1"),
        (("style conv1_1", "conv1_1", 1.0, np.inf), "the derivative at conv1_1"),
        (("tv", None, 1.0, np.nan), "the derivative at the pixels"),
    ],
)
def test_the_first_place_in_the_order_of_the_computation(rng, wrong, place):
    x = rng.uniform(0, 255, (20, 24, 3)).astype(np.float32)
    with np.errstate(all="ignore"):
        assert first_place(objective_with(*wrong), x) == place


def test_a_derivative_too_small_for_a_step_is_reported(pictures):
    """A derivative of 1e-40: its inverse, the first step, exceeds float32."""
    tiny = {"style_weights": (1e-40,) * 4, "ratio": 0, "tv": 0}
    with pytest.raises(NotFinite, match=r"in iteration \d+; .* in the picture itself"):
        stylize(*pictures, **QUICK, **tiny)


def test_a_sum_that_overflows_is_reported():
    terms = [PixelTerm(name, 1.0, lambda x: (1e308, x)) for name in ("laplacian", "tv")]
    with np.errstate(over="ignore"):
        place = first_place(Objective(Encoder(NETWORK), tuple(terms)), np.zeros((4, 4, 3)))
    assert place == "the total loss"


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_job_with_a_later_non_finite_loss_stops_with_its_earlier_pictures(optimizer):
    """The loss decreases with brightness, and is not a number above a mean of 140."""

    def loss(x):
        L = -float(x.mean()) if x.mean() < 140 else np.nan
        return L, np.full_like(x, -1 / x.size)

    seen = []
    with pytest.raises(NotFinite, match=r"in iteration \d+; .* in the tv loss"):
        settings = StylizeSettings(
            "",
            "",
            optimizer=optimizer,
            iterations=100,
            callback=lambda i, x, L, terms: seen.append((L, x.mean())),
        )
        objective = Objective(Encoder(NETWORK), (PixelTerm("tv", 1.0, loss),))
        gray = np.full((12, 12, 3), 128.0)
        minimize(objective, Inputs(gray, [], gray), settings, time.perf_counter())
    assert seen
    assert all(L + mean == 0 for L, mean in seen)


def test_what_is_finite_is_not_looked_at_twice():
    check_finite(1.0, np.ones(3), None, np.ones(3), 0)
