"""Snapshots of a run: the two newest are kept, and a damaged one is detected.

A snapshot contains everything a job needs to resume, as a tree of plain values in one file:

    "nst_numpy snapshot 2", a line
    the length of the text, 8 bytes
    the text: the tree as JSON, with dtype and shape in place of each array
    the arrays in the same order, as they are in memory
    SHA-256 of all of the above

The checksum detects any changed bit and any truncation. The file is written under a temporary name
and then renamed, so that the previous snapshot exists until the new one is complete.
"""

import hashlib
import json
import os
from collections.abc import Collection
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import File

MAGIC = b"nst_numpy snapshot 2\n"
SUFFIX = ".snapshot"
HASH = hashlib.sha256

Tree: TypeAlias = dict[str, Any]


def snapshots(folder: File) -> list[Path]:
    """The snapshots in a folder, the newest last."""
    return sorted(Path(folder).glob(f"*{SUFFIX}"))


def write_snapshot(folder: File, iteration: int, tree: Tree, previous: Path | None = None) -> Path:
    """Write a snapshot, and remove all others except the previous valid one.

    Parameters
    ----------
    folder : path
    iteration : int
        Gives the file its name.
    tree : dict
        As in `write_tree`.
    previous : path, optional
        The snapshot that was written before, or that the run resumed from.

    Returns
    -------
    path

    Raises
    ------
    OSError
        If the file cannot be written. The existing snapshots are kept.
    """
    path = Path(folder) / f"{iteration:08d}{SUFFIX}"
    with atomic_file(path) as file:
        write_tree(file, tree)
    remove_snapshots(folder, keep=(path, previous))
    return path


def remove_snapshots(folder: File, keep: Collection[Path | None] = ()) -> None:
    """Remove the snapshots in a folder except those to keep."""
    for path in snapshots(folder):
        if path not in keep:
            path.unlink()


def newest_snapshot(folder: File) -> tuple[Path | None, Tree | None]:
    """The newest valid snapshot in a folder.

    Returns
    -------
    path, tree
        None, None if there is no snapshot.

    Raises
    ------
    InputError
        If there are snapshots but none is valid.

    Warns
    -----
    Notice
        For each newer snapshot that is damaged.
    """
    damaged = []
    for path in reversed(snapshots(folder)):
        try:
            with path.open("rb") as file:
                tree = read_tree(file)
        except (ValueError, OSError) as error:
            damaged.append(f"{path} cannot be used: {getattr(error, 'strerror', None) or error}.")
        else:
            for message in damaged:
                warn_user(f"{message} The previous snapshot is used.")
            return path, tree
    if damaged:
        raise InputError(f"{' '.join(damaged)} Remove {folder} and start the job again.")
    return None, None


def write_tree(file: BinaryIO, tree: Tree) -> None:
    """Write a tree of plain values.

    Parameters
    ----------
    file : binary file
    tree : dict
        Its values are str, bytes, numbers, bool, None, arrays, NumPy scalars, and dicts, lists and
        tuples of these. A tuple is read back as a list.
    """
    blocks: list[Any] = []
    digest = HASH()
    text = json.dumps(_encode(tree, blocks)).encode()
    for data in (MAGIC, len(text).to_bytes(8, "little"), text, *blocks):
        file.write(data)
        digest.update(data)
    file.write(digest.digest())


def read_tree(file: BinaryIO) -> Tree:
    """Read what `write_tree` wrote.

    Raises
    ------
    ValueError
        If the file is not a snapshot or is damaged.
    """
    size = os.fstat(file.fileno()).st_size - HASH().digest_size
    if file.read(len(MAGIC)) != MAGIC:
        raise ValueError("it is empty, not a snapshot, or one of another version of nst_numpy")
    digest, left = HASH(MAGIC), size - len(MAGIC)
    while left > 0 and (data := file.read(min(left, 2**20))):
        digest.update(data)
        left -= len(data)
    if digest.digest() != file.read():
        raise ValueError("its checksum does not match, because it was truncated or changed")
    file.seek(len(MAGIC))
    text = file.read(int.from_bytes(file.read(8), "little"))
    tree: Tree = _decode(json.loads(text), file)
    return tree


def _encode(value: Any, blocks: list[Any]) -> Any:
    """A value as JSON; bytes and arrays are appended to ``blocks``.

    NumPy scalars keep their type: a float64 turns an array of float32 into float64, a Python float
    does not, and a resumed job would compute other bits.
    """
    if isinstance(value, dict):
        return {"dict": {name: _encode(part, blocks) for name, part in value.items()}}
    if isinstance(value, list | tuple):
        return [_encode(part, blocks) for part in value]
    if isinstance(value, bytes):
        blocks.append(value)
        return {"bytes": len(value)}
    if isinstance(value, np.ndarray | np.generic):
        blocks.append(np.ascontiguousarray(value).reshape(-1).view(np.uint8))
        kind = "array" if isinstance(value, np.ndarray) else "number"
        return {kind: [value.dtype.str, value.shape]}
    return value


def _decode(value: Any, file: BinaryIO) -> Any:
    """The inverse of `_encode`; arrays are read in the order in which they were written."""
    if isinstance(value, list):
        return [_decode(part, file) for part in value]
    if not isinstance(value, dict):
        return value
    ((kind, value),) = value.items()
    if kind == "dict":
        return {name: _decode(part, file) for name, part in value.items()}
    if kind == "bytes":
        return file.read(value)
    dtype, shape = value
    array = np.empty(shape, dtype)
    file.readinto(array.reshape(-1).view(np.uint8))  # type: ignore[attr-defined]
    return array if kind == "array" else array[()]
