"""Read MATLAB's .mat files of version 5 to 7: structs, cells, text and numbers, nothing else.

SciPy reads them too, but takes a header's word for how much memory to allocate, and reads the
dense layers, six sevenths of half a gigabyte, only to throw them away.
"""

import mmap
import zlib
from math import prod

import numpy as np

from nst_numpy.networks.array_files import Entry, allowance, checked_nbytes, reading

HEADER = 128  # bytes of text, version and order of bytes before the first element
NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8"}
NUMBERS |= {13: "u8"}  # miINT8, miUINT8, ... miDOUBLE, miUINT64: how an element's bytes are stored
TEXT = {1: "latin-1", 2: "latin-1", 4: "utf-16-le", 16: "utf-8", 17: "utf-16-le"}
MATRIX, COMPRESSED = 14, 15
CELL, STRUCT, CHAR = 1, 2, 4  # classes of arrays; 6 to 15 are numbers
CLASSES = {6: "f8", 7: "f4", 8: "i1", 9: "u1", 10: "i2", 11: "u2", 12: "i4", 13: "u4"}
DEEPEST = 16  # cells in structs in cells


def read_mat(path, names):
    """Some variables of a .mat file.

    Parameters
    ----------
    path : path
    names : collection of str
        Which of them; the others are not looked into.

    Returns
    -------
    dict of str to value
        A struct is a list of dicts, one an element; a cell a list; text a str; numbers an Entry,
        whose indices are MATLAB's.
    """
    spend = allowance(path)
    found = {}
    with reading(path), path.open("rb") as file:
        data = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))
        if bytes(data[126:128]) != b"IM":
            raise ValueError("not in the order of bytes of this machine")
        at = HEADER
        while at + 8 <= len(data):
            kind, body, at = _element(data, at)
            if kind == COMPRESSED:
                body = _unpacked(body, names, spend)
                kind, body, _ = _element(body, 0) if body is not None else (0, None, 0)
            name = _name(body) if kind == MATRIX else None
            if name in names:
                found[name] = _matrix(body, spend, 0)
    return found


def _element(data, at):
    """(type, bytes, where the next one is) of the element at a place."""
    tag = int.from_bytes(data[at : at + 4], "little")
    if tag >> 16:  # a small one: type and length in four bytes, the content in the next four
        kind, n, start, end = tag & 0xFFFF, tag >> 16, at + 4, at + 8
    else:
        kind, n, start = tag, int.from_bytes(data[at + 4 : at + 8], "little"), at + 8
        end = start + n if kind == COMPRESSED else start + -(-n // 8) * 8
    if start + n > len(data) or (tag >> 16 and n > 4):
        raise ValueError(f"an element of {n} bytes at {at} of {len(data)}")
    return kind, data[start : start + n], end


def _unpacked(body, names, spend):
    """A compressed element, if it is one of these variables; unpacked no further than it says."""
    unpack = zlib.decompressobj()
    start = unpack.decompress(bytes(body[:4096]), 512)
    n = 8 + int.from_bytes(start[4:8], "little")
    if len(start) < 16 or _name(memoryview(start)[8:]) not in names:
        return None
    spend(n)
    unpack = zlib.decompressobj()
    whole = unpack.decompress(body, n)
    if len(whole) != n:
        raise ValueError("a compressed element that is cut short")
    return memoryview(whole)


def _head(data):
    """(class, complex, sides, name, where the content starts) of a matrix."""
    _, flags, at = _element(data, 0)
    _, sides, at = _element(data, at)
    _, name, at = _element(data, at)
    sides = [int(side) for side in np.frombuffer(sides, "<i4")]
    return flags[0], bool(flags[1] & 8), sides, str(name, "latin-1"), at


def _name(data):
    return _head(data)[3]


def _matrix(data, spend, depth):
    """The value of a matrix."""
    if depth > DEEPEST:
        raise ValueError(f"structs and cells more than {DEEPEST} deep")
    if not len(data):
        return []  # what MATLAB writes for an empty cell
    kind, is_complex, sides, _, at = _head(data)
    checked_nbytes(sides, 1, 1 << 40)
    if kind == CELL:
        checked_nbytes(sides, 8, len(data))
        return list(_matrices(data, at, prod(sides), spend, depth))
    if kind == STRUCT:
        return _struct(data, at, prod(sides), spend, depth)
    stored, body, _ = _element(data, at)
    if kind == CHAR:
        spend(4 * len(body))
        return str(body, TEXT[stored])
    if kind not in CLASSES or is_complex:
        return None  # sparse, an object or complex: nothing that a network is made of
    dtype = np.dtype("<" + NUMBERS[stored])
    nbytes = checked_nbytes(sides, dtype.itemsize, len(body))

    def read():
        spend(prod(sides) * np.dtype(CLASSES[kind]).itemsize)
        values = np.frombuffer(body[:nbytes], dtype).astype(CLASSES[kind])
        return values.reshape(sides, order="F")

    return Entry(tuple(sides), CLASSES[kind], read)


def _struct(data, at, n, spend, depth):
    """A list of n dicts."""
    _, length, at = _element(data, at)
    _, text, at = _element(data, at)
    length = int.from_bytes(length, "little")
    if not 0 < length <= 64:
        raise ValueError(f"names of fields of {length} letters")
    count = len(text) // length
    checked_nbytes((n, max(1, count)), 8, len(data))
    fields = [
        str(text[i * length : (i + 1) * length], "latin-1").split("\0")[0] for i in range(count)
    ]
    values = list(_matrices(data, at, n * count, spend, depth))
    elements = (values[i * count : (i + 1) * count] for i in range(n))
    return [dict(zip(fields, element, strict=True)) for element in elements]


def _matrices(data, at, n, spend, depth):
    """The values of n matrices that follow each other."""
    for _ in range(n):
        _, body, at = _element(data, at)
        yield _matrix(body, spend, depth + 1)
