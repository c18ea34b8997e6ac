"""Arrays of HDF5 files, read so that no header gets more memory than is due to the file."""

import os
import zlib
from functools import partial
from math import prod

import h5py
import numpy as np

from nst_numpy.networks.array_files import checked_nbytes
from nst_numpy.utils.errors import InputError

LONGEST = 4096  # bytes of an attribute
PLAIN = (h5py.h5t.INTEGER, h5py.h5t.FLOAT, h5py.h5t.ENUM)
CHECKSUM = 4  # bytes that the fletcher32 filter appends to a chunk


def attribute(item, key):
    """An attribute that is a number, an array of numbers or a text of fixed length, else None.

    HDF5 keeps text of variable length in a heap of its own, and in a damaged file its search
    there may never end.
    """
    if key not in item.attrs:
        return None
    stored = item.attrs.get_id(key)
    kind = stored.get_type()
    text = kind.get_class() == h5py.h5t.STRING and not kind.is_variable_str()
    if not (text or kind.get_class() in PLAIN) or stored.get_storage_size() > LONGEST:
        return None
    value = item.attrs[key]
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else value


def write_attribute(item, key, value):
    """Write a number, an array of numbers or a text, so that `attribute` reads it."""
    item.attrs[key] = np.bytes_(value.encode()) if isinstance(value, str) else value


def read_dataset(dataset, spend):
    """A dataset's numbers, if they lie in this file.

    Parameters
    ----------
    dataset : h5py.Dataset
    spend : callable
        Is told the bytes of an array before it is made (`nst_numpy.networks.array_files.allowance`).

    Raises
    ------
    InputError
        If the file claims too much, or is packed by a filter that is not known.
    ValueError
        If it is damaged.
    """
    if dataset.dtype.kind not in "fiu" or dataset.is_virtual or dataset.external:
        raise ValueError(f"{dataset.name} holds no numbers of its own")
    for shape in (dataset.shape, dataset.chunks or ()):
        spend(checked_nbytes(shape, dataset.dtype.itemsize, 1 << 40))
    undo = _filters(dataset)
    return unpacked(dataset, undo) if undo else np.asarray(dataset)


def unpacked(dataset, undo):
    """The numbers of a packed dataset, chunk by chunk.

    HDF5 itself unpacks a chunk to whatever size comes out of it; here no chunk gets more than
    its shape says.
    """
    values = np.zeros(dataset.shape, dataset.dtype)
    end = os.path.getsize(dataset.file.filename)
    for number in range(dataset.id.get_num_chunks()):
        chunk = dataset.id.get_chunk_info(number)
        if chunk.byte_offset is None or chunk.byte_offset + chunk.size > end:
            raise ValueError("a chunk that lies beyond the end of the file")
        skipped, data = dataset.id.read_direct_chunk(chunk.chunk_offset)
        for position, step in reversed(list(enumerate(undo))):
            data = data if skipped >> position & 1 else step(data)
        block = np.frombuffer(data, dataset.dtype).reshape(dataset.chunks)
        here = [slice(start, None) for start in chunk.chunk_offset]
        room = values[tuple(here)].shape  # a chunk at the edge reaches beyond it
        part = tuple(slice(0, min(sides)) for sides in zip(room, dataset.chunks, strict=True))
        values[tuple(here)][part] = block[part]
    return values


def _filters(dataset):
    """How to undo each of a dataset's filters, in the order in which they were applied."""
    plist, itemsize = dataset.id.get_create_plist(), dataset.dtype.itemsize
    nbytes = prod(dataset.chunks or ()) * itemsize
    known = {
        h5py.h5z.FILTER_SHUFFLE: partial(_unshuffled, itemsize=itemsize),
        h5py.h5z.FILTER_DEFLATE: partial(_inflated, nbytes=nbytes),
        h5py.h5z.FILTER_FLETCHER32: lambda data: data[:-CHECKSUM],
    }
    applied = [plist.get_filter(number)[0] for number in range(plist.get_nfilters())]
    if not set(applied) <= set(known):
        raise InputError(
            f"{dataset.file.filename}: its arrays are packed by a filter other than gzip. Undo "
            "that: `h5repack -f NONE FILE OTHER`."
        )
    return [known[each] for each in applied]


def _inflated(data, nbytes):
    """A chunk out of gzip, no more than the bytes it may have."""
    try:
        return zlib.decompressobj().decompress(data, nbytes + CHECKSUM)
    except zlib.error as error:
        raise ValueError(f"a damaged chunk ({error})") from error


def _unshuffled(data, itemsize):
    """All first bytes, all second bytes, ... put together to numbers again."""
    return np.frombuffer(data, np.uint8).reshape(itemsize, -1).T.tobytes()
