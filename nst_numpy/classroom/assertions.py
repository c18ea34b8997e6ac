"""Assertions for test cells; a failure names the property, the input and the result."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.types import Array

PRINTED_ENTRIES = 40  # arrays with more entries are printed as their shape
PRINTED_CHARACTERS = 200


class FailedTestError(AssertionError):
    """A property does not hold. Notebooks show the message without a traceback."""

    def _render_traceback_(self) -> list[str]:
        """Lines that IPython prints instead of the traceback."""
        return [f"Not yet: {self}"]


def require(holds: bool, statement: str, got: object = None, **inputs: object) -> None:
    """Raise `FailedTestError` unless a property holds.

    Parameters
    ----------
    holds : bool
    statement : str
        The property, in one sentence.
    got : object, optional
        What the student's function returned.
    **inputs
        Arguments of the function, by the names that the sentence uses.

    Raises
    ------
    FailedTestError
    """
    if not holds:
        result = [] if got is None else [labeled("got", got)]
        raise FailedTestError("\n".join([statement, *input_lines(inputs), *result]))


def input_lines(inputs: Mapping[str, object]) -> list[str]:
    """Text of each input, with its name."""
    return [labeled(f"for {name} =", value) for name, value in inputs.items()]


def labeled(label: str, value: object) -> str:
    """A label and a value as text; the rows of a matrix are aligned after the label."""
    if isinstance(value, tuple) and any(isinstance(part, np.ndarray) for part in value):
        return "\n".join([labeled(label, value[0]), *(labeled("and", part) for part in value[1:])])
    text = as_text(value)
    return f"  {label} {text}".replace("\n", "\n" + " " * (len(label) + 3))


def as_text(value: object) -> str:
    """A value as short text: large arrays as their shape, long texts truncated."""
    if isinstance(value, tuple):
        return "(" + ", ".join(as_text(part) for part in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {as_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, np.ndarray) and value.size > PRINTED_ENTRIES:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, suppress_small=True, max_line_width=90)
    if isinstance(value, float):
        return f"{value:.6g}"
    text = repr(value)
    return text if len(text) < PRINTED_CHARACTERS else text[:PRINTED_CHARACTERS] + " ..."


def same(got: Any, expected: npt.ArrayLike, tolerance: float = 1e-8) -> bool:
    """Whether two numbers or arrays have equal shapes and values.

    Parameters
    ----------
    got : object
        What the student's function returned. A value that is not numeric is not equal.
    expected : array_like
    tolerance : float
        Largest difference, relative to the largest absolute value of `expected`.

    Returns
    -------
    bool
    """
    try:
        actual, target = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    except (TypeError, ValueError):
        return False
    if actual.shape != target.shape:
        return False
    largest = np.abs(target).max(initial=0.0)
    return bool(np.all(np.abs(actual - target) <= tolerance * largest + 1e-12))


def numeric_derivative(f: Callable[[Array], float], x: Array, h: float = 1e-5) -> Array:
    """Derivative of a scalar function by central differences, one entry of x at a time.

        df/dx_i = (f(x + h e_i) - f(x - h e_i)) / (2 h) + O(h^2)

    Parameters
    ----------
    f : callable
    x : array, float64
    h : float
        Step.

    Returns
    -------
    array of the shape of x, float64

    Raises
    ------
    FailedTestError
        If f does not return a scalar.
    """
    derivative = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        derivative[i] = (_scalar(f(x + step)) - _scalar(f(x - step))) / (2 * h)
    return derivative


def _scalar(value: Any) -> float:
    require(np.ndim(value) == 0, "A loss is one number.", got=value)
    return float(value)
