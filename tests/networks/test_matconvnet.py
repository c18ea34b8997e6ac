"""MatConvNet files: the mean, all types of MATLAB values, and invalid files."""

from dataclasses import replace

import numpy as np
import pytest
import scipy.io
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.networks.mat_files import read_mat
from nst_numpy.vgg import VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19[:4])


@pytest.mark.parametrize("old", [True, False])
def test_mean_is_read_from_the_file(tmp_path, old):
    mean = (120.5, 110.25, 99.75)
    read = load_network(writers.write_mat(tmp_path / "w.mat", NETWORK, old, mean=mean))
    assert read.mean.tolist() == list(mean)


def test_default_mean_is_that_of_the_vgg_release(tmp_path):
    path = writers.write_mat(tmp_path / "w.mat", NETWORK)
    variables = scipy.io.loadmat(path)
    del variables["meta"]
    scipy.io.savemat(path, {k: v for k, v in variables.items() if k[0] != "_"})
    assert load_network(path).mean.tolist() == NETWORK.mean.tolist()


@pytest.mark.parametrize("packed", [True, False])
def test_values_equal_those_of_scipy(tmp_path, rng, packed):
    """Numbers of every type, text, nested cells and structs, empty values."""
    kinds = ("f8", "f4", "i1", "u1", "i2", "u2", "i4", "u4")
    numbers = {f"x{kind}": rng.uniform(0, 99, (2, 3, 4)).astype(kind) for kind in kinds}
    cell = np.empty((1, 3), object)
    cell[0, :] = ["text", np.arange(3.0), {"deep": "er", "empty": np.zeros((0, 0))}]
    variables = {**numbers, "s": {"cell": cell, "long_name_of_a_field": 2.5}, "u": "Grüße"}
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, variables, do_compression=packed, oned_as="row")
    read = read_mat(path, tuple(variables))
    for name, values in numbers.items():
        assert read[name].read().dtype == values.dtype
        assert np.array_equal(read[name].read(), values)
    (struct,) = read["s"]
    text, row, ((inner),) = struct["cell"]
    assert (text, row.read().tolist(), read["u"]) == ("text", [[0, 1, 2]], "Grüße")
    assert struct["long_name_of_a_field"].read() == 2.5
    assert (inner["deep"], inner["empty"].read().shape) == ("er", (0, 0))


def test_numbers_stored_in_a_smaller_type_are_converted(tmp_path):
    """MATLAB stores integers in fewer bytes than their class."""
    path = tmp_path / "w.mat"
    scipy.io.savemat(path, {"x": np.array([[1, 2, 3, 4]], np.uint8)})
    data = bytearray(path.read_bytes())
    at = data.index(bytes([6, 0, 0, 0, 8, 0, 0, 0, 9]))  # the flags: class uint8
    data[at + 8] = 6  # class double
    path.write_bytes(data)
    values = read_mat(path, ("x",))["x"].read()
    assert (values.dtype, values.tolist()) == (np.float64, [[1, 2, 3, 4]])


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"layers": np.ones(3)}, "no cell `layers`"),
        ({"layers": np.array([[{"name": "relu1_1"}]], object)}, "none of its layers"),
        ({"layers": np.array([[{"name": "conv1_1"}]], object)}, "one kernel and"),
        (
            {"layers": np.array([[{"name": "conv1_1", "weights": 3.0}]], object)},
            "one kernel and",
        ),
        ({"meta": {"normalization": {"averageImage": np.full((1, 1, 3), np.nan)}}}, "mean color"),
        ({"meta": {"normalization": {"averageImage": np.ones((2, 2, 6))}}}, "mean color"),
    ],
)
def test_files_without_a_vgg_are_errors(tmp_path, change, sentence):
    path = writers.write_mat(tmp_path / "w.mat", NETWORK)
    variables = {k: v for k, v in scipy.io.loadmat(path).items() if k[0] != "_"}
    scipy.io.savemat(path, variables | change)
    with pytest.raises(InputError, match=sentence):
        load_network(path)


def test_decompression_bomb_is_not_decompressed(tmp_path):
    """Fifty megabytes of zeros compressed to fifty kilobytes."""
    K, b = np.zeros((3, 3, 3, 500_000), np.float32), np.zeros(500_000, np.float32)
    network = replace(NETWORK, weights={"conv1_1": (K, b)})
    path = writers.write_mat(tmp_path / "w.mat", network, compress=True)
    with pytest.raises(InputError, match="claims more than twice"):
        load_network(path)
