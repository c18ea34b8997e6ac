"""Parse JSON text from files that may come from anywhere."""

import json
import stat
from pathlib import Path
from typing import Any

LARGEST_FILE = 2**24  # bytes; records have a few kilobytes
MOST_DIGITS = 300  # of a whole number; longer ones overflow in arithmetic with floats


def read_json(path: Path) -> Any:
    """The value of a JSON file.

    Raises
    ------
    OSError
        If the file cannot be read.
    ValueError
        As for `parse_json`, or if it is not a regular file, or very large.
    """
    status = path.stat()
    if not stat.S_ISREG(status.st_mode):
        raise ValueError("it is not a regular file")
    if status.st_size > LARGEST_FILE:
        raise ValueError(f"it has {status.st_size} bytes, more than {LARGEST_FILE}")
    return parse_json(path.read_bytes())


def parse_json(text: str | bytes, finite: bool = True) -> Any:
    """The value of a JSON text.

    Parameters
    ----------
    text : str or bytes
    finite : bool
        Whether to refuse NaN and infinite numbers.

    Raises
    ------
    ValueError
        If the text is not valid JSON, is nested too deeply, or contains a number that is not
        finite or has too many digits.
    """
    constant = _no_constant if finite else float
    try:
        return json.loads(text, parse_int=_whole_number, parse_constant=constant)
    except RecursionError as error:
        raise ValueError("its values are nested too deeply") from error


def _whole_number(text: str) -> int:
    if len(text) > MOST_DIGITS:
        raise ValueError(f"it contains a number of {len(text)} digits")
    return int(text)


def _no_constant(name: str) -> None:
    raise ValueError(f"it contains the number {name}")
