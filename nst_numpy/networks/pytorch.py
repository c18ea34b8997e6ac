"""Read VGG weights from PyTorch files, without PyTorch and without running code in them."""

import io
import mmap
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from math import prod
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np

from nst_numpy.networks import safe_pickle
from nst_numpy.networks.layer_names import weights_of_arrays
from nst_numpy.networks.safe_pickle import Storage, Tensor
from nst_numpy.networks.stored_arrays import (
    DTYPES,
    AnyArray,
    ByteBudget,
    StoredArray,
    array_from_bytes,
    checked_nbytes,
    unreadable_dtype,
)
from nst_numpy.networks.weights_file import (
    FileStart,
    WeightsContent,
    parser_errors,
    read_member,
)
from nst_numpy.utils.errors import InputError

MAGIC = 0x1950A86A20F9469CFC6C  # the first pickle of the legacy format
MAX_DEPTH = 3  # of dicts in a checkpoint
NamedTensor: TypeAlias = tuple[str, Tensor]
ADVICE = (
    "Save only the state of the network, torch.save(network.state_dict(), file), or use the "
    "published file."
)


def is_zip(start: FileStart) -> bool:
    """Whether a file is a zip file of PyTorch 1.6 or later."""
    return any(name.endswith("data.pkl") for name in start.members)


def is_legacy(start: FileStart) -> bool:
    """Whether a file starts like a pickle of protocol 2 to 5."""
    return start.first_bytes[:1] == b"\x80" and start.first_bytes[1:2] <= b"\x05"


def is_torchscript(start: FileStart) -> bool:
    """Whether a file is a TorchScript program."""
    return any(name.endswith("constants.pkl") for name in start.members)


def is_tar(start: FileStart) -> bool:
    """Whether a file is a tar file, the format of PyTorch before 2017."""
    return start.first_bytes[257:262] == b"ustar"


def read_zip(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read a file of PyTorch 1.6 or later: a zip file with ``data.pkl``, ``data/0``, ..."""
    budget = ByteBudget(path)
    with zipfile.ZipFile(path) as archive:
        (pickle,) = [name for name in archive.namelist() if name.endswith("data.pkl")]
        folder = pickle.removesuffix("data.pkl")
        program = read_member(archive, pickle, budget)
        if f"{folder}byteorder" in archive.namelist():
            _check_little_endian(path, read_member(archive, f"{folder}byteorder", budget))
    tensors, _ = _tensors(path, io.BytesIO(program))

    def read(tensor: Tensor) -> AnyArray:
        with parser_errors(path), zipfile.ZipFile(path) as archive:
            data = read_member(archive, f"{folder}data/{tensor.storage.key}", budget)
            return _array_of_tensor(tensor, data)

    return weights_of_arrays(
        path,
        {
            name: _stored_array(path, name, tensor, partial(read, tensor))
            for name, tensor in tensors.items()
        },
        prefix,
    )


def read_legacy(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read a file of PyTorch before 1.6: five pickles, then the bytes of the storages."""
    budget = ByteBudget(path)
    with path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    if _load(path, data)[0] != MAGIC:
        raise InputError(f"{path} is a pickle, but not a file of PyTorch. {ADVICE}")
    _load(path, data)  # the version of the protocol
    system, _ = _load(path, data)
    if isinstance(system, dict) and system.get("little_endian") is False:
        _check_little_endian(path, b"big")
    tensors, storages = _tensors(path, data)
    places = _storage_places(storages, _load(path, data)[0], data)

    def read(tensor: Tensor) -> AnyArray:
        with parser_errors(path):
            start, nbytes = places[tensor.storage.key]
            budget.spend(nbytes)
            return _array_of_tensor(tensor, data[start : start + nbytes])

    return weights_of_arrays(
        path,
        {
            name: _stored_array(path, name, tensor, partial(read, tensor))
            for name, tensor in tensors.items()
        },
        prefix,
    )


def _check_little_endian(path: Path, byteorder: bytes) -> None:
    if byteorder != b"little":
        raise InputError(f"{path}: files of big-endian machines are not supported.")


def _load(path: Path, file: Any) -> tuple[Any, dict[str, Storage]]:
    """Run a pickle safely; return its value and the storages that it refers to."""
    try:
        return safe_pickle.load(file)
    except safe_pickle.HostileError as error:
        raise InputError(
            f"{path} contains more than tensors ({error}); none of its code was run. {ADVICE}"
        ) from error


def _tensors(path: Path, file: Any) -> tuple[dict[str, Tensor], dict[str, Storage]]:
    """The named tensors of a pickle, which may be nested in a checkpoint, and all storages."""
    state, storages = _load(path, file)
    if not isinstance(state, dict):
        raise InputError(f"{path} contains no dict of tensors. {ADVICE}")
    return dict(_named_tensors(state)), storages


def _named_tensors(state: dict[Any, Any]) -> Iterator[NamedTensor]:
    """The tensors of nested dicts, with the keys on the way joined by dots.

    A dict that occurs several times is read once: a small hostile file may repeat dicts a
    million times.
    """
    seen: set[int] = set()
    waiting: list[tuple[tuple[str, ...], dict[Any, Any]]] = [((), state)]
    while waiting:
        above, inner = waiting.pop(0)
        if id(inner) in seen:
            continue
        seen.add(id(inner))
        for key, value in inner.items():
            if type(key) is not str:
                continue
            if isinstance(value, Tensor) and isinstance(value.storage, Storage):
                yield ".".join((*above, key)), value
            elif isinstance(value, dict) and len(above) < MAX_DEPTH:
                waiting.append(((*above, key), value))


def _stored_array(
    path: Path, name: str, tensor: Tensor, read: Callable[[], AnyArray]
) -> StoredArray:
    """A tensor that is read later; reading one of an unknown dtype raises `InputError`."""
    dtype = tensor.storage.dtype
    if not dtype:
        read = partial(unreadable_dtype, path, name, "of another kind than numbers of PyTorch")
    return StoredArray(tensor.shape, dtype, read)


def _storage_places(
    storages: dict[str, Storage], keys: Any, data: mmap.mmap
) -> dict[str, tuple[int, int]]:
    """{key: (start, nbytes)} of the storages; each follows its length, one after the other."""
    places, position = {}, data.tell()
    for key in keys:
        if key not in storages or not storages[key].dtype:
            break  # an unknown dtype: the positions of the following storages are unknown
        size = int.from_bytes(data[position : position + 8], "little")
        itemsize = np.dtype(DTYPES[storages[key].dtype]).itemsize
        nbytes = checked_nbytes((size,), itemsize, len(data) - position - 8)
        places[key] = position + 8, nbytes
        position += 8 + nbytes
    return places


def _array_of_tensor(tensor: Tensor, data: bytes) -> AnyArray:
    """Copy a tensor from the bytes of its storage, which several tensors may share.

    Raises
    ------
    ValueError
        If the tensor does not fit into the storage.
    """
    dtype = tensor.storage.dtype
    itemsize = np.dtype(DTYPES[dtype]).itemsize
    shape, strides, offset = tuple(tensor.shape), tuple(tensor.strides), tensor.offset
    if len(strides) != len(shape) or not all(type(s) is int and s >= 0 for s in (*strides, offset)):
        raise ValueError("a tensor whose strides do not fit its shape")
    checked_nbytes(shape, itemsize, len(data))
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if prod(shape) and last >= len(data) // itemsize:
        raise ValueError("a tensor that reaches beyond its storage")
    flat = np.frombuffer(data[: len(data) // itemsize * itemsize], DTYPES[dtype])
    steps = tuple(s * itemsize for s in strides)
    view = np.lib.stride_tricks.as_strided(flat[offset:], shape, steps, writeable=False)
    return array_from_bytes(view.tobytes(), dtype, shape)
