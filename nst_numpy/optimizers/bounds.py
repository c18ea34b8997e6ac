"""Bounds on the elements of an array."""

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.types import Array, Bounds


def free_elements(x: Array, g: Array, bounds: Bounds) -> npt.NDArray[np.bool_]:
    """P: False for each element that lies on a bound and that -g would move across it."""
    low, high = bounds
    return ~(((x <= low) & (g > 0)) | ((x >= high) & (g < 0)))


def remove_outward(x: Array, d: Array, bounds: Bounds) -> Array:
    """d with 0 for each element that lies on a bound and that d would move across it."""
    low, high = bounds
    outward = ((x <= low) & (d < 0)) | ((x >= high) & (d > 0))
    return d * ~outward
