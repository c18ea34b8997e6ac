"""Read arrays from safetensors files: a JSON header with their names, then their bytes."""

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from nst_numpy.networks.layer_names import weights_of_arrays
from nst_numpy.networks.stored_arrays import (
    DTYPES,
    AnyArray,
    ByteBudget,
    StoredArray,
    array_from_bytes,
    checked_nbytes,
    unreadable_dtype,
)
from nst_numpy.networks.weights_file import FileStart, WeightsContent, parser_errors
from nst_numpy.utils.json_text import parse_json

MAX_HEADER = 1_000_000  # bytes; the header of VGG-19 has 3,000


def is_safetensors(start: FileStart) -> bool:
    """Whether a file starts with the length of a header and the first brace of the header."""
    first = start.first_bytes
    return first[8:9] == b"{" and 2 <= int.from_bytes(first[:8], "little") <= MAX_HEADER


def read_safetensors(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read the convolutions of a VGG from a safetensors file."""
    budget = ByteBudget(path)
    size = path.stat().st_size
    with path.open("rb") as file:
        n = int.from_bytes(file.read(8), "little")
        budget.spend(n)
        header = parse_json(file.read(n))
    header.pop("__metadata__", None)
    arrays = {
        name: _stored_array(path, name, budget, entry, 8 + n, size)
        for name, entry in header.items()
    }
    return weights_of_arrays(path, arrays, prefix)


def _stored_array(
    path: Path, name: str, budget: ByteBudget, entry: dict[str, Any], start: int, size: int
) -> StoredArray:
    """One entry of the header, after checking that the array lies in the file.

    Parameters
    ----------
    path : Path
    name : str
        For messages.
    budget : ByteBudget
    entry : dict
        With the keys dtype, shape and data_offsets.
    start : int
        Where the data start in the file.
    size : int
        Size of the file in bytes.
    """
    dtype, shape = entry["dtype"], tuple(entry["shape"])
    begin, end = (start + int(offset) for offset in entry["data_offsets"])
    if dtype not in DTYPES:
        return StoredArray(shape, dtype, partial(unreadable_dtype, path, name, dtype))
    nbytes = checked_nbytes(shape, np.dtype(DTYPES[dtype]).itemsize, size)
    if not start <= begin <= end <= size or end - begin != nbytes:
        raise ValueError(f"an array of {nbytes} bytes at {begin} to {end} of {size}")

    def read() -> AnyArray:
        with parser_errors(path), path.open("rb") as file:
            budget.spend(nbytes)
            file.seek(begin)
            return array_from_bytes(file.read(nbytes), dtype, shape)

    return StoredArray(shape, dtype, read)
