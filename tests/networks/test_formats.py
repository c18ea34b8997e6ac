"""Every weights format: readers give identical networks, and invalid files are errors."""

import numpy as np
import pytest
from helpers import weights_writers as writers
from helpers.agreement import relative_error

from nst_numpy import InputError, load_network, vgg
from nst_numpy.networks import random_network, read_network, write_compact
from nst_numpy.networks.formats import FORMATS, UNSUPPORTED, recognize_format, supported_libraries
from nst_numpy.networks.preprocessing import TORCHVISION_FILTERS, TORCHVISION_MEAN, TORCHVISION_STD
from nst_numpy.networks.weights_file import file_start
from nst_numpy.vgg import VGG16, VGG19

WIDTHS = (3, 2, 4, 3, 2)


def gatys(network):
    return writers.torch_arrays(network, "Gatys", bgr=True)


def save_npz(path, network):
    """The layout of the file `vgg16_weights.npz`."""
    arrays = {f"{l}_W": K for l, (K, _) in network.weights.items()}
    np.savez(path, **arrays, **{f"{l}_b": b for l, (_, b) in network.weights.items()})
    return path


# Layout: (function that writes it, preprocessing to pass to the reader).
LAYOUTS = {
    "Keras": (writers.write_keras, None),
    "Keras 3": (writers.write_keras3, None),
    "MatConvNet": (writers.write_mat, None),
    "MatConvNet, older": (lambda p, n: writers.write_mat(p, n, old=True), None),
    "MatConvNet, oldest": (lambda p, n: writers.write_mat(p, n, True, "filters"), None),
    "MatConvNet, packed": (lambda p, n: writers.write_mat(p, n, compress=True), None),
    "Gatys, zip": (lambda p, n: writers.write_torch(p, gatys(n)), None),
    "Gatys, legacy": (lambda p, n: writers.write_torch(p, gatys(n), legacy=True), None),
    "PyTorch": (lambda p, n: writers.write_torch(p, writers.torch_arrays(n)), "rgb"),
    "safetensors": (lambda p, n: writers.write_safetensors(p, gatys(n)), None),
    "npz": (save_npz, None),
    "npz, PyTorch's names": (lambda p, n: np.savez(p, **gatys(n)) or p, None),
    "compact": (lambda p, n: write_compact(p, n) or p, None),
}


@pytest.mark.parametrize("layers", [VGG19, VGG16, VGG19[:5]])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_format_gives_the_same_network(tmp_path, layout, layers, rng):
    network = random_network(WIDTHS, layers=layers)
    write, preprocessing = LAYOUTS[layout]
    read = read_network(write(tmp_path / "weights.npz", network), preprocessing)
    known = [l for l in layers if l in network.weights]
    assert list(read.weights) == known
    assert read.mean.tolist() == network.mean.tolist()
    picture = rng.uniform(0, 255, (32, 32, 3)).astype(np.float32)
    F, expected = (vgg.forward(n, picture, known)[0] for n in (read, network))
    for l in known:
        assert all(map(np.array_equal, read.weights[l], network.weights[l]))
        assert all(v.dtype == np.float32 for v in read.weights[l])
        assert np.array_equal(F[l], expected[l])


def test_format_does_not_depend_on_the_file_name(tmp_path):
    network = random_network(WIDTHS, layers=VGG19[:5])
    for name in ("w.pth", "w.txt", "w"):
        path = writers.write_safetensors(tmp_path / name, gatys(network))
        assert load_network(path).about["format"] == "safetensors"


def test_torchvision_preprocessing_is_folded_into_the_first_layer(tmp_path, rng):
    """conv1_1 of (x / 255 - m) / s equals the folded conv1_1 of x minus the folded mean."""
    network = random_network(WIDTHS, layers=VGG19[:5])
    arrays = writers.torch_arrays(network)
    read = load_network(writers.write_torch(tmp_path / "w.pth", arrays)).astype(np.float64)
    assert read.about["preprocessing"] == "torchvision"
    x = rng.uniform(0, 255, (12, 10, 3))
    assert np.allclose(read.mean, 255 * TORCHVISION_MEAN)
    as_torchvision = (x / 255 - TORCHVISION_MEAN) / TORCHVISION_STD
    bare = vgg.Network("bare", network.layers, network.weights, np.zeros(3, np.float32))
    F, _ = vgg.forward(read, x, network.weights)
    expected, _ = vgg.forward(bare.astype(np.float64), as_torchvision, network.weights)
    for l in network.weights:
        assert relative_error(F[l], expected[l]) < 1e-6


@pytest.mark.parametrize("name", TORCHVISION_FILTERS)
@pytest.mark.parametrize("scale", [1, 3e-3])
def test_torchvision_filters_are_recognized(tmp_path, name, scale):
    """Even if fine-tuned, normalized and in float16. Other filters are assumed from Caffe."""
    network = random_network((64, 1, 1, 1, 1), layers=VGG19[:4])
    arrays = writers.torch_arrays(network)
    path = tmp_path / "w.pth"
    assert load_network(writers.write_torch(path, arrays)).about["preprocessing"] == "caffe"
    filter0 = np.array(TORCHVISION_FILTERS[name].split(), np.float32).reshape(3, 3, 3)
    noise = np.random.default_rng(0).normal(0, 0.02 * np.abs(filter0).max(), (3, 3, 3))
    arrays["features.0.weight"][0] = scale * (filter0 + noise)
    arrays = {name: values.astype(np.float16) for name, values in arrays.items()}
    about = load_network(writers.write_torch(path, arrays)).about
    assert about["preprocessing"] == "torchvision"
    assert name in about["preprocessing reason"]


def test_dense_layers_identify_a_conversion_from_caffe(tmp_path):
    arrays = writers.torch_arrays(random_network(WIDTHS, layers=VGG19[:4]))
    dense = {"classifier.1.weight": np.ones((2, 2), np.float32)}
    about = load_network(writers.write_torch(tmp_path / "w.pth", arrays | dense)).about
    assert about["preprocessing"] == "caffe"
    assert "dense layers" in about["preprocessing reason"]


@pytest.mark.parametrize("preprocessing", ["caffe", "rgb", "torchvision"])
def test_preprocessing_can_be_overridden(tmp_path, preprocessing):
    path = writers.write_torch(tmp_path / "w.pth", gatys(random_network(WIDTHS, layers=VGG19[:4])))
    assert read_network(path, preprocessing).about["preprocessing"] == preprocessing
    with pytest.raises(InputError, match="Unknown preprocessing: 'lab'"):
        read_network(path, "lab")


def test_each_layout_belongs_to_exactly_one_row_of_the_table(tmp_path):
    """And each row of the table is the format of at least one layout."""
    network = random_network(WIDTHS, layers=VGG19[:5])
    found = set()
    for write, _ in LAYOUTS.values():
        start = file_start(write(tmp_path / "w.npz", network))
        assert not any(is_format(start) for is_format, _ in UNSUPPORTED)
        rows = [row.name for row in FORMATS if row.is_format(start)]
        found.add(recognize_format(start).name)
        # Files of this package are HDF5 files, too, and precede those of Keras in the table.
        assert len(rows) == 1 or rows == [FORMATS[0].name, "Keras HDF5"]
    zip_ = writers.zipped(
        {"model.weights.h5": writers.write_keras3(tmp_path / "w", network).read_bytes()}
    )
    (tmp_path / "w.keras").write_bytes(zip_)
    assert list(load_network(tmp_path / "w.keras").weights) == list(network.weights)
    found.add(load_network(tmp_path / "w.keras").about["format"])
    assert found == {row.name for row in FORMATS}
    assert all(row.library in supported_libraries() for row in FORMATS)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n<html>", "is a web page"),
        (b"MATLAB 7.3 MAT-file", "save it with `save -v7`"),
        (b"MATLAB 5.0 MAT-file", "damaged or truncated"),
        (b"version https://git-lfs", "not a weights file in a supported format"),
        (b"\x93NUMPY\x01\x00", "not a weights file in a supported format"),
        (b"\0" * 257 + b"ustar", "PyTorch before 2017"),
        (writers.zipped({"a.txt": b""}), "not a weights file in a supported format"),
        (writers.zipped({"x/constants.pkl": b"", "x/data.pkl": b""}), "TorchScript"),
        (b"\x80\x02K\x01.", "not a file of PyTorch"),
    ],
)
def test_unsupported_files_are_errors(tmp_path, content, sentence):
    (tmp_path / "w").write_bytes(content)
    with pytest.raises(InputError, match=sentence):
        load_network(tmp_path / "w")


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda arrays: arrays.pop("features.2.bias"), "conv1_2 has no bias"),
        (lambda arrays: arrays.pop("features.2.weight"), "conv1_2 has no kernel"),
        (lambda arrays: arrays.update({"features.1.weight": np.ones(3)}), "batch normalization"),
        (lambda arrays: arrays.clear(), "contains no arrays"),
        (lambda arrays: arrays.update({"features.0.weight": np.ones(3)}), "kernel of conv1_1"),
        (lambda arrays: arrays.update({"features.0.bias": np.array(1e300)}), "bias of conv1_1"),
        (
            lambda arrays: arrays.update({"features.0.bias": np.full(3, 1e300)}),
            "bias of conv1_1 contains values that are not finite",
        ),
        (
            lambda arrays: arrays.update({"features.0.bias": np.ones(3, np.int64)}),
            "bias of conv1_1 has the dtype int64; expected floating-point numbers",
        ),
    ],
)
def test_arrays_of_other_networks_are_errors(tmp_path, change, sentence):
    arrays = writers.torch_arrays(random_network(WIDTHS, layers=VGG19[:4]))
    change(arrays)
    for path in (
        writers.write_torch(tmp_path / "zip.pth", arrays),
        writers.write_torch(tmp_path / "legacy.pth", arrays, legacy=True),
        writers.write_safetensors(tmp_path / "w.safetensors", arrays),
    ):
        with pytest.raises(InputError, match=sentence):
            load_network(path)
