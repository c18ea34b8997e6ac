"""Snapshots: all that a job needs to go on, in one file that is sound or refused.

A snapshot is a tree of plain values. Its file holds, one after the other,

    "nst_numpy snapshot 1", a line
    the length of the text, 8 bytes
    the text: the tree as JSON, with type and shape in the place of each array
    the arrays in that order, as they lie in memory
    SHA-256 of all before

so that any bit that changed, and any end that is missing, is found. It is written beside its place
and then renamed; the one before it stands all along.
"""

import hashlib
import json
import os
from pathlib import Path

import numpy as np

from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.process_settings import warn_user

MAGIC = b"nst_numpy snapshot 1\n"
ENDING = ".snapshot"
HASH = hashlib.sha256


def snapshots(folder):
    """The snapshots in a folder, the newest last."""
    return sorted(Path(folder).glob(f"*{ENDING}"))


def write_snapshot(folder, iteration, tree, sound=None):
    """Write a snapshot; of the others only the last sound one stays.

    Parameters
    ----------
    folder : path
    iteration : int
        Names it.
    tree : dict
        As of `write_tree`.
    sound : path, optional
        The one written before, or gone on from.

    Returns
    -------
    path

    Raises
    ------
    OSError
        If it cannot be written. Those that were there still are.
    """
    path = Path(folder) / f"{iteration:08d}{ENDING}"
    with atomic_file(path) as file:
        write_tree(file, tree)
    remove_snapshots(folder, but=(path, sound))
    return path


def remove_snapshots(folder, but=()):
    """Remove all snapshots in a folder but for some."""
    for path in snapshots(folder):
        if path not in but:
            path.unlink()


def newest_snapshot(folder):
    """The newest sound snapshot of a folder.

    Returns
    -------
    path, tree
        None, None if no snapshot was taken.

    Raises
    ------
    InputError
        If there are some and none is sound.

    Warns
    -----
    Notice
        For each newer one that is damaged.
    """
    told = []
    for path in reversed(snapshots(folder)):
        try:
            with path.open("rb") as file:
                tree = read_tree(file)
        except (ValueError, OSError) as error:
            told.append(f"{path} cannot be used: {getattr(error, 'strerror', None) or error}.")
        else:
            for sentence in told:
                warn_user(f"{sentence} The one before it is taken.")
            return path, tree
    if told:
        raise InputError(f"{' '.join(told)} Remove {folder} and start the job anew.")
    return None, None


def write_tree(file, tree):
    """Write a tree of plain values.

    Parameters
    ----------
    file : binary file
    tree : dict of str, list, tuple, str, bytes, number, bool, None, array or NumPy's number
        A tuple becomes a list.
    """
    blocks, digest = [], HASH()
    text = json.dumps(_to_text(tree, blocks)).encode()
    for data in (MAGIC, len(text).to_bytes(8, "little"), text, *blocks):
        file.write(data)
        digest.update(data)
    file.write(digest.digest())


def read_tree(file):
    """Read what `write_tree` wrote; a `ValueError` says why it is not that."""
    size = os.fstat(file.fileno()).st_size - HASH().digest_size
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("it is empty, no snapshot, or one of another version of nst_numpy")
    digest, left = HASH(MAGIC), size - len(MAGIC)
    while left > 0 and (data := file.read(min(left, 2**20))):
        digest.update(data)
        left -= len(data)
    if digest.digest() != file.read():
        raise ValueError("its checksum does not agree, it was cut short or changed")
    file.seek(len(MAGIC))
    text = file.read(int.from_bytes(file.read(8), "little"))
    return _from_text(json.loads(text), file)


def _to_text(value, blocks):
    """A value as JSON has it; what JSON has not is appended to ``blocks``.

    NumPy's numbers stay such: one of float64 makes float64 of an array of float32, Python's does
    not, and a job would go on with other bits.
    """
    if isinstance(value, dict):
        return {"dict": {name: _to_text(part, blocks) for name, part in value.items()}}
    if isinstance(value, list | tuple):
        return [_to_text(part, blocks) for part in value]
    if isinstance(value, bytes):
        blocks.append(value)
        return {"bytes": len(value)}
    if isinstance(value, np.ndarray | np.generic):
        blocks.append(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
        kind = "array" if isinstance(value, np.ndarray) else "number"
        return {kind: [value.dtype.str, value.shape]}
    return value


def _from_text(value, file):
    """The way back; the arrays are read in the order in which they were written."""
    if isinstance(value, list):
        return [_from_text(part, file) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, value),) = value.items()
    if kind == "dict":
        return {name: _from_text(part, file) for name, part in value.items()}
    if kind == "bytes":
        return file.read(value)
    dtype, shape = value
    array = np.empty(shape, dtype)
    file.readinto(array.reshape(-1).view(np.uint8))
    return array if kind == "array" else array[()]
