"""Arrays in weights files: dtypes, deferred reading, and a limit on the memory that they take."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any, NoReturn, TypeAlias

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File

AnyArray: TypeAlias = npt.NDArray[Any]
RawWeights: TypeAlias = dict[str, tuple[AnyArray, AnyArray]]  # K and b by layer name, not checked

# dtype names of safetensors. A bfloat16 is the upper half of a float32.
DTYPES = {"F64": "<f8", "F32": "<f4", "F16": "<f2", "BF16": "<u2", "BOOL": "?"}
DTYPES |= {f"I{bits}": f"<i{bits // 8}" for bits in (8, 16, 32, 64)}
DTYPES |= {f"U{bits}": f"<u{bits // 8}" for bits in (8, 16, 32, 64)}

LONG_NAMES = {"F64": "float64", "F32": "float32", "F16": "float16", "BF16": "bfloat16"}
BFLOAT16 = np.dtype("V2")  # how NumPy and HDF5 store the bfloat16 of other libraries
SMALL = 1 << 16  # bytes that reading any file may allocate
MAX_AXES = 8


@dataclass(frozen=True)
class StoredArray:
    """An array in a file that has not been read yet.

    Attributes
    ----------
    shape : tuple of int
    dtype : str
        Name of the dtype in the file.
    read : callable
        Reads the array from the file.
    """

    shape: tuple[int, ...]
    dtype: str
    read: Callable[[], AnyArray]


class ByteBudget:
    """Memory that may be allocated while one file is read.

    A header may claim any size. All arrays together may take twice the size of the file, which
    allows for compression, plus `SMALL` bytes, which allows for small files.
    """

    def __init__(self, path: File) -> None:
        self.path = path
        self.file_size = os.path.getsize(path)
        self.left = 2 * self.file_size + SMALL

    def spend(self, nbytes: int) -> None:
        """Reserve memory for an array before it is allocated; `InputError` if it is too much."""
        self.left -= nbytes
        if nbytes < 0 or self.left < 0:
            raise InputError(
                f"{self.path}: the header claims more than twice the {self.file_size} bytes of the "
                "file, so the file is damaged. Download it again."
            )


def checked_nbytes(shape: tuple[int, ...] | list[int], itemsize: int, limit: int) -> int:
    """Size in bytes of an array, after checking its shape.

    Raises
    ------
    ValueError
        If the shape is invalid or the array is larger than ``limit`` bytes.
    """
    if len(shape) > MAX_AXES or not all(type(side) is int and side >= 0 for side in shape):
        raise ValueError("an array with an invalid shape")  # not printed: it may be very long
    nbytes = prod(shape) * itemsize
    if nbytes > limit:
        raise ValueError(f"an array of shape {tuple(shape)} does not fit into {limit} bytes")
    return nbytes


def dtype_name(dtype: "np.dtype[Any]") -> str:
    """The name of a dtype in a file, for people to read."""
    return "bfloat16" if dtype == BFLOAT16 else dtype.name


def check_dtype(path: File, name: str, dtype: "np.dtype[Any]") -> None:
    """Raise `InputError` if an array contains other than real numbers."""
    if dtype.kind not in "fiu":
        unreadable_dtype(path, name, dtype)


def unreadable_dtype(path: File, name: str, dtype: object) -> NoReturn:
    """Raise `InputError` for an array whose numbers cannot be read."""
    raise InputError(
        f"{path}: the array {name[:80]} has the dtype {str(dtype)[:30]}, which cannot be read: "
        "convert it to float32 (or float64, float16, bfloat16) with the library that wrote it."
    )


def array_from_bytes(data: bytes, dtype: str, shape: tuple[int, ...]) -> AnyArray:
    """An array from its bytes; 16-bit floating-point types become float32."""
    values = np.frombuffer(data, DTYPES[dtype]).reshape(shape)
    if dtype == "BF16":
        return (values.astype("<u4") << 16).view("<f4")
    return as_float32(values.copy())


def as_float32(values: AnyArray) -> AnyArray:
    """Convert float16 to float32 and other byte orders to the native one."""
    dtype = np.float32 if values.dtype == np.float16 else values.dtype.newbyteorder("=")
    return values.astype(dtype, copy=False)
