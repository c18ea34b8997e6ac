"""Refuse arguments that make no sense, by name."""

import inspect
import math
import sys
from collections.abc import Callable, Sequence
from numbers import Integral, Real
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.errors import InputError, short_repr

LARGEST_SIZE = 16384  # pixels of the longer side
MOST_ITERATIONS = 1_000_000  # a job of months; what is more was typed by mistake


def check_style_weights(
    style_layers: Sequence[str], style_weights: Sequence[float] | None
) -> dict[str, float]:
    """w_l by layer; the paper's 1 / number of layers if none are given."""
    if isinstance(style_layers, str):
        raise InputError(f"`style_layers` must be a sequence of names, got {style_layers!r}.")
    if not style_layers:
        raise InputError("`style_layers` is empty: name at least one layer.")
    if len(set(style_layers)) < len(style_layers):
        raise InputError("`style_layers` names a layer twice.")
    advice = "give at least one layer more than 0"
    return weights_by_layer("style", style_layers, style_weights, advice)


def weights_by_layer(
    kind: str, layers: Sequence[str], weights: Sequence[float] | None, advice: str
) -> dict[str, float]:
    """Check the weights of some layers.

    Parameters
    ----------
    kind : {"style", "content"}
        For the messages.
    layers : sequence of str
    weights : sequence of float, optional
        1 / number of layers if None.
    advice : str
        What to do about weights that are all 0.

    Returns
    -------
    dict of str to float

    Raises
    ------
    InputError
        If they are too few, too many, negative, not finite, or all 0.
    """
    if weights is None:
        weights = [1 / len(layers)] * len(layers)
    if len(weights) != len(layers):
        raise InputError(
            f"`{kind}_weights` needs one number for each of the {len(layers)} {kind} layers, got "
            f"{len(weights)}."
        )
    if not all(map(is_number, weights)):
        raise InputError(f"`{kind}_weights` must be numbers from 0 on, got {list(weights)}.")
    if not sum(weights):
        raise InputError(f"`{kind}_weights` sum to zero: {advice}.")
    return {l: float(w) for l, w in zip(layers, weights, strict=True)}


def defaults_of(function: Callable[..., object]) -> dict[str, Any]:
    """{argument: default} of a function: a default lives in one signature, others read it there."""
    return {name: p.default for name, p in inspect.signature(function).parameters.items()}


def check_numbers(
    size: int,
    iterations: int,
    ratio: float,
    tv: float,
    seed: int,
    threads: int | None,
    memory: float | None,
    average: int = 1,
) -> None:
    """Refuse numbers that make no sense, by name."""
    _whole("size", size, 1, LARGEST_SIZE)
    _whole("iterations", iterations, 1, MOST_ITERATIONS)
    _whole("seed", seed, 0)
    _whole("average", average, 1)
    if threads is not None:
        _whole("threads", threads, 1)
    for name, value in (("ratio", ratio), ("tv", tv)):
        if not is_number(value):
            raise InputError(f"`{name}` must be a number from 0 on, got {short_repr(value)}.")
    if memory is not None and not (is_number(memory) and memory > 0):
        raise InputError(
            f"`memory` must be a number of megabytes above 0, got {short_repr(memory)}."
        )


def check_dtype(dtype: npt.DTypeLike) -> None:
    """Refuse what is not one of the two types that the arithmetic is written for."""
    try:
        known = dtype is not None and np.dtype(dtype) in (np.float32, np.float64)
    except TypeError:
        known = False
    if not known:
        raise InputError(f"`dtype` must be float32 or float64, got {short_repr(dtype)}.")


def is_number(value: Any) -> bool:
    """Whether it is a finite number from 0 on."""
    return isinstance(value, Real) and 0 <= cast(float, value) <= sys.float_info.max


def _whole(name: str, value: Any, smallest: int, largest: int | None = None) -> None:
    """Refuse what is no whole number within its limits."""
    if isinstance(value, Integral) and smallest <= int(value) <= (largest or math.inf):
        return
    limits = f"from {smallest} to {largest}" if largest else f"from {smallest} on"
    raise InputError(f"`{name}` must be a whole number {limits}, got {short_repr(value)}.")
