"""Read arrays from safetensors files: a header in JSON that names them, then their bytes."""

import json
from functools import partial

import numpy as np

from nst_numpy.networks.array_files import (
    DTYPES,
    Entry,
    allowance,
    checked_nbytes,
    from_bytes,
    reading,
)

LONGEST_HEADER = 1_000_000  # bytes; that of VGG-19 has 3,000


def is_safetensors(start):
    """Whether a file's first bytes are the length of a header and the header's first brace."""
    return start[8:9] == b"{" and 2 <= int.from_bytes(start[:8], "little") <= LONGEST_HEADER


def read_safetensors(path):
    """Arrays in a safetensors file.

    Parameters
    ----------
    path : path

    Returns
    -------
    dict of str to Entry
    """
    spend = allowance(path)
    size = path.stat().st_size
    with reading(path), path.open("rb") as file:
        n = int.from_bytes(file.read(8), "little")
        spend(n)
        header = json.loads(file.read(n).decode())
        header.pop("__metadata__", None)
        return {name: _entry(path, spend, array, 8 + n, size) for name, array in header.items()}


def _entry(path, spend, array, start, size):
    """One array of the header as an Entry, if it lies within the file."""
    dtype, shape = array["dtype"], tuple(array["shape"])
    begin, end = (start + int(offset) for offset in array["data_offsets"])
    if dtype not in DTYPES:
        return Entry(shape, dtype, partial(_unknown, dtype))
    nbytes = checked_nbytes(shape, np.dtype(DTYPES[dtype]).itemsize, size)
    if not start <= begin <= end <= size or end - begin != nbytes:
        raise ValueError(f"an array of {nbytes} bytes at {begin} to {end} of {size}")

    def read():
        with reading(path), path.open("rb") as file:
            spend(nbytes)
            file.seek(begin)
            return from_bytes(file.read(nbytes), dtype, shape)

    return Entry(shape, dtype, read)


def _unknown(dtype):
    raise ValueError(f"numbers of the type {str(dtype)[:20]}")
