"""Parse JSON text from files that may come from anywhere."""

import json
from typing import Any

MOST_DIGITS = 300  # of a whole number; longer ones overflow in arithmetic with floats


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
