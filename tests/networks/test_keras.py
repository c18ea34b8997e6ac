"""Keras' HDF5 layout, old and new names; and files that are something else."""

import h5py
import numpy as np
import pytest

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.vgg import VGG16, VGG19

NETWORK = random_network((2, 3, 4, 3, 2), layers=VGG19)


def write_keras(path, network, names=("{0}_W_1:0", "{0}_b_1:0"), prefix="", change=None):
    """Write a network as Keras does: blue, green, red, one group a layer."""
    weights = dict(network.weights)
    (change or (lambda _: None))(weights)
    with h5py.File(path, "w") as file:
        for l, (K, b) in weights.items():
            group = f"block{l[4]}_conv{l[6]}"
            arrays = (K[:, :, ::-1] if l == "conv1_1" else K), b
            for name, values in zip(names, arrays, strict=True):
                file[f"{prefix}{group}/{name.format(group)}"] = values
    return path


@pytest.mark.parametrize("prefix", ["", "model_weights/"])
@pytest.mark.parametrize(
    "names", [("{0}_W_1:0", "{0}_b_1:0"), ("kernel:0", "bias:0"), ("{0}/kernel:0", "{0}/bias:0")]
)
@pytest.mark.parametrize("table", [VGG19, VGG16, VGG19[:13]])
def test_every_layout_gives_the_same_network(tmp_path, names, prefix, table):
    network = random_network((2, 3, 4, 3, 2), layers=table)
    read = load_network(write_keras(tmp_path / "w.h5", network, names, prefix))
    assert read.layers == table[: 1 + max(i for i, l in enumerate(table) if l in network.weights)]
    assert np.array_equal(read.mean, network.mean)
    for l in network.weights:
        for actual, expected in zip(read.weights[l], network.weights[l], strict=True):
            assert np.array_equal(actual, expected)
            assert actual.dtype == np.float32


def _without(l):
    return lambda weights: weights.pop(l)


def _instead(l, index, change):
    def apply(weights):
        arrays = list(weights[l])
        arrays[index] = change(arrays[index])
        weights[l] = tuple(arrays)

    return apply


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_without("conv3_2"), "conv3_2 is missing"),
        (_without("conv1_1"), "no layer block1_conv1"),
        (
            _instead("conv2_1", 0, lambda K: K[:, :, :1]),
            r"kernel of conv2_1 has the shape \(3, 3, 1,",
        ),
        (_instead("conv2_1", 0, lambda K: K[:2]), "kernel of conv2_1"),
        (_instead("conv2_1", 1, lambda b: b[:1]), r"bias of conv2_1 has the shape \(1,\)"),
        (_instead("conv4_1", 0, lambda K: K * np.nan), "kernel of conv4_1 holds values"),
        (_instead("conv4_1", 1, lambda b: b + np.inf), "bias of conv4_1 holds values"),
        (_instead("conv4_1", 0, lambda K: K.astype(int)), "kernel of conv4_1 holds values"),
    ],
)
def test_a_network_that_does_not_fit_is_told(tmp_path, change, sentence):
    with pytest.raises(InputError, match=sentence):
        load_network(write_keras(tmp_path / "w.h5", NETWORK, change=change))


def test_files_that_hold_no_network_are_told(tmp_path):
    whole = write_keras(tmp_path / "w.h5", NETWORK).read_bytes()
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["values"] = np.zeros(3)
    for name, content, sentence in (
        ("empty.h5", b"", "is empty"),
        ("page.h5", b"\n<!DOCTYPE html><html>", "is a web page"),
        ("picture.h5", b"\x89PNG", "not an HDF5 file"),
        ("half.h5", whole[: len(whole) // 2], "damaged or cut short"),
        ("other.h5", None, "not a VGG network"),
        ("none.h5", None, "no weights file"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=sentence):
            load_network(tmp_path / name)
    with pytest.raises(InputError, match="is a folder"):
        load_network(tmp_path)


@pytest.mark.real_files
def test_the_real_network_is_read(real):
    network = load_network(real["network"])
    assert network.layers[-1] == "conv5_1"
    widths = [network.weights[f"conv{block}_1"][1].size for block in range(1, 6)]
    assert widths == [16, 32, 64, 128, 128]
