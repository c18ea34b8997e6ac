"""The project's own weights file: a VGG's convolutions and what to know of them, in HDF5.

One group a convolution with the datasets ``K`` (3, 3, C, N) and ``b`` (N,), float32 or float16;
conv1_1 reads red, green, blue, 0..255 minus the attribute ``mean`` of the file. The attribute
``format`` says that it is this layout, ``digest`` is the SHA-256 of the numbers, and the rest is
for people: source, license, attribution, ...
"""

import errno
import hashlib
import os
from pathlib import Path

import h5py
import numpy as np

from nst_numpy.networks.array_files import as_float32
from nst_numpy.networks.hdf5_arrays import attribute, read_dataset, write_attribute
from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

FORMAT = "nst_numpy network 1"
DTYPES = {"float32": np.float32, "float16": np.float16}


def write_compact(path: File, network: Network, dtype: str = "float32") -> None:
    """Write a network, whole or not at all, and check what was written.

    Parameters
    ----------
    path : str or path
    network : nst_numpy.vgg.Network
    dtype : {"float32", "float16"}
        float16 halves the file and changes each number by at most 0.05 %.

    Raises
    ------
    InputError
        If the file cannot be written, or a number is too large for float16.
    """
    path = Path(path)
    with np.errstate(over="ignore"):
        arrays = {
            l: tuple(v.astype(DTYPES[dtype]) for v in pair) for l, pair in network.weights.items()
        }
    if not all(np.isfinite(v).all() for pair in arrays.values() for v in pair):
        raise InputError(f"{network.name}: its numbers are too large for {dtype}: use float32.")
    about = _about(network) | {"dtype": dtype, "digest": digest(arrays, network.mean)}
    try:
        with atomic_file(path) as file:
            _write(file.name, arrays, network.mean, about)
            _check_written(file.name, about["digest"])
            os.chmod(file.name, 0o644)
    except OSError as error:
        raise InputError(
            f"{path} cannot be written: {error.strerror or error}. Nothing was left there."
        ) from error


def read_compact(file, path, spend):
    """What `write_compact` wrote.

    Parameters
    ----------
    file : h5py.File
    path : path
        For messages.
    spend : callable
        Is told the bytes of each array before it is read.

    Returns
    -------
    weights : dict of str to (K, b)
    mean : (3,) array
    about : dict of str to str
    """
    about = {key: v for key in file.attrs if isinstance(v := attribute(file, key), str)}
    mean = np.asarray(attribute(file, "mean"), np.float32).reshape(3)
    weights, total = {}, hashlib.sha256(mean.tobytes())
    for l, pair in _stored(file, spend):
        _count(total, l, pair)
        weights[l] = tuple(as_float32(v) for v in pair)
    if about.get("digest") != total.hexdigest():
        raise InputError(f"{path}: its numbers are not those that were written: get it again.")
    return weights, mean, about


def digest(weights, mean):
    """SHA-256 of a network's numbers as they are stored, layer by layer, and of its mean."""
    total = hashlib.sha256(np.asarray(mean, np.float32).tobytes())
    for l in sorted(weights):
        _count(total, l, weights[l])
    return total.hexdigest()


def _count(total, l, pair):
    """Add one layer to a digest."""
    for values in pair:
        total.update(f"{l} {values.dtype} {values.shape}".encode())
        total.update(np.ascontiguousarray(values).tobytes())


def _about(network):
    """The attributes of the file: what is known of the network, and what it was made from."""
    about = dict(network.about)
    if "preprocessing" in about:
        made_from = (about.pop(key) for key in ("format", "preprocessing", "told by"))
        about["made from"] = "{}, preprocessing {} ({})".format(*made_from)
    return about | {"format": FORMAT, "normalized": network.normalized}


def _write(path, arrays, mean, about):
    """The file itself."""
    with h5py.File(path, "w") as file:
        write_attribute(file, "mean", np.asarray(mean, np.float32))
        for key, value in about.items():
            if value != "":
                write_attribute(file, key, value)
        for l, (K, b) in arrays.items():
            file[f"{l}/K"], file[f"{l}/b"] = K, b


def _check_written(path, wanted):
    """Read a file again; OSError if its numbers have another digest."""
    with h5py.File(path) as file:
        written = digest(dict(_stored(file, lambda nbytes: None)), file.attrs["mean"])
    if written != wanted:
        raise OSError(errno.EIO, "what was written does not read the same")


def _stored(file, spend):
    """(layer, (K, b)) as they are in the file, one after the other."""
    for l in sorted(file):
        yield l, tuple(read_dataset(file[l][part], spend) for part in ("K", "b"))
