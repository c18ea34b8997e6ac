"""What kind of thing each argument of a job is, before anything is done with it."""

import os
from collections.abc import Callable
from numbers import Real
from typing import Any, TypeAlias, TypeGuard

import numpy as np

from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network


def is_name(value: Any) -> bool:
    """A word."""
    return isinstance(value, str)


def is_path(value: Any) -> TypeGuard[File]:
    """The name of a file."""
    return isinstance(value, str | os.PathLike) and value not in ("", b"")


def is_names(value: Any) -> bool:
    """Several words."""
    return isinstance(value, list | tuple) and all(map(is_name, value))


def is_numbers(value: Any) -> bool:
    """Several numbers."""
    several = isinstance(value, list | tuple) or (isinstance(value, np.ndarray) and value.ndim == 1)
    return several and all(isinstance(v, Real) for v in value)


def is_picture(value: Any) -> bool:
    """A file, or something like an array; whether that is a picture is seen later."""
    return is_path(value) or isinstance(value, list | tuple) or hasattr(value, "__array__")


def is_pictures(value: Any) -> bool:
    """A picture or several."""
    return all(map(is_picture, value)) if isinstance(value, list | tuple) else is_picture(value)


def is_state(value: Any) -> bool:
    """None, or what a checkpoint was given."""
    return value is None or (isinstance(value, dict) and "iteration" in value)


A_NAME = "a name", is_name
A_FLAG = "True or False", lambda v: isinstance(v, bool | np.bool_)
NUMBERS = "a sequence of numbers, or None", lambda v: v is None or is_numbers(v)
Kind: TypeAlias = tuple[str, Callable[[Any], bool]]
KINDS: dict[str, Kind] = {
    "content": ("a file or an array", is_picture),
    "picture": ("a file or an array", is_picture),
    "style": ("a file, an array, or a list of these", is_pictures),
    "content_layer": ("the name of a layer, or several", lambda v: is_name(v) or is_names(v)),
    "style_layers": ("a sequence of names", is_names),
    "content_mask": ("a file or an array, or None", lambda v: v is None or is_picture(v)),
    "style_mask": (
        "a file, an array, a list of these, or None",
        lambda v: v is None or is_pictures(v),
    ),
    "color": ("a name, or None", lambda v: v is None or is_name(v)),
    "init": ("a name, a file or an array", is_picture),
    "weights": ("a name, a file or a Network", lambda v: is_path(v) or isinstance(v, Network)),
    **dict.fromkeys(("normalized", "gradients"), A_FLAG),
    "callback": ("a function, or None", lambda v: v is None or callable(v)),
    "checkpoint": ("a function, or None", lambda v: v is None or callable(v)),
    "state": ("what `checkpoint` was given, or None", is_state),
    **dict.fromkeys(("content_weights", "style_weights", "style_blend"), NUMBERS),
    **dict.fromkeys(("style_loss", "content_loss", "tv_kind"), A_NAME),
    **dict.fromkeys(("pooling", "padding", "optimizer"), A_NAME),
}


def check_kinds(arguments: dict[str, Any]) -> None:
    """Refuse what is of no use as such an argument; numbers are looked at where they are used.

    Parameters
    ----------
    arguments : dict
        By name; what has no row in `KINDS` is passed over.

    Raises
    ------
    InputError
    """
    for name, value in arguments.items():
        expected, fits = KINDS.get(name, ("", lambda v: True))
        if not fits(value):
            raise InputError(f"`{name}` must be {expected}, got {short_repr(value)}.")
