"""Files with several networks, other arrays, or numbers of unusual dtypes."""

import json
import struct
from dataclasses import replace

import h5py
import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network, write_compact
from nst_numpy.vgg import VGG19

WIDTHS = (3, 2, 4, 3, 2)
FIRST = random_network(WIDTHS, layers=VGG19[:7])
SECOND = replace(FIRST, weights={l: (2 * K, b + 1) for l, (K, b) in FIRST.weights.items()})
DECODER = {f"conv{i}_1": (np.ones((3, 3, 5 - i, 4 - i)), np.ones(4 - i)) for i in range(1, 4)}


def equal(network, expected):
    """Whether the kernels are equal up to the order of the input channels."""
    return list(network.weights) == list(expected.weights) and all(
        np.allclose(np.sort(network.weights[l][0], axis=2), np.sort(K, axis=2))
        and np.allclose(network.weights[l][1], b)
        for l, (K, b) in expected.weights.items()
    )


def prefixed(**networks):
    """{prefix.name: array} of several networks with Gatys' names."""
    return {
        f"{prefix}.{name}": values
        for prefix, network in networks.items()
        for name, values in writers.torch_arrays(network, "Gatys", bgr=True).items()
    }


def write_npz(path, arrays):
    np.savez(path, **arrays)
    return path


def write_keras_pair(path, writer, second):
    """Join two files of Keras in the groups encoder and teacher."""
    with h5py.File(path, "w") as file:
        for name, network in (("encoder", FIRST), ("teacher", second)):
            part = writer(path.with_name(f"{name}.h5"), network)
            with h5py.File(part) as source:
                source.copy("/", file, name)
    return path


WRITERS = {
    "w.safetensors": lambda path, second: writers.write_safetensors(
        path, prefixed(encoder=FIRST, teacher=second)
    ),
    "zip.pth": lambda path, second: writers.write_torch(
        path, prefixed(encoder=FIRST, teacher=second)
    ),
    "legacy.pth": lambda path, second: writers.write_torch(
        path, prefixed(encoder=FIRST, teacher=second), legacy=True
    ),
    "w.npz": lambda path, second: write_npz(path, prefixed(encoder=FIRST, teacher=second)),
    "named.h5": lambda path, second: write_keras_pair(path, writers.write_keras, second),
    "numbered.h5": lambda path, second: write_keras_pair(
        path, lambda part, network: writers.write_keras3(part, network, prefix=""), second
    ),
}


@pytest.mark.parametrize("name", WRITERS)
def test_several_networks_are_listed_and_chosen_by_prefix(tmp_path, name):
    path = WRITERS[name](tmp_path / name, SECOND)
    with pytest.raises(InputError, match=r"contains 2 VGG networks.*Choose one of") as error:
        load_network(path)
    for prefix, expected in (("encoder", FIRST), ("teacher", SECOND)):
        assert f"{path}::{prefix}" in str(error.value)
        assert equal(load_network(f"{path}::{prefix}"), expected)
    with pytest.raises(InputError, match="no network with the prefix 'student'; known: 'encoder'"):
        load_network(f"{path}::student")


@pytest.mark.parametrize("name", WRITERS)
def test_only_vgg_next_to_another_network_is_taken(tmp_path, name):
    decoder = replace(FIRST, weights=DECODER)
    path = WRITERS[name](tmp_path / name, decoder)
    assert equal(load_network(path), FIRST)


def test_encoder_with_names_next_to_numbered_decoder(tmp_path):
    path = writers.write_keras(tmp_path / "w.h5", FIRST, prefix="encoder/")
    with h5py.File(path, "a") as file:
        for i in range(3):
            file[f"decoder/conv2d_{i}/kernel"] = np.ones((3, 3, 8, 8))
            file[f"decoder/conv2d_{i}/bias"] = np.ones(8)
    assert equal(load_network(path), FIRST)


def test_state_in_any_dict_of_a_checkpoint_is_found(tmp_path):
    torch = pytest.importorskip("torch", reason="the extra [formats]")

    def tensors(network):
        arrays = writers.torch_arrays(network, "Gatys", bgr=True)
        return {name: torch.tensor(values) for name, values in arrays.items()}

    path = tmp_path / "w.pth"
    torch.save({"epoch": 3, "generator": {"net": tensors(FIRST)}, "optimizer": {"state": {}}}, path)
    assert equal(load_network(path), FIRST)
    torch.save({"state_dict": tensors(FIRST), "ema": tensors(SECOND)}, path)
    with pytest.raises(InputError, match="2 VGG networks"):
        load_network(path)
    assert equal(load_network(f"{path}::ema"), SECOND)


def test_file_with_colons_in_its_name_is_found(tmp_path):
    path = tmp_path / "a::b.npz"
    write_npz(path, writers.torch_arrays(FIRST, "Gatys", bgr=True))
    assert equal(load_network(path), FIRST)


def test_prefix_of_a_file_with_one_network_is_an_error(tmp_path):
    write_compact(tmp_path / "w.h5", FIRST)
    writers.write_mat(tmp_path / "w.mat", FIRST)
    for name in ("w.h5", "w.mat"):
        with pytest.raises(InputError, match="only one network: leave out ::x"):
            load_network(f"{tmp_path / name}::x")


def test_bfloat16_is_read_where_libraries_store_two_bytes(tmp_path):
    """The upper halves of float32 numbers, as HDF5 and NumPy store types that they do not know."""

    def halves(values):
        high = (np.ascontiguousarray(values, "<f4").view("<u4") >> 16).astype("<u2")
        return high.view("V2").reshape(values.shape)

    rounded = {
        l: tuple(
            (np.float32(v).view("u4") & 0xFFFF0000).view("f4")
            for v in map(np.ascontiguousarray, pair)
        )
        for l, pair in FIRST.weights.items()
    }
    expected = replace(FIRST, weights=rounded)
    with h5py.File(tmp_path / "w.h5", "w") as file:
        for l, (K, b) in FIRST.weights.items():
            K = K[:, :, ::-1] if l == "conv1_1" else K
            file[f"block{l[4]}_conv{l[6]}/kernel"] = halves(K)
            file[f"block{l[4]}_conv{l[6]}/bias"] = halves(b)
    arrays = writers.torch_arrays(FIRST, "Gatys", bgr=True)
    np.savez(tmp_path / "w.npz", **{name: halves(v) for name, v in arrays.items()})
    for name in ("w.h5", "w.npz"):
        network = load_network(tmp_path / name)
        assert equal(network, expected)
        assert network.about["dtype"] == "bfloat16"


@pytest.mark.parametrize("dtype", [np.complex64, "V1", "S3"])
def test_unreadable_dtypes_are_named(tmp_path, dtype):
    """Not called damaged."""
    arrays = writers.torch_arrays(FIRST)
    arrays["features.0.bias"] = np.zeros(3, dtype)
    np.savez(tmp_path / "w.npz", **arrays)
    with h5py.File(writers.write_keras(tmp_path / "w.h5", FIRST), "a") as file:
        del file["block1_conv1/block1_conv1_b_1:0"]
        file["block1_conv1/block1_conv1_b_1:0"] = np.zeros(3, dtype)
    for name in ("w.npz", "w.h5"):
        with pytest.raises(InputError, match=r"the array .* has the dtype .*convert it to float32"):
            load_network(tmp_path / name)


def test_unreadable_dtype_of_safetensors_is_named(tmp_path):
    path = writers.write_safetensors(tmp_path / "w.safetensors", writers.torch_arrays(FIRST))
    content = path.read_bytes()
    (n,) = struct.unpack("<Q", content[:8])
    header = json.loads(content[8 : 8 + n])
    header["features.2.weight"]["dtype"] = "F8_E4M3"
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + content[8 + n :])
    with pytest.raises(InputError, match=r"features\.2\.weight has the dtype F8_E4M3, which"):
        load_network(path)


def test_unreadable_dtype_of_pytorch_is_named(tmp_path):
    torch = pytest.importorskip("torch", reason="the extra [formats]")
    state = {n: torch.tensor(v) for n, v in writers.torch_arrays(FIRST).items()}
    state["features.0.bias"] = state["features.0.bias"].to(torch.complex64)
    torch.save(state, tmp_path / "w.pth")
    with pytest.raises(InputError, match=r"features\.0\.bias has .*convert it to float32"):
        load_network(tmp_path / "w.pth")
