"""Convert arrays to pictures (H, W, 3), as files of the same kinds are converted."""

from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.thread_safe_warnings import warn_user

BLACK, WHITE = 0, 255
WHITE_16 = 65535
# Results may exceed white, for example where colors are kept. Floating-point values above this
# are not such results, but levels of 16 bits.
FAR_ABOVE_WHITE = 4 * WHITE
LAYOUTS = "(H, W, 3) for red, green, blue; (H, W) for gray; or (H, W, 4) with opacity"


def check_layout(picture: Any, name: str = "A picture") -> npt.NDArray[Any]:
    """Return a picture as an array (H, W, channels) after checking its shape and dtype.

    Parameters
    ----------
    picture : array_like
        Of the shape (H, W), or (H, W, C) with C = 1 (gray), 2 (gray and opacity), 3 (RGB) or 4
        (RGBA). A bool array is black and white.
    name : str
        What to call the picture in messages.

    Returns
    -------
    (H, W, C) array
        With finite integer or floating-point values.

    Raises
    ------
    InputError
        If the shape or the dtype is another one, the array is empty, or a value is not finite.
    """
    try:
        array = np.asarray(picture)
    except ValueError as error:  # nested lists of different lengths
        raise InputError(
            f"{name} must have the shape (H, W, 3), but its rows have different lengths."
        ) from error
    if array.ndim == 2 and array.size:
        array = array[:, :, None]
    if array.ndim != 3 or array.shape[2] not in (1, 2, 3, 4) or not array.size:
        got = array.shape if array.ndim else short_repr(array.item())
        hint = ""
        if array.ndim == 3 and array.shape[0] in (1, 3):
            hint = " If its first axis is the color, apply np.moveaxis(picture, 0, -1) first."
        raise InputError(f"{name} must have the shape {LAYOUTS}; got {got}.{hint}")
    if array.dtype.kind == "b":
        return np.where(array, WHITE, BLACK).astype(np.uint8)
    if array.dtype.kind not in "fiu":
        raise InputError(f"{name} must consist of numbers, 0..255; its dtype is {array.dtype}.")
    if not np.isfinite(array).all():
        count = array.size - np.count_nonzero(np.isfinite(array))
        raise InputError(
            f"The pixels of a picture must be finite numbers, 0..255. {name} has {count} values "
            "that are infinite or not a number: replace them first."
        )
    return array


def as_picture(picture: Any, name: str = "A picture", clipped: bool = False) -> npt.NDArray[Any]:
    """Return an array as a picture (H, W, 3), 0..255; transparent parts become white.

    Warns if the values look like 0..1 instead of 0..255.

    Parameters
    ----------
    picture : array_like
        As for `check_layout`.
    name : str
        What to call the picture in messages.
    clipped : bool
        Whether values that are slightly outside of 0..255 are allowed, because the caller clips
        them.

    Returns
    -------
    (H, W, 3) array

    Raises
    ------
    InputError
        If the array is not a picture or a value is outside of 0..255.
    """
    array = check_layout(picture, name)  # (H, W, C)
    _check_range(array, name, clipped)
    channels = array.shape[2]
    color = array[..., :1] if channels <= 2 else array[..., :3]
    if channels in (2, 4):
        opacity = np.clip(array[..., -1:].astype(np.float32) / WHITE, 0, 1)  # (H, W, 1)
        color = color * opacity + WHITE * (1 - opacity)
    return np.broadcast_to(color, (*array.shape[:2], 3))  # (H, W, 3)


def _check_range(array: npt.NDArray[Any], name: str, clipped: bool) -> None:
    """Check that the values lie in 0..255; warn if they look like 0..1."""
    low, high = array.min(), array.max()
    integer = array.dtype.kind in "iu"
    if high > (WHITE if integer or not clipped else FAR_ABOVE_WHITE):
        advice = "apply np.clip(picture, 0, 255)"
        if high <= WHITE_16 and (integer or high > FAR_ABOVE_WHITE):
            advice = "if it ranges from 0 to 65535, divide it by 257"
        elif high > WHITE_16:
            advice = f"scale it, picture * (255 / {high:g})"
        raise _out_of_range(name, low, high, advice)
    if low < BLACK and not clipped:
        raise _out_of_range(name, low, high, "apply np.clip(picture, 0, 255)")
    if array.dtype.kind == "f" and 0 < high <= 1:
        warn_user(
            f"The largest value of {name[0].lower()}{name[1:]} is {high:g}, so it is almost black: "
            "pixels range from 0 to 255. If the array ranges from 0 to 1, multiply it by 255.",
            stacklevel=5,
        )


def _out_of_range(name: str, low: float, high: float, advice: str) -> InputError:
    return InputError(
        f"The pixels of a picture must be in 0..255. {name} ranges from {low:g} to {high:g}: "
        f"{advice} first."
    )
