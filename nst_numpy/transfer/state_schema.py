"""Check the types and shapes in a state that may come from a file.

A state describes its own job: the entry ``"job"`` has the optimizer, and dtype and shape of the
image. The types and shapes of all other entries follow from it. `nst_numpy.transfer.checkpoint`
checks that the state belongs to the job that resumes from it.
"""

import sys
from collections.abc import Callable
from numbers import Real
from typing import Any, TypeAlias

import numpy as np

from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.utils.types import State

FLOATS = ("float32", "float64")
Check: TypeAlias = Callable[[Any], bool]


def check_state_types(state: Any) -> None:
    """Check that a job could resume from a state.

    Parameters
    ----------
    state : object

    Raises
    ------
    ValueError
        If an entry is missing, or has another type or shape than the job's. The message names it.
    """
    _check_entries(state, {"job": _is_job}, "the state")
    job = state["job"]
    shape, dtype = tuple(job["shape"]), job["dtype"]

    def is_image(value: Any) -> bool:
        return _is_array(value, dtype) and value.shape == shape

    earlier = state.get("earlier")
    _check_entries(state, {"earlier": lambda value: isinstance(value, list)}, "the state")
    for result in earlier:
        _check_entries(result, RESULT, "an earlier scale")
        _check_series(result, "an earlier scale")
    _check_entries(
        state,
        {
            "iteration": is_count,
            "losses": _is_series,
            "terms": _is_terms,
            "picture": lambda value: value is None or _is_picture(value),
            "mean": lambda value: value is None or is_image(value),
            "weight": is_number,
            "seconds": is_number,
            "tile_rows": lambda value: value is None or (is_count(value) and value > 0),
            "steps": lambda value: isinstance(value, dict),
        },
        "the state",
    )
    _check_series(state, "the state")
    _check_steps(state["steps"], job["optimizer"], is_image)
    finished = sum(len(result["losses"]) - 1 for result in earlier)
    own = state["steps"]["iteration"]
    if own != len(state["losses"]) - 1 or own != state["iteration"] - finished:
        raise ValueError("the state has another number of losses than of iterations")


def _check_steps(steps: State, optimizer: str, is_image: Check) -> None:
    """Check the optimizer's own state."""
    row = OPTIMIZERS[optimizer]

    def is_pairs(value: Any) -> bool:
        return isinstance(value, list) and all(
            isinstance(pair, list | tuple)
            and len(pair) == 3
            and all(map(is_image, pair[:2]))
            and is_number(pair[2])
            for pair in value
        )

    checks: dict[str, Check] = {"iteration": is_count}
    checks |= dict.fromkeys(row.arrays, is_image)
    checks |= dict.fromkeys(row.numbers, is_number)
    checks |= dict.fromkeys(row.pairs, is_pairs)
    _check_entries(steps, checks, "the state of the optimizer")


def _check_entries(values: Any, checks: dict[str, Check], place: str) -> None:
    """Check the entries of a dict, and name the first that is missing or not valid."""
    if not isinstance(values, dict):
        raise ValueError(f"{place} is not a dict")
    for name, is_valid in checks.items():
        if name not in values:
            raise ValueError(f"{place} has no {name}")
        if not is_valid(values[name]):
            raise ValueError(f"in {place}, {name} has another type or shape than in such a job")


def _check_series(values: dict[str, Any], place: str) -> None:
    """Check that each term has as many values as the loss."""
    if any(len(term) != len(values["losses"]) for term in values["terms"].values()):
        raise ValueError(f"in {place}, a term has another number of values than the loss")


def is_count(value: Any) -> bool:
    """Whether a value is a whole number of at least 0."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool) and int(value) >= 0


def is_number(value: Any) -> bool:
    """Whether a value is a finite number."""
    if isinstance(value, bool) or not isinstance(value, Real):
        return False
    return abs(float(value)) <= sys.float_info.max


def is_plain(value: Any) -> bool:
    """Whether a value consists of numbers, strings, None, and dicts and lists of these."""
    if isinstance(value, dict | list):
        return all(map(is_plain, value.values() if isinstance(value, dict) else value))
    return value is None or type(value) in (bool, int, float, str)


def _is_array(value: Any, dtype: str) -> bool:
    """Whether a value is an array of that dtype without infinite numbers and NaN."""
    is_array = isinstance(value, np.ndarray) and value.dtype == dtype
    return is_array and bool(np.isfinite(value).all())


def _is_series(value: Any) -> bool:
    return _is_array(value, "float64") and value.ndim == 1 and value.size > 0


def _is_terms(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_series, value.values()))


def _is_picture(value: Any) -> bool:
    return _is_array(value, "uint8") and value.ndim == 3 and value.shape[2] == 3 and value.size > 0


def _is_job(value: Any) -> bool:
    """Whether a value says which optimizer, dtype and shape the job has."""
    if not isinstance(value, dict) or not is_plain(value):
        return False
    shape, optimizer = value.get("shape"), value.get("optimizer")
    return (
        isinstance(optimizer, str)
        and optimizer in OPTIMIZERS
        and value.get("dtype") in FLOATS
        and isinstance(shape, list)
        and len(shape) == 3
        and all(is_count(side) and side > 0 for side in shape)
    )


RESULT: dict[str, Check] = {
    "picture": _is_picture,
    "losses": _is_series,
    "terms": _is_terms,
    "reason": lambda value: isinstance(value, str),
    "seconds": is_number,
    "earlier": lambda value: value in ([], ()),
    "gradients": lambda value: value == {},
}
