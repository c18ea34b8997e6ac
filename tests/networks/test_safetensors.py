"""safetensors files: those of the library, and invalid headers."""

import json
import struct

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.vgg import VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19[:4])
ARRAYS = writers.torch_arrays(NETWORK, "Gatys", bgr=True)


@pytest.mark.parametrize("dtype", ["float32", "float16", "float64"])
def test_files_of_the_library_are_read(tmp_path, dtype):
    numpy = pytest.importorskip("safetensors.numpy", reason="the extra [formats]")
    arrays = {name: values.astype(dtype) for name, values in ARRAYS.items()}
    numpy.save_file(arrays, tmp_path / "w.safetensors", metadata={"license": "CC BY 4.0"})
    read = load_network(tmp_path / "w.safetensors")
    assert read.about["dtype"] == dtype
    for l, (K, b) in read.weights.items():
        K = K[:, :, ::-1] if l == "conv1_1" else K
        assert np.array_equal(K.transpose(3, 2, 0, 1), arrays[f"{l}.weight"].astype(np.float32))
        assert np.array_equal(b, arrays[f"{l}.bias"].astype(np.float32))


def test_header_length_that_looks_like_a_pickle(tmp_path):
    """A header of 640 bytes: the file starts like a pickle of protocol 2."""
    data = writers.write_safetensors(tmp_path / "w", ARRAYS).read_bytes()
    n = 8 + struct.unpack("<Q", data[:8])[0]
    (tmp_path / "w").write_bytes(struct.pack("<Q", 640) + data[8:n].ljust(640) + data[n:])
    assert load_network(tmp_path / "w").about["format"] == "safetensors"


def test_bfloat16_is_the_upper_half_of_float32(tmp_path):
    path = writers.write_safetensors(tmp_path / "w", ARRAYS | {"x": np.zeros(1, np.float16)})
    b = ARRAYS["conv1_1.bias"] + np.float32(1.5)
    data = path.read_bytes()
    n = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:n])
    header["conv1_1.bias"] = {"dtype": "BF16", "shape": [3], "data_offsets": [len(data) - n] * 2}
    header["conv1_1.bias"]["data_offsets"][1] += 6
    text = json.dumps(header).encode()
    halves = (b.view("<u4") >> 16).astype("<u2").tobytes()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[n:] + halves)
    assert load_network(path).weights["conv1_1"][1].tolist() == [1.5, 1.5, 1.5]


@pytest.mark.parametrize(
    "entry",
    [
        {"shape": [1 << 40]},
        {"shape": [3, -1]},
        {"shape": [3.0]},
        {"shape": "3"},
        {"shape": [True] * 3},
        {"data_offsets": [0, 1 << 60]},
        {"data_offsets": [-12, 0]},
        {"data_offsets": [12, 0]},
        {"data_offsets": []},
        {"dtype": ["F32"]},
    ],
)
def test_invalid_header_is_an_error(tmp_path, entry):
    path = writers.write_safetensors(tmp_path / "w", ARRAYS)
    data = path.read_bytes()
    n = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:n])
    header["conv1_1.bias"] |= entry
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[n:])
    with pytest.raises(InputError, match="damaged or truncated"):
        load_network(path)


def test_deeply_nested_header_is_an_error(tmp_path):
    text = b'{"a":' + b"[" * 100_000
    (tmp_path / "w").write_bytes(struct.pack("<Q", len(text)) + text)
    with pytest.raises(InputError, match="damaged or truncated"):
        load_network(tmp_path / "w")


@pytest.mark.parametrize("dtype", ["F32 ", "F8_E5M2"])
def test_unknown_dtype_is_an_error_that_names_it(tmp_path, dtype):
    path = writers.write_safetensors(tmp_path / "w", ARRAYS)
    data = path.read_bytes()
    n = 8 + struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:n])
    header["conv1_1.bias"]["dtype"] = dtype
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data[n:])
    with pytest.raises(InputError, match=rf"conv1_1\.bias has the dtype {dtype}, which"):
        load_network(path)
