"""Valid values of options: how each kind is checked in Python and read on the command line."""

import argparse
import math
import os
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, TypeGuard, cast

import numpy as np

from nst_numpy.transfer.state_schema import check_state_types
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

LARGEST_SIZE = 16384  # pixels of the longer side


@dataclass(frozen=True)
class Values:
    """A kind of values.

    Attributes
    ----------
    expected : str
        The valid values in words, for messages and the reference: "a whole number of at least 1".
    accepts : callable
        ``accepts(value)`` is True if the value is valid; names are then compared with ``choices``.
    parse : callable
        Reads one word of the command line, or raises `argparse.ArgumentTypeError`.
    metavar : str
        Placeholder of the value in the command line's help.
    choices : tuple of str
        The valid names, if there are only some.
    several : bool
        Whether the command line takes several words.
    """

    expected: str
    accepts: Callable[[Any], bool]
    parse: Callable[[str], Any] = str
    metavar: str = ""
    choices: tuple[str, ...] = ()
    several: bool = False


def whole_number(smallest: int, largest: int | None = None, metavar: str = "N") -> Values:
    """Whole numbers within limits."""
    expected = f"a whole number {_limits(smallest, largest)}"
    most = math.inf if largest is None else largest

    def accepts(value: Any) -> bool:
        return isinstance(value, Integral) and smallest <= int(value) <= most

    return Values(expected, accepts, lambda text: parse_whole_number(text, smallest), metavar)


def number(metavar: str = "WEIGHT", above_zero: bool = False) -> Values:
    """Finite numbers of at least 0, or above 0."""
    expected = "a number above 0" if above_zero else "a number of at least 0"

    def accepts(value: Any) -> bool:
        return is_number(value) and (value > 0 or not above_zero)

    return Values(expected, accepts, parse_above_zero if above_zero else parse_number, metavar)


def name_of(choices: Iterable[str]) -> Values:
    """One of some names."""
    names = tuple(choices)
    return Values(f"one of {', '.join(names)}", is_name, choices=names)


def layer_names(one_as_string: bool = False) -> Values:
    """Names of layers; ``one_as_string`` also accepts a single name."""
    expected = (
        "a name of a layer or a sequence of names" if one_as_string else "a sequence of names"
    )

    def accepts(value: Any) -> bool:
        return is_names(value) or (one_as_string and is_name(value))

    def parse(text: str) -> str | tuple[str, ...]:
        names = parse_names(text)
        return names[0] if one_as_string and len(names) == 1 else names

    return Values(expected, accepts, parse, "LAYER,...")


def number_list() -> Values:
    """Sequences of numbers."""
    return Values("a sequence of numbers", is_numbers, parse_numbers, "W,...")


def picture(also: str = "", metavar: str = "FILE") -> Values:
    """A file or an array; ``also`` names what else is valid, such as a name."""
    return Values(f"a file or an array{also}", is_picture, metavar=metavar)


def pictures(metavar: str = "FILE") -> Values:
    """A file or an array, or a list of several."""
    expected = "a file, an array, or a list of these"
    return Values(expected, is_pictures, metavar=metavar, several=True)


def flag() -> Values:
    """True or False."""
    return Values("True or False", lambda value: isinstance(value, bool | np.bool_))


def function() -> Values:
    """Functions of the caller."""
    return Values("a function", callable)


def network() -> Values:
    """The name or the file of a network, or a `nst_numpy.vgg.Network`."""
    expected = "a name, a file or a Network"
    return Values(
        expected, lambda value: is_path(value) or isinstance(value, Network), metavar="NAME|FILE"
    )


def float_type() -> Values:
    """The two floating-point types that the arithmetic is written for."""

    def accepts(value: Any) -> bool:
        try:
            return value is not None and np.dtype(value) in (np.float32, np.float64)
        except TypeError:
            return False

    return Values("float32 or float64", accepts)


def scales() -> Values:
    """A number of scales, or the size and the iterations of each scale before the last."""
    expected = "a whole number of at least 1, or pairs of a size and its iterations"

    def accepts(value: Any) -> bool:
        return (isinstance(value, Integral) and int(value) >= 1) or _is_pairs(value)

    def parse(text: str) -> int | tuple[tuple[int, ...], ...]:
        if ":" not in text:
            return parse_whole_number(text)
        pairs = [pair.split(":") for pair in text.split(",")]
        return tuple(tuple(parse_whole_number(part) for part in pair) for pair in pairs)

    return Values(expected, accepts, parse, "N|SIZE:ITERATIONS,...")


def state() -> Values:
    """A state that a checkpoint function received."""

    def accepts(value: Any) -> bool:
        try:
            check_state_types(value)
        except ValueError:
            return False
        return True

    return Values("a state that `checkpoint` received", accepts)


def optional(values: Values) -> Values:
    """The same values, or None."""
    return Values(
        f"{values.expected}, or None",
        lambda value: value is None or values.accepts(value),
        values.parse,
        values.metavar,
        values.choices,
        values.several,
    )


def is_name(value: Any) -> TypeGuard[str]:
    """Whether the value is a string."""
    return isinstance(value, str)


def is_path(value: Any) -> TypeGuard[File]:
    """Whether the value is the name of a file."""
    return isinstance(value, str | os.PathLike) and value not in ("", b"")


def is_names(value: Any) -> bool:
    """Whether the value is a list or tuple of strings."""
    return isinstance(value, list | tuple) and all(map(is_name, value))


def is_number(value: Any) -> bool:
    """Whether the value is a finite number of at least 0."""
    return isinstance(value, Real) and 0 <= cast(float, value) <= sys.float_info.max


def is_numbers(value: Any) -> bool:
    """Whether the value is a list, tuple or one-dimensional array of numbers."""
    several = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
    return several and all(isinstance(v, Real) for v in value)


def is_picture(value: Any) -> bool:
    """Whether the value is a file or an array; the picture itself is checked when it is read."""
    return is_path(value) or isinstance(value, list | tuple) or hasattr(value, "__array__")


def is_pictures(value: Any) -> bool:
    """Whether the value is a picture or a list of pictures."""
    return all(map(is_picture, value)) if isinstance(value, list | tuple) else is_picture(value)


def parse_whole_number(text: str, smallest: int = 1) -> int:
    """Read a whole number of at least ``smallest``."""
    try:
        value = int(text)
    except ValueError:
        value = smallest - 1
    if value < smallest:
        raise argparse.ArgumentTypeError(
            f"expected a whole number of at least {smallest}, got {text!r}"
        )
    return value


def parse_number(text: str) -> float:
    """Read a finite number of at least 0."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"expected a number of at least 0, got {text!r}")
    return value


def parse_above_zero(text: str) -> float:
    """Read a finite number above 0."""
    value = parse_number(text)
    if not value:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


def parse_names(text: str) -> tuple[str, ...]:
    """Read names separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def parse_numbers(text: str) -> tuple[float, ...]:
    """Read numbers of at least 0, separated by commas."""
    return tuple(parse_number(part) for part in text.split(","))


def _limits(smallest: int, largest: int | None) -> str:
    """Limits of a whole number in words."""
    return f"of at least {smallest}" if largest is None else f"from {smallest} to {largest}"


def _is_pairs(value: Any) -> bool:
    """Whether the value is a nonempty sequence of pairs of positive whole numbers."""
    try:
        pairs = [(size, iterations) for size, iterations in value]
    except (TypeError, ValueError):
        return False
    return bool(pairs) and all(
        isinstance(n, Integral) and int(n) >= 1 for pair in pairs for n in pair
    )
