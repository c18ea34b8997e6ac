"""What makes an array a picture."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.process_settings import warn_user

BLACK, WHITE = 0, 255


def check_pixels(picture: Any) -> npt.NDArray[Any]:
    """An array that is a picture, or say why it is none.

    Parameters
    ----------
    picture : array_like

    Returns
    -------
    (H, W, 3) array

    Raises
    ------
    InputError
        If it has another shape, is empty, or holds what is no finite number.
    """
    try:
        picture = np.asarray(picture)
    except ValueError as error:  # lists of different lengths
        raise InputError("A picture has the shape (H, W, 3); these rows differ.") from error
    if picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise InputError(f"A picture has the shape (H, W, 3), got {_what(picture)}.")
    if picture.dtype.kind not in "fiu" or not np.isfinite(picture).all():
        raise InputError("A picture is made of finite numbers, 0..255; the array holds others.")
    return picture


def check_range(picture: Any) -> npt.NDArray[Any]:
    """The same, and refuse values that no picture has; say so if it is 0..1 instead of 0..255."""
    picture = check_pixels(picture)
    low, high = picture.min(), picture.max()
    if low < BLACK or high > WHITE:
        raise InputError(
            f"A picture is made of numbers 0..255; the array goes from {low:g} to {high:g}: "
            "np.clip(picture, 0, 255) first."
        )
    if picture.dtype.kind == "f" and 0 < high <= 1:
        warn_user(
            f"The array goes up to {high:g}, so its picture is black to the eye: pixels are "
            "0..255. If it was meant to be 0..1, multiply it by 255.",
            stacklevel=4,
        )
    return picture


def _what(picture: npt.NDArray[Any]) -> object:
    """Its shape, or the kind of thing that was taken for an array."""
    return picture.shape if picture.ndim else type(picture.item()).__name__
