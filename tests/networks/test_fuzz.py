"""Damaged and malicious files of each format give an error quickly and with little memory.

Each mutated file is a small valid file with some bytes overwritten, removed, repeated or truncated.
In a zip file, one member may be mutated instead, with a correct checksum. NST_FUZZ is the number
of files per format, by default 200, or 2,000 in CI.
"""

import faulthandler
import io
import os
import tracemalloc
import zipfile

import h5py
import numpy as np
import pytest
from helpers import weights_writers as writers
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nst_numpy import InputError, load_network
from nst_numpy.networks import random_network, write_compact
from nst_numpy.vgg import VGG19

FILES = int(os.environ.get("NST_FUZZ") or (2000 if os.environ.get("CI") else 200))
HANG = 900  # seconds for all files of a format
SLACK = 1_000_000  # bytes for objects of Python and of the libraries


def compressed(path):
    """Compress the arrays of an HDF5 file."""
    with h5py.File(path, "r+") as file:
        arrays = {}
        file.visititems(lambda name, item: arrays.update({name: item}))
        for name in [name for name, item in arrays.items() if isinstance(item, h5py.Dataset)]:
            values = file[name][()]
            del file[name]
            file.create_dataset(name, data=values, compression="gzip", shuffle=True)


NETWORK = random_network((2, 1, 1, 1, 1), layers=VGG19[:2])
ARRAYS = writers.torch_arrays(NETWORK, "Gatys", bgr=True)
FORMATS = {
    "Keras": lambda path: writers.write_keras(path, NETWORK),
    "Keras, compressed": lambda path: compressed(writers.write_keras(path, NETWORK)),
    "Keras 3": lambda path: writers.write_keras3(path, NETWORK),
    "compact": lambda path: write_compact(path, NETWORK),
    "MatConvNet": lambda path: writers.write_mat(path, NETWORK),
    "MatConvNet, compressed": lambda path: writers.write_mat(path, NETWORK, compress=True),
    "PyTorch, zip": lambda path: writers.write_torch(path, ARRAYS),
    "PyTorch, legacy": lambda path: writers.write_torch(path, ARRAYS, legacy=True),
    "safetensors": lambda path: writers.write_safetensors(path, ARRAYS),
    "npz": lambda path: np.savez_compressed(path, **ARRAYS),
}
# Bytes of invalid headers, and instructions of pickles.
BYTES = [b"\0", b"\1", b"\x7f", b"\x80", b"\xff", b"R", b"c", b"i", b"b", b"\x81", b"\x96", b"("]
BYTES += [n.to_bytes(4, "little") for n in (0, 1 << 31, (1 << 32) - 1, 1 << 20, 1 << 28)]
BYTES += [n.to_bytes(8, "little") for n in (0, 1 << 63, (1 << 64) - 1, 1 << 24, 1 << 40)]
BYTES += [b"cos\nsystem\n", b"9999999999", b"-1", b"[[[[", b"nan", b"\xff\xfe"]
STEP = 6  # bytes of a recipe per mutation


def mutated(content, recipe):
    """The content after mutations; the recipe contains their kinds, bytes and positions."""
    content = bytearray(content)
    for i in range(0, len(recipe) - STEP + 1, STEP):
        kind, which = recipe[i] % 10, recipe[i + 1]
        place = int.from_bytes(recipe[i + 2 : i + STEP], "little")
        at, n = place % (len(content) + 1), 1 + which % 97
        data = BYTES[which % len(BYTES)] if which < 200 else recipe[i : i + STEP]
        if kind < 5:
            content[at : at + len(data)] = data
        elif kind == 5:
            content[at:at] = data
        elif kind == 6:
            del content[at : at + n]
        elif kind == 7:
            content[at:at] = content[at : at + n]
        elif which % 8 == 0:
            del content[at:]
    return bytes(content)


def mutated_inside(content, recipe):
    """The content of a zip file after mutations of one member, with a correct checksum."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    pickles = [name for name in members if name.endswith(".pkl")]
    name = sorted(pickles or members)[recipe[-1] % len(pickles or members)]
    members[name] = mutated(members[name], recipe)
    return writers.zipped(members)


@pytest.mark.parametrize("form", FORMATS)
def test_mutated_file_is_read_or_gives_an_input_error(tmp_path, form):
    path = tmp_path / "w.npz"
    FORMATS[form](path)
    whole = path.read_bytes()
    assert list(load_network(path).weights) == ["conv1_1", "conv1_2"]
    outcomes = {"read": 0, "rejected": 0}

    @settings(
        max_examples=FILES,
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.binary(min_size=STEP, max_size=5 * STEP))
    def check(recipe):
        inside = whole.startswith(b"PK") and recipe[0] % 2
        content = (mutated_inside if inside else mutated)(whole, recipe)
        path.write_bytes(content)
        tracemalloc.start()
        try:
            network = load_network(path)
            outcomes["read"] += 1
        except InputError as error:
            outcomes["rejected"] += 1
            assert len(str(error)) < 1000
        else:
            assert all(np.isfinite(v).all() for pair in network.weights.values() for v in pair)
        finally:
            _, peak = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        assert peak < 2 * len(content) + SLACK

    faulthandler.dump_traceback_later(HANG, exit=True)
    check()
    faulthandler.cancel_dump_traceback_later()
    assert outcomes["rejected"] > FILES / 10
    assert outcomes["read"] + outcomes["rejected"] >= FILES
