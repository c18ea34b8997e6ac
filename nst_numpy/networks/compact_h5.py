"""Read and write the weights format of this package: the convolutions of a VGG in HDF5.

Each convolution is a group with the datasets ``K`` (3, 3, C, N) and ``b`` (N,), float32 or
float16. conv1_1 expects RGB, 0..255, minus the attribute ``mean`` of the file. The attribute
``format`` identifies the format, and ``digest`` is the SHA-256 of the numbers. The other attributes
describe the network: source, license, attribution, ...
"""

import errno
import hashlib
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from nst_numpy.networks.hdf5_arrays import attribute, is_hdf5, read_dataset, write_attribute
from nst_numpy.networks.network_groups import check_no_prefix
from nst_numpy.networks.stored_arrays import AnyArray, ByteBudget, RawWeights, as_float32
from nst_numpy.networks.weights_file import FileStart, WeightsContent, parser_errors
from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

FORMAT = "nst_numpy network 1"
DTYPES: dict[str, type[np.floating[Any]]] = {"float32": np.float32, "float16": np.float16}


def is_compact(start: FileStart) -> bool:
    """Whether a file has this format."""
    if not is_hdf5(start):
        return False
    with parser_errors(start.path), h5py.File(start.path) as file:
        return bool(attribute(file, "format") == FORMAT)


def write_compact(path: File, network: Network, dtype: str = "float32") -> None:
    """Write a network atomically, and verify the written file.

    Parameters
    ----------
    path : str or path
    network : nst_numpy.vgg.Network
    dtype : {"float32", "float16"}
        float16 halves the size of the file and changes each number by at most 0.05 %.

    Raises
    ------
    InputError
        If the file cannot be written, or a number is too large for float16.
    """
    path = Path(path)
    with np.errstate(over="ignore"):
        arrays: RawWeights = {
            l: (K.astype(DTYPES[dtype]), b.astype(DTYPES[dtype]))
            for l, (K, b) in network.weights.items()
        }
    if not all(np.isfinite(v).all() for pair in arrays.values() for v in pair):
        raise InputError(
            f"{network.name}: some weights are too large for {dtype}: use float32 instead."
        )
    about = _attributes(network) | {"dtype": dtype, "digest": digest(arrays, network.mean)}
    try:
        with atomic_file(path) as file:
            _write(file.name, arrays, network.mean, about)
            _verify(file.name, about["digest"])
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error


def read_compact(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read a file that `write_compact` wrote.

    Raises
    ------
    InputError
        If the digest does not match the numbers.
    """
    check_no_prefix(path, prefix)
    budget = ByteBudget(path)
    with h5py.File(path) as file:
        about = {key: v for key in file.attrs if isinstance(v := attribute(file, key), str)}
        mean = np.asarray(attribute(file, "mean"), np.float32).reshape(3)
        stored = {l: _read_pair(file[l], budget) for l in sorted(file)}
        if about.get("digest") != digest(stored, mean):
            raise InputError(
                f"{path}: the weights do not match their checksum, so the file is damaged. "
                "Create it again."
            )
        return WeightsContent(
            weights={l: (as_float32(K), as_float32(b)) for l, (K, b) in stored.items()},
            dtype=about.get("dtype", ""),
            preprocessing=None,
            mean=mean,
            normalized=bool(attribute(file, "normalized")),
            about=about,
        )


def digest(weights: RawWeights, mean: AnyArray) -> str:
    """SHA-256 of the mean and of all weights as they are stored, in the order of the layers."""
    total = hashlib.sha256(np.asarray(mean, np.float32).tobytes())
    for l in sorted(weights):
        for values in weights[l]:
            total.update(f"{l} {values.dtype} {values.shape}".encode())
            total.update(np.ascontiguousarray(values).tobytes())
    return total.hexdigest()


def _attributes(network: Network) -> dict[str, Any]:
    """The attributes that describe a network and the file that it was made from."""
    about: dict[str, Any] = dict(network.about)
    if "preprocessing" in about:
        format, name = about.pop("format", ""), about.pop("preprocessing")
        reason = about.pop("preprocessing reason", "")
        about["made from"] = f"{format}, preprocessing {name} ({reason})"
    return about | {"format": FORMAT, "normalized": network.normalized}


def _write(path: str, arrays: RawWeights, mean: AnyArray, about: dict[str, Any]) -> None:
    """Write the HDF5 file."""
    with h5py.File(path, "w") as file:
        write_attribute(file, "mean", np.asarray(mean, np.float32))
        for key, value in about.items():
            if value != "":
                write_attribute(file, key, value)
        for l, (K, b) in arrays.items():
            file[f"{l}/K"], file[f"{l}/b"] = K, b


def _verify(path: str, expected: str) -> None:
    """Read a written file; raise `OSError` if its digest is not the expected one."""
    budget = ByteBudget(path)
    with h5py.File(path) as file:
        written = {l: _read_pair(file[l], budget) for l in sorted(file)}
        if digest(written, file.attrs["mean"]) != expected:
            raise OSError(errno.EIO, "the written file does not match the network")


def _read_pair(group: h5py.Group, budget: ByteBudget) -> tuple[AnyArray, AnyArray]:
    """Kernel and bias of one layer, in the dtype of the file."""
    return read_dataset(group["K"], budget), read_dataset(group["b"], budget)
