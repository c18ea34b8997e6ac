"""The compact format of this package: atomic writing, and a checksum that is verified."""

import errno
import os
from dataclasses import replace

import h5py
import numpy as np
import pytest

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network, write_compact
from nst_numpy.vgg import VGG19

NETWORK = replace(
    random_network((3, 2, 4, 3, 2), layers=VGG19[:4]),
    mean=np.array([1.5, 2.5, 3.5], np.float32),
    normalized=True,
    about={"license": "CC BY 4.0", "source": "somewhere"},
)


def test_written_network_can_be_read(tmp_path):
    write_compact(tmp_path / "w.h5", NETWORK)
    read = load_network(tmp_path / "w.h5")
    for l in NETWORK.weights:
        assert all(map(np.array_equal, read.weights[l], NETWORK.weights[l]))
    assert (read.layers, read.normalized) == (NETWORK.layers, True)
    assert read.mean.tolist() == NETWORK.mean.tolist()
    assert read.about.items() >= NETWORK.about.items()


def test_float16_halves_the_file_and_rounds(tmp_path):
    network = random_network((32, 32, 32, 32, 32), layers=VGG19[:4])
    write_compact(tmp_path / "32.h5", network)
    write_compact(tmp_path / "16.h5", network, "float16")
    assert os.path.getsize(tmp_path / "16.h5") < 0.6 * os.path.getsize(tmp_path / "32.h5")
    for l, (K, _) in load_network(tmp_path / "16.h5").weights.items():
        assert np.array_equal(K, network.weights[l][0].astype(np.float16).astype(np.float32))


def test_weights_too_large_for_float16_are_errors(tmp_path):
    K, b = NETWORK.weights["conv1_1"]
    network = replace(NETWORK, weights={"conv1_1": (K * 1e6, b)})
    with pytest.raises(InputError, match="too large for float16: use float32 instead"):
        write_compact(tmp_path / "w.h5", network, "float16")
    assert not list(tmp_path.iterdir())


def test_changed_weights_are_errors(tmp_path):
    write_compact(tmp_path / "w.h5", NETWORK)
    with h5py.File(tmp_path / "w.h5", "r+") as file:
        file["conv1_2/K"][0, 0, 0, 0] += 1
    with pytest.raises(InputError, match="do not match their checksum"):
        load_network(tmp_path / "w.h5")


def test_failed_write_keeps_the_previous_file(tmp_path, monkeypatch):
    (tmp_path / "w.h5").write_bytes(b"before")

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("nst_numpy.networks.compact_h5._write", full)
    with pytest.raises(InputError, match=r"w\.h5 cannot be written: No space left"):
        write_compact(tmp_path / "w.h5", NETWORK)
    assert [p.read_bytes() for p in tmp_path.iterdir()] == [b"before"]
    with pytest.raises(InputError, match="cannot be written: No such file or directory"):
        write_compact(tmp_path / "none" / "w.h5", NETWORK)
