"""Layers read before their ReLU."""

import pytest
from helpers.agreement import relative_error
from helpers.peer_objectives import before_relu

from nst_numpy import vgg
from nst_numpy.paper import tap_position


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_both_signs_are_the_features_before_the_relu(small_network, rng, pooling):
    """And the layers that are not read are as they were."""
    taps, x = ["conv1_1", "conv2_1", "conv2_2"], rng.uniform(0, 255, (17, 20, 3))
    signed = tap_position.signed(small_network, taps)
    F, _ = vgg.forward(signed, x, [*taps, "conv3_1"], pooling)
    expected = before_relu(small_network, x, taps, pooling)
    for l in taps:
        assert (expected[l] < 0).any()
        assert relative_error(tap_position.before_relu(F[l]), expected[l]) < 1e-12
    plain = vgg.forward(small_network, x, ["conv3_1"], pooling)[0]["conv3_1"]
    assert relative_error(F["conv3_1"], plain) < 1e-12
