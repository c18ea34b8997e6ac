"""Read attributes and arrays of HDF5 files without trusting the sizes in their headers."""

import os
import zlib
from math import prod
from typing import Any

import h5py
import numpy as np

from nst_numpy.networks.stored_arrays import (
    BFLOAT16,
    AnyArray,
    ByteBudget,
    array_from_bytes,
    check_dtype,
    checked_nbytes,
    unreadable_dtype,
)
from nst_numpy.networks.weights_file import FileStart
from nst_numpy.utils.errors import InputError

SIGNATURE = b"\x89HDF\r\n\x1a\n"
MAX_ATTRIBUTE = 4096  # bytes
NUMERIC = (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM)
CHECKSUM = 4  # bytes that the fletcher32 filter appends to a chunk
SHUFFLE, DEFLATE = h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_DEFLATE
FLETCHER32 = h5py.h5z.FILTER_FLETCHER32


def is_hdf5(start: FileStart) -> bool:
    """Whether a file is an HDF5 file."""
    return start.first_bytes.startswith(SIGNATURE)


def attribute(item: Any, key: str) -> Any:
    """An attribute that is a number, an array of numbers or a text of fixed length, else None.

    HDF5 stores text of variable length in a heap. In a damaged file, the search in the heap may
    never end.

    Parameters
    ----------
    item : h5py.File, h5py.Group or h5py.Dataset
    key : str
    """
    if key not in item.attrs:
        return None
    stored = item.attrs.get_id(key)
    kind = stored.get_type()
    text = kind.get_class() == h5py.h5t.STRING and not kind.is_variable_str()
    readable = text or kind.get_class() in NUMERIC
    if not readable or stored.get_storage_size() > MAX_ATTRIBUTE:
        return None
    value = item.attrs[key]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def write_attribute(item: Any, key: str, value: Any) -> None:
    """Write a number, an array of numbers or a text, so that `attribute` can read it."""
    item.attrs[key] = np.bytes_(value.encode()) if isinstance(value, str) else value


def read_dataset(dataset: h5py.Dataset, budget: ByteBudget) -> AnyArray:
    """Read the numbers of a dataset that is stored in this file.

    Parameters
    ----------
    dataset : h5py.Dataset
    budget : ByteBudget
        Charged with the size of the array before it is allocated.

    Returns
    -------
    array

    Raises
    ------
    InputError
        If the array is too large, is compressed by an unknown filter, or has an unknown dtype.
    ValueError
        If the dataset is damaged.
    """
    if dataset.is_virtual or dataset.external:
        raise ValueError(f"{dataset.name} contains no numbers of its own")
    file, dtype = dataset.file.filename, dataset.dtype
    if dtype != BFLOAT16:
        check_dtype(file, dataset.name, dtype)
    for shape in (dataset.shape, dataset.chunks or ()):
        budget.spend(checked_nbytes(shape, dtype.itemsize, 1 << 40))
    filters = _filters(dataset)
    if filters and dataset.id.get_type().get_size() != dtype.itemsize:
        unreadable_dtype(file, dataset.name, f"of {dataset.id.get_type().get_size()} bytes")
    values = _read_chunks(dataset, filters) if filters else np.asarray(dataset)
    if dtype == BFLOAT16:
        return array_from_bytes(values.tobytes(), "BF16", dataset.shape)
    return values


def _filters(dataset: h5py.Dataset) -> list[int]:
    """The filters of a dataset in the order of their application."""
    plist = dataset.id.get_create_plist()
    filters = [plist.get_filter(number)[0] for number in range(plist.get_nfilters())]
    if not set(filters) <= {SHUFFLE, DEFLATE, FLETCHER32}:
        raise InputError(
            f"{dataset.file.filename}: the arrays are compressed by a filter other than gzip. "
            "Decompress them with `h5repack -f NONE FILE OTHER`."
        )
    return filters


def _read_chunks(dataset: h5py.Dataset, filters: list[int]) -> AnyArray:
    """Read a filtered dataset chunk by chunk.

    HDF5 itself decompresses a chunk to any size. Here a chunk gets no more memory than its shape
    requires.
    """
    values = np.zeros(dataset.shape, dataset.dtype)
    end = os.path.getsize(dataset.file.filename)
    for number in range(dataset.id.get_num_chunks()):
        chunk = dataset.id.get_chunk_info(number)
        if chunk.byte_offset is None or chunk.byte_offset + chunk.size > end:
            raise ValueError("a chunk that lies beyond the end of the file")
        skipped, data = dataset.id.read_direct_chunk(chunk.chunk_offset)
        used = [f for position, f in enumerate(filters) if not skipped >> position & 1]
        data = _undo_filters(data, used, prod(dataset.chunks), dataset.dtype.itemsize)
        block = np.frombuffer(data, dataset.dtype).reshape(dataset.chunks)
        view = values[tuple(slice(start, None) for start in chunk.chunk_offset)]
        # A chunk at the edge reaches beyond the dataset.
        part = tuple(slice(0, min(sides)) for sides in zip(view.shape, block.shape, strict=True))
        view[part] = block[part]
    return values


def _undo_filters(data: bytes, filters: list[int], count: int, itemsize: int) -> bytes:
    """The bytes of a chunk of ``count`` numbers, after undoing its filters in reverse order."""
    for each in reversed(filters):
        if each == DEFLATE:
            data = _decompress(data, count * itemsize + CHECKSUM)
        elif each == FLETCHER32:
            data = data[:-CHECKSUM]
        else:  # SHUFFLE: all first bytes of the numbers, all second bytes, ...
            data = np.frombuffer(data, np.uint8).reshape(itemsize, -1).T.tobytes()
    return data


def _decompress(data: bytes, limit: int) -> bytes:
    """Decompress a chunk to at most ``limit`` bytes."""
    try:
        return zlib.decompressobj().decompress(data, limit)
    except zlib.error as error:
        raise ValueError(f"a damaged chunk ({error})") from error
