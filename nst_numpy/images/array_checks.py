"""Check that an array is a valid picture."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.process_settings import warn_user

BLACK, WHITE = 0, 255


def check_pixels(picture: Any) -> npt.NDArray[Any]:
    """Return a picture as an array after checking its shape and values.

    Parameters
    ----------
    picture : array_like

    Returns
    -------
    (H, W, 3) array
        With finite integer or floating-point values.

    Raises
    ------
    InputError
        If the shape is not (H, W, 3), the array is empty, or a value is not a finite number.
    """
    try:
        array = np.asarray(picture)
    except ValueError as error:  # nested lists of different lengths
        raise InputError(
            "A picture must have the shape (H, W, 3), but its rows have different lengths."
        ) from error
    if array.ndim != 3 or array.shape[2] != 3 or not array.size:
        got = array.shape if array.ndim else type(array.item()).__name__
        raise InputError(f"A picture must have the shape (H, W, 3), got {got}.")
    if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
        raise InputError(
            "The pixels of a picture must be finite numbers, 0..255; the array holds other values."
        )
    return array


def check_range(picture: Any) -> npt.NDArray[Any]:
    """Like `check_pixels`; also check that the values lie in 0..255.

    Warns if the values look like 0..1 instead of 0..255.

    Raises
    ------
    InputError
        If the array is not a picture or a value is outside of 0..255.
    """
    array = check_pixels(picture)
    low, high = array.min(), array.max()
    if low < BLACK or high > WHITE:
        raise InputError(
            f"The pixels of a picture must be in 0..255; the array ranges from {low:g} to "
            f"{high:g}: apply np.clip(picture, 0, 255) first."
        )
    if array.dtype.kind == "f" and 0 < high <= 1:
        warn_user(
            f"The largest value of the array is {high:g}, so the picture is almost black: pixels "
            "range from 0 to 255. If the array ranges from 0 to 1, multiply it by 255.",
            stacklevel=4,
        )
    return array
