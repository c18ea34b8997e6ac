"""NumPy's .npz: packed, in Fortran's order, and with Python objects, which are refused."""

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.vgg import VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19[:4])
ARRAYS = writers.torch_arrays(NETWORK, "Gatys", bgr=True)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_order_in_memory_is_read(tmp_path, save):
    for order in (np.ascontiguousarray, np.asfortranarray, lambda v: v.astype(">f4")):
        save(tmp_path / "w.npz", **{name: order(values) for name, values in ARRAYS.items()})
        read = load_network(tmp_path / "w.npz")
        for l in NETWORK.weights:
            assert all(map(np.array_equal, read.weights[l], NETWORK.weights[l]))


def test_python_objects_are_refused(tmp_path):
    np.savez(tmp_path / "w.npz", **ARRAYS, x=np.array([{}], object))
    with pytest.raises(InputError, match="holds Python objects"):
        load_network(tmp_path / "w.npz")


def test_a_packed_bomb_is_not_unpacked(tmp_path):
    """Ten megabytes of zeros in ten kilobytes."""
    zeros = {"conv1_1.weight": np.zeros((100_000, 3, 3, 3), np.float32)}
    np.savez_compressed(tmp_path / "w.npz", **zeros, **{"conv1_1.bias": np.zeros(9, np.float32)})
    with pytest.raises(InputError, match="says that it holds more than twice"):
        load_network(tmp_path / "w.npz")
