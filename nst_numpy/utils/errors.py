"""Exceptions and warnings of the package, and helpers for their messages."""

import difflib
import reprlib
from collections.abc import Iterable
from numbers import Real


class InputError(ValueError):
    """An argument, option or file is invalid. The message says what to do.

    The command line prints the message and exits with code 2. Any other exception is a bug and
    keeps its traceback.
    """


class TooLarge(InputError):  # noqa: N818 - the name says what is wrong
    """A job needs more memory than is available. The message names a size that fits."""


class NotFinite(InputError):  # noqa: N818 - the name says what is wrong
    """A loss or its gradient is not finite. The message says where this began."""


class Notice(UserWarning):
    """A warning about something the user should know; the job continues."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> InputError:
    """Return the `InputError` for a name that is not in ``known``, with the closest match."""
    closest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"; did you mean {closest[0]}?" if closest else "."
    return InputError(f"Unknown {kind}: {name!r}{hint} Known: {', '.join(known)}.")


def short_repr(value: object) -> str:
    """A shortened representation of a value for a message, or its type for other objects."""
    text = reprlib.repr(value)
    plain = value is None or isinstance(value, str | Real | list | tuple | dict)
    return text if plain and "<" not in text else f"an object of type {type(value).__name__}"
