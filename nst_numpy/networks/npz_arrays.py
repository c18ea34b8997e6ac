"""Read arrays from NumPy's .npz files, zip files of .npy files, without unpickling objects."""

import zipfile
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from nst_numpy.networks.layer_names import weights_of_arrays
from nst_numpy.networks.stored_arrays import (
    BFLOAT16,
    AnyArray,
    ByteBudget,
    StoredArray,
    array_from_bytes,
    as_float32,
    check_dtype,
    checked_nbytes,
    dtype_name,
)
from nst_numpy.networks.weights_file import FileStart, WeightsContent, parser_errors

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def is_npz(start: FileStart) -> bool:
    """Whether a file is a zip file with .npy files."""
    return any(name.endswith(".npy") for name in start.members)


def read_npz(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read the convolutions of a VGG from an .npz file."""
    budget = ByteBudget(path)
    with zipfile.ZipFile(path) as archive:
        arrays = {
            info.filename.removesuffix(".npy"): _stored_array(path, archive, info, budget)
            for info in archive.infolist()
            if info.filename.endswith(".npy")
        }
    return weights_of_arrays(path, arrays, prefix)


def _stored_array(
    path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo, budget: ByteBudget
) -> StoredArray:
    """One .npy file, after checking its header against its size in the zip file."""
    with archive.open(info) as file:
        shape, fortran, dtype = HEADERS[npy.read_magic(file)](file)
        if dtype.hasobject:
            raise ValueError(f"{info.filename} contains Python objects")
        nbytes = checked_nbytes(shape, dtype.itemsize, info.file_size)
        start = file.tell()

    def read() -> AnyArray:
        with parser_errors(path), zipfile.ZipFile(path) as archive, archive.open(info) as file:
            file.read(start)
            budget.spend(nbytes)
            data = file.read(nbytes)
            if dtype == BFLOAT16:
                return array_from_bytes(data, "BF16", shape)
            check_dtype(path, info.filename.removesuffix(".npy"), dtype)
            values = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
            return as_float32(values.copy())

    return StoredArray(shape, dtype_name(dtype), read)
