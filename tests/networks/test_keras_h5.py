"""HDF5 files of Keras: every layout, compression, and invalid files."""

import tracemalloc
import zlib
from dataclasses import replace

import h5py
import numpy as np
import pytest
from helpers.weights_writers import write_keras, write_keras3

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.vgg import VGG16, VGG19

NETWORK = random_network((2, 3, 4, 3, 2), layers=VGG19)


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


@pytest.mark.parametrize("prefix", ["layers/", "_layer_checkpoint_dependencies/"])
@pytest.mark.parametrize("named", [True, False])
@pytest.mark.parametrize("table", [VGG19, VGG16, VGG19[:4]])
def test_numbered_layers_give_the_same_network(tmp_path, prefix, named, table):
    """Keras 3 numbers the convolutions; only newer files also contain their names."""
    network = random_network((2, 3, 4, 3, 2), layers=table)
    read = load_network(write_keras3(tmp_path / "w.h5", network, prefix, named))
    assert list(read.weights) == list(network.weights)
    for l in network.weights:
        for actual, expected in zip(read.weights[l], network.weights[l], strict=True):
            assert np.array_equal(actual, expected)


def test_numbered_layers_of_other_networks_are_errors(tmp_path):
    weights = {f"conv1_{i}": (np.ones((3, 3, i, i + 1)), np.ones(i + 1)) for i in range(3, 6)}
    network = replace(NETWORK, weights=weights)
    with pytest.raises(InputError, match="3 convolutions do not match those of VGG-16 or VGG-19"):
        load_network(write_keras3(tmp_path / "w.h5", network, named=False))


@pytest.mark.filterwarnings("ignore")  # of Keras itself
@pytest.mark.parametrize("layers", [VGG19, VGG16])
def test_files_of_keras_itself_are_read(tmp_path, layers, monkeypatch):
    """In each of its three formats, with dense layers."""
    monkeypatch.setenv("KERAS_BACKEND", "jax")
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    keras = pytest.importorskip("keras", reason="the extra [formats]")
    network = random_network((2, 3, 4, 3, 2), layers=layers)
    model = keras.Sequential([keras.Input((32, 32, 3))])
    for l in layers:
        name = f"block{l[4]}_{l[:4]}{l[5:].replace('_', '')}"
        if l.startswith("pool"):
            model.add(keras.layers.MaxPooling2D(name=name))
            continue
        K, b = network.weights[l]
        model.add(keras.layers.Conv2D(b.size, 3, padding="same", name=name))
        model.layers[-1].set_weights([K[:, :, ::-1] if l == "conv1_1" else K, b])
    model.add(keras.layers.Flatten())
    model.add(keras.layers.Dense(3, name="fc1"))
    for name in ("w.weights.h5", "w.h5", "w.keras"):
        (model.save_weights if "weights" in name else model.save)(tmp_path / name)
        read = load_network(tmp_path / name)
        assert list(read.weights) == list(network.weights)
        for l in network.weights:
            assert all(map(np.array_equal, read.weights[l], network.weights[l]))


def _without(l):
    return lambda weights: weights.pop(l)


def _changed(l, index, change):
    def apply(weights):
        arrays = list(weights[l])
        arrays[index] = change(arrays[index])
        weights[l] = tuple(arrays)

    return apply


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (_without("conv3_2"), "conv3_2 is missing"),
        (_without("conv1_1"), "conv1_1 is missing"),
        (
            _changed("conv2_1", 0, lambda K: K[:, :, :1]),
            r"kernel of conv2_1 has the shape \(3, 3, 1,",
        ),
        (_changed("conv2_1", 0, lambda K: K[:2]), "kernel of conv2_1"),
        (_changed("conv2_1", 1, lambda b: b[:1]), r"bias of conv2_1 has the shape \(1,\)"),
        (_changed("conv4_1", 0, lambda K: K * np.nan), "kernel of conv4_1 contains values"),
        (_changed("conv4_1", 1, lambda b: b + np.inf), "bias of conv4_1 contains values"),
        (_changed("conv4_1", 0, lambda K: K.astype(int)), "kernel of conv4_1 has the dtype"),
    ],
)
def test_inconsistent_layers_are_errors(tmp_path, change, sentence):
    with pytest.raises(InputError, match=sentence):
        load_network(write_keras(tmp_path / "w.h5", NETWORK, change=change))


def test_files_without_a_network_are_errors(tmp_path):
    whole = write_keras(tmp_path / "w.h5", NETWORK).read_bytes()
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["values"] = np.zeros(3)
    for name, content, sentence in (
        ("empty.h5", b"", "is empty"),
        ("page.h5", b"\n<!DOCTYPE html><html>", "is a web page"),
        ("picture.h5", b"\x89PNG", "not a weights file in a supported format"),
        ("half.h5", whole[: len(whole) // 2], "damaged or truncated"),
        ("other.h5", None, "not a VGG network"),
        ("none.h5", None, "no weights file"),
    ):
        if content is not None:
            (tmp_path / name).write_bytes(content)
        with pytest.raises(InputError, match=sentence):
            load_network(tmp_path / name)
    with pytest.raises(InputError, match="is a folder"):
        load_network(tmp_path)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"compression": "gzip"}, "claims more than twice"),
        ({"compression": "lzf", "shape": (3, 3, 3, 4)}, "compressed by a filter other than gzip"),
        ({}, "claims more than twice"),
        ({"chunks": (3, 3, 3, 1)}, "claims more than twice"),
    ],
)
def test_array_larger_than_its_file_is_an_error(tmp_path, options, sentence):
    """Arrays that were allocated but never written, or that are compressed."""
    with h5py.File(write_keras(tmp_path / "w.h5", NETWORK), "r+") as file:
        del file["block1_conv1/block1_conv1_W_1:0"]
        options = {"shape": (3, 3, 3, 10_000_000), "dtype": np.float32} | options
        file.create_dataset("block1_conv1/block1_conv1_W_1:0", **options)
    with pytest.raises(InputError, match=sentence):
        load_network(tmp_path / "w.h5")


@pytest.mark.parametrize("options", [{}, {"shuffle": True}, {"shuffle": True, "fletcher32": True}])
@pytest.mark.parametrize("chunks", [True, (2, 2, 2, 2), (1, 3, 3, 1)])
def test_compressed_arrays_are_read_exactly(tmp_path, rng, options, chunks):
    """Also if chunks reach beyond the edge of the array."""
    K = rng.standard_normal((3, 3, 3, NETWORK.weights["conv1_1"][1].size)).astype(np.float32)
    with h5py.File(write_keras(tmp_path / "w.h5", NETWORK), "r+") as file:
        del file["block1_conv1/block1_conv1_W_1:0"]
        options |= {"compression": "gzip", "chunks": chunks}
        file.create_dataset("block1_conv1/block1_conv1_W_1:0", data=K, **options)
    assert np.array_equal(load_network(tmp_path / "w.h5").weights["conv1_1"][0], K[:, :, ::-1])


def test_chunk_larger_than_its_shape_is_an_error(tmp_path):
    """A small chunk that would decompress to fifty megabytes."""
    with h5py.File(write_keras(tmp_path / "w.h5", NETWORK), "r+") as file:
        shape = file["block1_conv1/block1_conv1_W_1:0"].shape
        del file["block1_conv1/block1_conv1_W_1:0"]
        options = {"dtype": np.float32, "chunks": shape, "compression": "gzip"}
        made = file.create_dataset("block1_conv1/block1_conv1_W_1:0", shape, **options)
        made.id.write_direct_chunk((0, 0, 0, 0), zlib.compress(bytes(50_000_000)))
    tracemalloc.start()
    with pytest.raises(InputError, match="damaged or truncated"):
        load_network(tmp_path / "w.h5")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2_000_000


@pytest.mark.real_files
def test_the_real_network_is_read(real):
    network = load_network(real["network"])
    assert network.layers[-1] == "conv5_1"
    widths = [network.weights[f"conv{block}_1"][1].size for block in range(1, 6)]
    assert widths == [16, 32, 64, 128, 128]
