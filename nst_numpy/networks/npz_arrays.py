"""Read arrays from NumPy's .npz files: a zip of .npy files. Pickled objects are refused."""

import zipfile

import numpy as np
from numpy.lib import format as npy

from nst_numpy.networks.array_files import Entry, allowance, as_float32, checked_nbytes, reading

HEADERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def read_npz(path, archive):
    """Arrays in an .npz file.

    Parameters
    ----------
    path : path
    archive : zipfile.ZipFile
        Of that file.

    Returns
    -------
    dict of str to Entry
    """
    spend = allowance(path)
    entries = {}
    for info in archive.infolist():
        if info.filename.endswith(".npy"):
            entries[info.filename.removesuffix(".npy")] = _entry(path, archive, info, spend)
    return entries


def _entry(path, archive, info, spend):
    """One .npy file as an Entry; its header must agree with the bytes that the zip says it has."""
    with reading(path), archive.open(info) as file:
        shape, fortran, dtype = HEADERS[npy.read_magic(file)](file)
        if dtype.hasobject:
            raise ValueError(f"{info.filename} holds Python objects")
        nbytes = checked_nbytes(shape, dtype.itemsize, info.file_size)
        start = file.tell()

    def read():
        with reading(path), zipfile.ZipFile(path) as archive, archive.open(info) as file:
            file.read(start)
            spend(nbytes)
            data = file.read(nbytes)
            values = np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")
            return as_float32(values.copy())

    return Entry(shape, dtype.name, read)
