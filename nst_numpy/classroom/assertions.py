"""What a test cell says: which law did not hold, on which small input, and what was got."""

import numpy as np

ENTRIES = 40  # of an array that are printed; of a larger one the shape


class LawError(AssertionError):
    """A law that does not hold. Its text is all that a notebook shows, without a traceback."""

    def _render_traceback_(self):
        """What IPython prints in the place of the traceback."""
        return [f"Not yet: {self}"]


def require(holds, law, got=None, **inputs):
    """Raise `LawError` unless a law holds.

    Parameters
    ----------
    holds : bool
    law : str
        One sentence about what should be so.
    got : object, optional
        What the student's function gave back.
    **inputs
        What it was given, by the names that the sentence uses.
    """
    if not holds:
        raise LawError(
            "\n".join([law, *shown(inputs), *([] if got is None else [line("got", got)])])
        )


def shown(inputs):
    """One line for each of the inputs."""
    return [line(f"for {name} =", value) for name, value in inputs.items()]


def line(label, value):
    """A value as text, beside its label; the rows of a matrix below each other."""
    if isinstance(value, tuple) and any(isinstance(part, np.ndarray) for part in value):
        return "\n".join([line(label, value[0]), *(line("and", part) for part in value[1:])])
    text = as_text(value)
    return f"  {label} {text}".replace("\n", "\n" + " " * (len(label) + 3))


def as_text(value):
    """Any value in few characters."""
    if isinstance(value, tuple):
        return "(" + ", ".join(as_text(part) for part in value) + ")"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key!r}: {as_text(part)}" for key, part in value.items()) + "}"
    if isinstance(value, np.ndarray) and value.size > ENTRIES:
        return f"an array of shape {value.shape}"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, suppress_small=True, max_line_width=90)
    if isinstance(value, float):
        return f"{value:.6g}"
    text = repr(value)
    return text if len(text) < 200 else text[:200] + " ..."


def same(got, expected, tolerance=1e-8):
    """Whether two numbers or arrays agree in shape and, relative to the largest, in value."""
    try:
        got, expected = np.asarray(got, np.float64), np.asarray(expected, np.float64)
    except (TypeError, ValueError):
        return False
    if got.shape != expected.shape:
        return False
    largest = np.abs(expected).max(initial=0.0)
    return bool(np.all(np.abs(got - expected) <= tolerance * largest + 1e-12))


def numeric_derivative(f, x, h=1e-5):
    """df/dx of a number f(x), entry by entry, from central differences: the shape of x.

    df/dx_i = (f(x + h e_i) - f(x - h e_i)) / (2 h) + O(h^2)
    """
    slope = np.zeros(x.shape)
    for i in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[i] = h
        slope[i] = (_number(f(x + step)) - _number(f(x - step))) / (2 * h)
    return slope


def _number(value):
    """A loss as a float, or say that it is none."""
    require(np.ndim(value) == 0, "A loss is one number.", got=value)
    return float(value)
