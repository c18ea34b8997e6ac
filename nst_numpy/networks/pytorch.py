"""Read VGG weights from PyTorch's files, without PyTorch and without running what is in them."""

import io
import mmap
import zipfile
from functools import partial
from math import prod

import numpy as np

from nst_numpy.networks import safe_pickle
from nst_numpy.networks.array_files import (
    DTYPES,
    Entry,
    allowance,
    checked_nbytes,
    from_bytes,
    reading,
)
from nst_numpy.utils.errors import InputError

ZIP_SIGNATURE = b"PK\x03\x04"
MAGIC = 0x1950A86A20F9469CFC6C  # of the legacy serialization, the first of its pickles
NESTED = ("state_dict", "model_state_dict", "model", "net", "params")  # of checkpoints
ADVICE = (
    "Save the network's numbers alone, torch.save(network.state_dict(), file), or take the "
    "published file."
)


def read_zip(path, archive):
    """Arrays in a file of PyTorch 1.6 or later: a zip with ``data.pkl`` and ``data/0`` ...

    Parameters
    ----------
    path : path
    archive : zipfile.ZipFile
        Of that file.

    Returns
    -------
    dict of str to Entry
    """
    (pickle,) = [name for name in archive.namelist() if name.endswith("data.pkl")]
    folder = pickle.removesuffix("data.pkl")
    spend = allowance(path)
    with reading(path):
        program = stored(archive, pickle, spend)
        if archive.namelist().count(f"{folder}byteorder") and (
            stored(archive, f"{folder}byteorder", spend) != b"little"
        ):
            raise InputError(f"{path}: written on a big-endian machine, which is not supported.")
        state, _ = _state(path, io.BytesIO(program))

        def read(tensor):
            with reading(path), zipfile.ZipFile(path) as archive:
                data = stored(archive, f"{folder}data/{tensor.storage.key}", spend)
                return _view(tensor, data)

        return _entries(state, read)


def stored(archive, name, spend):
    """The bytes of one file of a zip; `spend` is told their number before they are unpacked."""
    info = archive.getinfo(name)
    spend(info.file_size)
    with archive.open(info) as file:
        return file.read(info.file_size)


def read_legacy(path):
    """Arrays in a file of PyTorch before 1.6: five pickles, then the storages' bytes in order.

    Returns
    -------
    dict of str to Entry
    """
    spend = allowance(path)
    with reading(path), path.open("rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if _load(path, data)[0] != MAGIC:
            raise InputError(f"{path}: a pickle, but none of PyTorch. {ADVICE}")
        _load(path, data)  # the version of the protocol
        system, _ = _load(path, data)
        if isinstance(system, dict) and system.get("little_endian") is False:
            raise InputError(f"{path}: written on a big-endian machine, which is not supported.")
        state, storages = _state(path, data)
        places = _places(storages, _load(path, data)[0], data)

        def read(tensor):
            with reading(path):
                start, nbytes = places[tensor.storage.key]
                spend(nbytes)
                return _view(tensor, data[start : start + nbytes])

        return _entries(state, read)


def _load(path, file):
    """What a pickle builds and the storages it refers to; else a sentence."""
    try:
        return safe_pickle.load(file)
    except safe_pickle.HostileError as error:
        raise InputError(
            f"{path}: holds more than tensors of numbers ({error}); nothing of it was run. {ADVICE}"
        ) from error


def _state(path, file):
    """The {name: Tensor} that a pickle holds, wherever in it, and the storages."""
    state, storages = _load(path, file)
    for _ in range(3):
        inner = [state[key] for key in NESTED if isinstance(state, dict) and key in state]
        state = inner[0] if inner and isinstance(inner[0], dict) else state
    if not isinstance(state, dict):
        raise InputError(f"{path}: holds no dict of tensors. {ADVICE}")
    named = {k: t for k, t in state.items() if isinstance(t, safe_pickle.Tensor) and type(k) is str}
    return named, storages


def _places(storages, keys, data):
    """{key: (start, nbytes)} of the storages, which follow each other behind their lengths."""
    places, position = {}, data.tell()
    for key in keys:
        if key not in storages or storages[key].dtype is None:
            break  # of a kind that no network needs; what is behind it cannot be found
        size = int.from_bytes(data[position : position + 8], "little")
        itemsize = np.dtype(DTYPES[storages[key].dtype]).itemsize
        nbytes = checked_nbytes((size,), itemsize, len(data) - position - 8)
        places[key] = position + 8, nbytes
        position += 8 + nbytes
    return places


def _entries(state, read):
    """{name: Entry} of the tensors."""
    return {
        name: Entry(tensor.shape, tensor.storage.dtype, partial(read, tensor))
        for name, tensor in state.items()
        if isinstance(tensor.storage, safe_pickle.Storage) and tensor.storage.dtype
    }


def _view(tensor, data):
    """A tensor's numbers out of its storage's bytes, which others may share: a float array."""
    dtype = tensor.storage.dtype
    itemsize = np.dtype(DTYPES[dtype]).itemsize
    shape, strides, offset = tuple(tensor.shape), tuple(tensor.strides), tensor.offset
    numbers = (*strides, offset)
    if len(strides) != len(shape) or not all(type(s) is int and s >= 0 for s in numbers):
        raise ValueError("a tensor whose strides do not fit its shape")
    checked_nbytes(shape, itemsize, len(data))
    last = offset + sum((n - 1) * s for n, s in zip(shape, strides, strict=True))
    if prod(shape) and last >= len(data) // itemsize:
        raise ValueError("a tensor that reaches beyond its storage")
    flat = np.frombuffer(data[: len(data) // itemsize * itemsize], DTYPES[dtype])
    steps = tuple(s * itemsize for s in strides)
    view = np.lib.stride_tricks.as_strided(flat[offset:], shape, steps, writeable=False)
    return from_bytes(view.tobytes(), dtype, shape)
