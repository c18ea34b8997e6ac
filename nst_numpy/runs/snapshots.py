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
import math
import os
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any, BinaryIO, TypeAlias

import numpy as np

from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.json_text import LARGEST_FILE, parse_json
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import File

MAGIC = b"nst_numpy snapshot 2\n"
SUFFIX = ".snapshot"
HASH = hashlib.sha256

Tree: TypeAlias = dict[str, Any]


def snapshots(folder: File) -> list[Path]:
    """The snapshots in a folder, the newest last."""
    return sorted(Path(folder).glob(f"*{SUFFIX}"))


def iteration_of(path: Path) -> int:
    """The iteration of a snapshot, from its name."""
    return int(path.stem)


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


def newest_snapshot(
    folder: File, check: Callable[[Tree], None] = lambda tree: None
) -> tuple[Path | None, Tree | None]:
    """The newest valid snapshot in a folder.

    Parameters
    ----------
    folder : path
    check : callable
        ``check(tree)`` raises ValueError if a job cannot use a snapshot.

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
            check(tree)
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
    length = int.from_bytes(_read_exactly(file, 8, size), "little")
    if length > LARGEST_FILE:
        raise ValueError("its text is too long")
    tree = _decode(parse_json(_read_exactly(file, length, size), finite=False), file, size)
    if not isinstance(tree, dict) or file.tell() != size:
        raise ValueError("its text does not describe its arrays")
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


def _decode(value: Any, file: BinaryIO, end: int) -> Any:
    """The inverse of `_encode`; arrays are read in the order in which they were written.

    Parameters
    ----------
    value : object
        Part of the parsed text.
    file : binary file
    end : int
        Where the arrays end in the file.

    Raises
    ------
    ValueError
        If the text does not describe the rest of the file.
    """
    if isinstance(value, list):
        return [_decode(part, file, end) for part in value]
    if not isinstance(value, dict):
        return value
    if len(value) != 1:
        raise ValueError("its text has an entry of an unknown kind")
    ((kind, value),) = value.items()
    if kind == "dict" and isinstance(value, dict):
        return {name: _decode(part, file, end) for name, part in value.items()}
    if kind == "bytes" and _is_count(value):
        return _read_exactly(file, value, end)
    if kind in ("array", "number"):
        return _read_array(kind, value, file, end)
    raise ValueError("its text has an entry of an unknown kind")


def _read_array(kind: str, value: Any, file: BinaryIO, end: int) -> Any:
    """An array or a NumPy scalar, whose dtype and shape are the value."""
    if not (isinstance(value, list) and len(value) == 2 and isinstance(value[1], list)):
        raise ValueError("an array has no dtype and shape")
    name, shape = value
    if not all(map(_is_count, shape)) or (kind == "number" and shape):
        raise ValueError(f"an array has the shape {short_repr(shape)}")
    dtype = _number_type(name)
    data = _read_exactly(file, math.prod(shape) * dtype.itemsize, end)
    array = np.frombuffer(bytearray(data), dtype).reshape(shape)
    return array if kind == "array" else array[()]


def _number_type(name: object) -> np.dtype[Any]:
    """The dtype of that name, if it is one of numbers."""
    try:
        dtype = np.dtype(name) if isinstance(name, str) else None
    except (TypeError, ValueError):
        dtype = None
    if dtype is None or dtype.kind not in "biufc" or dtype.str != name:
        raise ValueError(f"an array has the dtype {short_repr(name)}")
    return dtype


def _read_exactly(file: BinaryIO, size: int, end: int) -> bytes:
    """The next bytes of the arrays, which end at a position of the file."""
    if size > end - file.tell():
        raise ValueError("its arrays are shorter than their shapes")
    return file.read(size)


def _is_count(value: object) -> bool:
    """Whether a value is a whole number of at least 0."""
    return type(value) is int and value >= 0
