"""The tables of layers, and the forward and backward passes."""

import jax
import numpy as np
import pytest
from helpers import jax_reference as reference
from helpers.agreement import relative_error

from nst_numpy import InputError, vgg
from nst_numpy.networks import random_network


def test_tables_equal_the_published_networks():
    """VGG-19: 16 convolutions and 5 poolings; VGG-16: 13 and 5 [Simonyan & Zisserman 2015]."""
    for table, convolutions in ((vgg.VGG19, 16), (vgg.VGG16, 13)):
        assert sum(l.startswith("conv") for l in table) == convolutions
        assert sum(l.startswith("pool") for l in table) == 5
    assert vgg.VGG19[:3] == ("conv1_1", "conv1_2", "pool1")
    assert vgg.VGG19[-2:] == ("conv5_4", "pool5")
    assert set(vgg.VGG16) == set(vgg.VGG19) - {"conv3_4", "conv4_4", "conv5_4"}


@pytest.mark.parametrize("pooling", vgg.POOLINGS)
@pytest.mark.parametrize("padding", vgg.PADDINGS)
def test_forward_matches_jax_at_every_layer(small_network, rng, pooling, padding):
    x = rng.uniform(0, 255, (19, 34, 3))
    taps = list(small_network.weights)
    F, _ = vgg.forward(small_network, x, taps, pooling, padding)
    expected = reference.features(small_network, x, taps, pooling, padding)
    for l in taps:
        assert relative_error(F[l], expected[l]) < 1e-12


def test_forward_stops_at_the_deepest_tap(small_network, rng):
    _, tape = vgg.forward(small_network, rng.uniform(0, 255, (8, 8, 3)), {"conv1_1", "conv2_1"})
    assert [l for l, _, _ in tape] == ["conv1_1", "conv1_2", "pool1", "conv2_1"]


def test_backward_is_linear_in_the_derivatives_of_the_taps(small_network, rng):
    """The derivative of two taps is the sum of their derivatives."""
    x = rng.uniform(0, 255, (9, 12, 3))
    F, tape = vgg.forward(small_network, x, {"conv1_2", "conv2_2"})
    dL_dF = {l: rng.normal(size=F[l].shape) for l in F}
    together = vgg.backward(small_network, dict(dL_dF), tape)
    alone = sum(vgg.backward(small_network, _only(dL_dF, l), tape) for l in F)
    assert relative_error(together, alone) < 1e-12


@pytest.mark.parametrize("padding", vgg.PADDINGS)
def test_backward_matches_jax_for_every_padding(small_network, rng, padding):
    """From two taps; some sides on the way are odd or one pixel."""
    x, taps = rng.uniform(0, 255, (18, 27, 3)), ["conv3_2", "conv5_1"]
    F, tape = vgg.forward(small_network, x, taps, "average", padding)
    dL_dF = {l: rng.normal(size=F[l].shape) for l in F}

    def inner(x):
        F = reference.features(small_network, x, taps, "average", padding)
        return sum(jax.numpy.sum(F[l] * dL_dF[l]) for l in taps)

    expected = jax.grad(inner)(x)
    dL_dx = vgg.backward(small_network, dict(dL_dF), tape, "average", padding)
    assert relative_error(dL_dx, expected) < 1e-12


@pytest.mark.parametrize("padding", ["reflect", "replicate"])
def test_kernels_and_plain_layers_pad_equally(small_network, rng, padding):
    x, taps = rng.uniform(0, 255, (35, 50, 3)), {"conv1_1", "conv2_2", "conv3_1"}
    plain, tape = vgg.forward(small_network, x, taps, "average", padding)
    dL_dF = {l: rng.normal(size=plain[l].shape) for l in taps}
    dL_dx = vgg.backward(small_network, dict(dL_dF), tape, "average", padding)
    single = small_network.astype(np.float32)
    fast, tape = vgg.forward(single, x.astype(np.float32), taps, "average", padding)
    dL_dF = {l: dL_dF[l].astype(np.float32) for l in taps}
    fast_dL_dx = vgg.backward(single, dL_dF, tape, "average", padding)
    assert fast_dL_dx.dtype == np.float32
    assert all(relative_error(fast[l], plain[l]) < 1e-5 for l in taps)
    assert relative_error(fast_dL_dx, dL_dx) < 1e-5


@pytest.mark.parametrize("padding", vgg.PADDINGS)
def test_only_zero_padding_changes_the_border(small_network, padding):
    """A constant image has constant feature maps, except with zero padding."""
    taps = list(small_network.weights)
    F, _ = vgg.forward(small_network, np.full((32, 32, 3), 200.0), taps, "average", padding)
    spread = max(np.ptp(F[l], axis=1).max() / np.abs(F[l]).max() for l in taps)
    assert (spread > 0.1) if padding == "zero" else (spread < 1e-12)


def _only(dL_dF, l):
    return {k: v if k == l else np.zeros_like(v) for k, v in dL_dF.items()}


def test_forward_runs_vgg16(rng):
    network = random_network((2, 3, 2, 3, 2), layers=vgg.VGG16)
    F, _ = vgg.forward(network, rng.uniform(0, 255, (32, 32, 3)).astype(np.float32), {"conv5_3"})
    assert F["conv5_3"].shape == (2, 4)


def test_images_below_the_smallest_size_are_rejected(small_network):
    assert vgg.forward(small_network, np.zeros((16, 16, 3)), {"conv5_1"})[0]["conv5_1"].shape == (
        3,
        1,
    )
    with pytest.raises(InputError, match=r"conv5_1.*at least 16 pixels"):
        vgg.forward(small_network, np.zeros((15, 40, 3)), {"conv5_1"})


def test_an_unknown_padding_is_rejected(small_network):
    with pytest.raises(InputError, match=r"padding: 'mirror'.*zero, reflect, replicate"):
        vgg.forward(small_network, np.zeros((16, 16, 3)), {"conv1_1"}, padding="mirror")


def test_an_unknown_layer_is_rejected_with_the_nearest_name(small_network):
    with pytest.raises(InputError, match=r": 'conv4-2'; did you mean conv4_2\? Known: conv1_1, "):
        vgg.forward(small_network, np.zeros((16, 16, 3)), {"conv4-2"})


@pytest.mark.parametrize(
    "name",
    ["relu4_2", "ReLU4_2", "relu_4_2", "block4_conv2", "conv4-2", "conv42", "r42", "conv_4_2"],
)
def test_names_of_layers_in_other_libraries_get_the_paper_name(small_network, name):
    with pytest.raises(InputError, match=r"did you mean conv4_2\?"):
        vgg.check_taps(small_network, [name], (64, 64))


def test_index_of_a_layer_gets_no_wrong_name(small_network):
    """features.21 of torchvision is conv4_2, not conv2_1."""
    with pytest.raises(InputError, match=r"'features\.21'. Known"):
        vgg.check_taps(small_network, ["features.21"], (64, 64))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("padding", vgg.PADDINGS)
def test_backward_does_not_change_its_arguments(small_network, rng, dtype, padding):
    """In any order of memory; `backward_consuming` gives the same and empties its dict."""
    network, x = small_network.astype(dtype), rng.uniform(0, 255, (20, 17, 3)).astype(dtype)
    F, tape = vgg.forward(network, x, {"conv1_1", "conv1_2", "conv3_1"}, "average", padding)
    dL_dF = {l: rng.normal(size=F[l].shape).astype(dtype) for l in F}
    before = {l: dL.copy() for l, dL in dL_dF.items()}
    dL_dx = vgg.backward(network, dL_dF, tape, "average", padding)
    assert dL_dF.keys() == before.keys()
    assert all(np.array_equal(dL_dF[l], before[l]) for l in before)
    consumed = vgg.backward_consuming(network, dL_dF, tape, "average", padding)
    assert np.array_equal(consumed, dL_dx)
    assert not dL_dF


def test_an_observer_sees_each_layer_of_each_pass(small_network, rng):
    seen = []
    x = rng.uniform(0, 255, (9, 12, 3))
    observe = lambda what, layer, numbers: seen.append((what, layer, numbers.shape))  # noqa: E731
    F, tape = vgg.forward(small_network, x, ["conv2_1"], observer=observe)
    vgg.backward(small_network, F, tape, observer=observe)
    layers = [("conv1_1", (9, 12, 4)), ("conv1_2", (9, 12, 4))]
    layers += [("pool1", (4, 6, 4)), ("conv2_1", (4, 6, 5))]
    forward = [("activations", *layer) for layer in layers]
    assert seen == [*forward, *(("derivative", *layer) for layer in reversed(layers))]
