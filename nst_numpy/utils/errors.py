"""The one exception for mistakes a person can make: its text is the whole answer."""

import difflib
import reprlib
from collections.abc import Iterable
from numbers import Real


class InputError(ValueError):
    """Something handed to the package does not fit; the message says what to do.

    The command line prints the message as its one sentence and exits with code 2. Any
    other exception is a bug and keeps its traceback.
    """


class TooLarge(InputError):  # noqa: N818 - what it says is what is wrong
    """A job needs more memory than there is here; the message names a size that fits."""


class NotFinite(InputError):  # noqa: N818 - what it says is what is wrong
    """A loss or its derivative is not a finite number; the message says where that began."""


class Notice(UserWarning):
    """Something a person should know, though the job goes on without them."""


def unknown_name(kind: str, name: object, known: Iterable[str]) -> InputError:
    """Return the `InputError` for a name that is not in ``known``, with the nearest that is."""
    nearest = difflib.get_close_matches(str(name), known, n=1, cutoff=0.5)
    hint = f"; did you mean {nearest[0]}?" if nearest else "."
    return InputError(f"Unknown {kind}: {name!r}{hint} Known: {', '.join(known)}.")


def short_repr(value: object) -> str:
    """A value for a message: short, and no more than its type where that says more."""
    told = reprlib.repr(value)
    plain = value is None or isinstance(value, str | Real | list | tuple | dict)
    return told if plain and "<" not in told else f"an object of the type {type(value).__name__}"
