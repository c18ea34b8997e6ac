"""Read MATLAB's .mat files of the versions 5 to 7: structs, cells, text and numbers.

SciPy also reads these files, but it allocates as much memory as a header claims, and it reads the
dense layers, six sevenths of half a gigabyte, which are not needed.
"""

import mmap
import zlib
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np

from nst_numpy.networks.stored_arrays import AnyArray, ByteBudget, StoredArray, checked_nbytes

HEADER = 128  # bytes: text, version and byte order
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8"}
NUMBERS |= {13: "u8"}  # types of stored numbers: miINT8, miUINT8, ... miDOUBLE, miUINT64
TEXT = {1: "latin-1", 2: "latin-1", 4: "utf-16-le", 16: "utf-8", 17: "utf-16-le"}
MATRIX, COMPRESSED = 14, 15
CELL, STRUCT, CHAR = 1, 2, 4  # classes of arrays; 6 to 15 are numeric
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
MAX_DEPTH = 16  # of nested cells and structs


@dataclass(frozen=True)
class MatrixHeader:
    """The start of an array element.

    Attributes
    ----------
    kind : int
        Class of the array.
    is_complex : bool
    shape : tuple of int
    name : str
    end : int
        Where the content of the array starts in the element.
    """

    kind: int
    is_complex: bool
    shape: tuple[int, ...]
    name: str
    end: int


def read_mat(path: Path, names: Collection[str]) -> dict[str, Any]:
    """Read some variables of a .mat file.

    Parameters
    ----------
    path : path
    names : collection of str
        The variables to read; others are skipped.

    Returns
    -------
    dict of str to value
        A struct is a list of dicts, one per element; a cell is a list; text is a str; numbers are
        a `StoredArray` with the axes of MATLAB.

    Raises
    ------
    ValueError
        If the file is damaged.
    """
    budget = ByteBudget(path)
    found = {}
    with path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
    if bytes(data[126:128]) != b"IM":
        raise ValueError("a byte order other than little-endian")
    position = HEADER
    while position + 8 <= len(data):
        kind, body, position = _element(data, position)
        if kind == COMPRESSED:
            kind, body = _decompress(body, names, budget)
        name = _matrix_header(body).name if kind == MATRIX else None
        if name is not None and name in names:
            found[name] = _matrix(body, budget, 0)
    return found


def _element(data: memoryview, position: int) -> tuple[int, memoryview, int]:
    """Type and bytes of the element at a position, and the position of the next element."""
    tag = int.from_bytes(data[position : position + 4], "little")
    if tag >> 16:  # a small element: type and length in four bytes, then up to four bytes
        kind, n, start, end = tag & 0xFFFF, tag >> 16, position + 4, position + 8
    else:
        kind, start = tag, position + 8
        n = int.from_bytes(data[position + 4 : position + 8], "little")
        end = start + n if kind == COMPRESSED else start + -(-n // 8) * 8
    if start + n > len(data) or (tag >> 16 and n > 4):
        raise ValueError(f"an element of {n} bytes at {position} of {len(data)}")
    return kind, data[start : start + n], end


def _decompress(
    body: memoryview, names: Collection[str], budget: ByteBudget
) -> tuple[int, memoryview]:
    """Type and bytes of a compressed element, if it is one of the variables; else type 0."""
    start = zlib.decompressobj().decompress(bytes(body[:4096]), 512)
    n = 8 + int.from_bytes(start[4:8], "little")
    if len(start) < 16 or _matrix_header(memoryview(start)[8:]).name not in names:
        return 0, body
    budget.spend(n)
    content = zlib.decompressobj().decompress(body, n)
    if len(content) != n:
        raise ValueError("a compressed element that is truncated")
    kind, element, _ = _element(memoryview(content), 0)
    return kind, element


def _matrix_header(data: memoryview) -> MatrixHeader:
    """Parse the start of an array element."""
    _, flags, position = _element(data, 0)
    _, sides, position = _element(data, position)
    _, name, position = _element(data, position)
    shape = tuple(int(side) for side in np.frombuffer(sides, "<i4"))
    return MatrixHeader(flags[0], bool(flags[1] & 8), shape, str(name, "latin-1"), position)


def _matrix(data: memoryview, budget: ByteBudget, depth: int) -> Any:
    """The value of an array element, see `read_mat`."""
    if depth > MAX_DEPTH:
        raise ValueError(f"structs and cells nested more than {MAX_DEPTH} deep")
    if not len(data):
        return []  # an empty cell
    header = _matrix_header(data)
    count = prod(header.shape)
    checked_nbytes(header.shape, 1, 1 << 40)
    if header.kind == CELL:
        checked_nbytes(header.shape, 8, len(data))
        return list(_matrices(data, header.end, count, budget, depth))
    if header.kind == STRUCT:
        return _struct(data, header.end, count, budget, depth)
    stored, body, _ = _element(data, header.end)
    if header.kind == CHAR:
        budget.spend(4 * len(body))
        return str(body, TEXT[stored])
    if header.kind not in CLASSES or header.is_complex:
        return None  # sparse, complex or an object: not part of a network
    return _numbers(header, np.dtype("<" + NUMBERS[stored]), body, budget)


def _numbers(
    header: MatrixHeader, stored: np.dtype[Any], body: memoryview, budget: ByteBudget
) -> StoredArray:
    """A numeric array. MATLAB may store its numbers in a smaller type than their class."""
    nbytes = checked_nbytes(header.shape, stored.itemsize, len(body))
    dtype = np.dtype(CLASSES[header.kind])

    def read() -> AnyArray:
        budget.spend(prod(header.shape) * dtype.itemsize)
        values = np.frombuffer(body[:nbytes], stored).astype(dtype)
        return values.reshape(header.shape, order="F")

    return StoredArray(header.shape, CLASSES[header.kind], read)


def _struct(
    data: memoryview, position: int, n: int, budget: ByteBudget, depth: int
) -> list[dict[str, Any]]:
    """The n elements of a struct."""
    _, length, position = _element(data, position)
    _, text, position = _element(data, position)
    width = int.from_bytes(length, "little")
    if not 0 < width <= 64:
        raise ValueError(f"names of fields of {width} characters")
    count = len(text) // width
    checked_nbytes((n, max(1, count)), 8, len(data))
    fields = [
        str(text[i * width : (i + 1) * width], "latin-1").split("\0")[0] for i in range(count)
    ]
    values = list(_matrices(data, position, n * count, budget, depth))
    elements = (values[i * count : (i + 1) * count] for i in range(n))
    return [dict(zip(fields, element, strict=True)) for element in elements]


def _matrices(
    data: memoryview, position: int, n: int, budget: ByteBudget, depth: int
) -> Iterator[Any]:
    """The values of n consecutive array elements."""
    for _ in range(n):
        _, body, position = _element(data, position)
        yield _matrix(body, budget, depth + 1)
