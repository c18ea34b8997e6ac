"""What all readers share: opening a file, the names of arrays in it, how much it may hold."""

import json
import os
import struct
import tokenize
import zipfile
import zlib
from collections import namedtuple
from contextlib import contextmanager
from math import prod
from pathlib import Path

import numpy as np

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_input_file

# What the parsers of the formats raise on files that are damaged.
DAMAGED: tuple[type[Exception], ...] = (OSError, RuntimeError, ValueError, TypeError, LookupError)
DAMAGED += (EOFError, MemoryError, OverflowError, SyntaxError, tokenize.TokenError, struct.error)
DAMAGED += (zlib.error, zipfile.BadZipFile, json.JSONDecodeError)

# Names of dtypes as in safetensors; a bfloat16 is the upper half of a float32.
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?"}
DTYPES |= {f"I{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)}
DTYPES |= {f"U{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)}

LONG_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
SMALL = 1 << 16  # bytes that any file may ask for

# An array in a file, not yet read: its shape, its dtype's name and what reads it.
Entry = namedtuple("Entry", "shape dtype read")


def read_start(path, size=512):
    """The first bytes of a weights file, or a sentence if there is none to be had.

    Raises
    ------
    InputError
        If the file is missing, a folder, empty, unreadable or a web page.
    """
    path = Path(path)
    check_input_file(path, "weights file")
    try:
        with path.open("rb") as file:
            start = file.read(size)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if not start:
        raise InputError(f"{path} is empty; expected a weights file.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
        raise InputError(
            f"{path} is a web page, not a weights file: the download failed. Get it again."
        )
    return start


@contextmanager
def reading(path):
    """Turn whatever a parser raises on a damaged file into one sentence."""
    try:
        yield
    except InputError:
        raise
    except DAMAGED as error:
        what = str(error)[:200] or type(error).__name__
        raise InputError(
            f"{path}: the file is damaged or truncated ({what}). Get it again."
        ) from error


def allowance(path):
    """Return a function that is told each array before it is allocated, and refuses a lie.

    A header may say that it holds a terabyte. All that is read of a file together may take
    twice the file's size, so that a compressed one is still fine, and `SMALL` bytes, so that
    a small one is.
    """
    size = os.path.getsize(path)
    left = 2 * size + SMALL

    def spend(nbytes):
        nonlocal left
        left -= nbytes
        if nbytes < 0 or left < 0:
            raise InputError(
                f"{path}: says that it holds more than twice its {size} bytes, so it is damaged. "
                "Get it again."
            )

    return spend


def checked_nbytes(shape, itemsize, limit):
    """Bytes of an array of that shape, if its sides are numbers from 0 on and it fits."""
    if not all(type(side) is int and side >= 0 for side in shape) or len(shape) > 8:
        raise ValueError("an array whose sides are no numbers")  # what they are may be endless
    nbytes = prod(shape) * itemsize
    if nbytes > limit:
        raise ValueError(f"an array of shape {shape} does not fit into the {limit} bytes it has")
    return nbytes


def from_bytes(data, dtype, shape):
    """An array from a file's bytes; the short floating-point types become float32."""
    values = np.frombuffer(data, DTYPES[dtype]).reshape(shape)
    if dtype == "BF16":
        return (values.astype("<u4") << 16).view("<f4")
    return as_float32(values.copy())


def as_float32(values):
    """float16 and the other order of bytes turned into what NumPy computes with."""
    wanted = np.float32 if values.dtype == np.float16 else values.dtype.newbyteorder("=")
    return values.astype(wanted, copy=False)
