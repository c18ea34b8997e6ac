"""NumPy's .npz files: compression, memory order, byte order, and Python objects."""

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network
from nst_numpy.vgg import VGG19

NETWORK = random_network((3, 2, 4, 3, 2), layers=VGG19[:4])
ARRAYS = writers.torch_arrays(NETWORK, "Gatys", bgr=True)


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_every_memory_and_byte_order_is_read(tmp_path, save):
    for order in (np.ascontiguousarray, np.asfortranarray, lambda v: v.astype(">f4")):
        save(tmp_path / "w.npz", **{name: order(values) for name, values in ARRAYS.items()})
        read = load_network(tmp_path / "w.npz")
        for l in NETWORK.weights:
            assert all(map(np.array_equal, read.weights[l], NETWORK.weights[l]))


def test_python_objects_are_errors(tmp_path):
    np.savez(tmp_path / "w.npz", **ARRAYS, x=np.array([{}], object))
    with pytest.raises(InputError, match="contains Python objects"):
        load_network(tmp_path / "w.npz")


def test_decompression_bomb_is_not_decompressed(tmp_path):
    """Ten megabytes of zeros compressed to ten kilobytes."""
    zeros = {"conv1_1.weight": np.zeros((100_000, 3, 3, 3), np.float32)}
    np.savez_compressed(tmp_path / "w.npz", **zeros, **{"conv1_1.bias": np.zeros(9, np.float32)})
    with pytest.raises(InputError, match="claims more than twice"):
        load_network(tmp_path / "w.npz")
