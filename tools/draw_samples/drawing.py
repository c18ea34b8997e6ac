"""Functions that the four drawings share: coordinates, noise, soft masks, colors, downsampling.

A scene is composed in coordinates x (0 to width / height) and y (0 to 1, downward), so it can be
drawn at any size. It is drawn two or three times larger and downsampled at the end, which smooths
all edges.
"""

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt
from numpy.random import Generator
from scipy import ndimage

from nst_numpy.utils.types import Array, Picture

Areas: TypeAlias = npt.NDArray[np.integer[Any]]  # (H, W), one number per area
Mask: TypeAlias = npt.NDArray[np.bool_]
Colors: TypeAlias = Sequence[tuple[int, int, int]] | npt.NDArray[Any]


def coordinates(height: int, width: int) -> tuple[Array, Array]:
    """Coordinates of the pixel centers in units of the height.

    Returns
    -------
    x, y : (height, width) float64
    """
    return np.meshgrid((np.arange(width) + 0.5) / height, (np.arange(height) + 0.5) / height)


def noise(rng: Generator, x: Array, y: Array, size: float, octaves: int = 3) -> Array:
    """Smooth noise of about unit variance at the points x, y.

    Cubic splines through a lattice of normal numbers, each octave half as large and half as strong.

    Parameters
    ----------
    rng : numpy.random.Generator
    x, y : arrays of one shape, from about -0.5 to 1.5
    size : float
        Distance of the lattice points of the first octave.
    octaves : int

    Returns
    -------
    array of the shape of x
    """
    total = np.zeros_like(x)
    for octave in range(octaves):
        step = size / 2**octave
        lattice = rng.standard_normal((int(1.5 / step) + 6, int(2.5 / step) + 6))
        at = [y / step + 2, x / step + 2]
        total = total + 0.5**octave * ndimage.map_coordinates(lattice, at, order=3, mode="reflect")
    return total * 1.2


def edge(t: Array, softness: float = 0.003) -> Array:
    """A soft step: 0 where t is well below 0, 1 where it is well above, a cubic ramp between."""
    s: Array = np.clip(t / softness + 0.5, 0, 1)
    return s * s * (3 - 2 * s)


def bump(t: Array) -> Array:
    """The bell curve exp(-t^2)."""
    return np.asarray(np.exp(-(t**2)))


def ramp(t: Array, colors: Colors) -> Array:
    """The colors of a list, interpolated at t in [0, 1].

    Returns
    -------
    t.shape + (3,) float64
    """
    stops = np.linspace(0, 1, len(colors))
    return np.stack([np.interp(t, stops, np.array(colors, float)[:, c]) for c in range(3)], -1)


def over(picture: Array, mask: Array, color: npt.ArrayLike) -> Array:
    """Paint a color, or a picture of colors, over the picture where the mask is 1."""
    return picture + mask[..., None] * (np.asarray(color, float) - picture)


def lay(
    area: Areas, color: Array, mask: Mask, number: npt.ArrayLike, shade: npt.ArrayLike
) -> tuple[Areas, Array]:
    """Give the masked pixels a new area number and a new color; return both arrays."""
    return np.where(mask, number, area), np.where(mask[..., None], shade, color)


def borders(area: Areas) -> Mask:
    """True at each pixel whose upper or left neighbor belongs to another area."""
    border = np.zeros(area.shape, bool)
    border[1:] |= area[1:] != area[:-1]
    border[:, 1:] |= area[:, 1:] != area[:, :-1]
    return border


def shrink(picture: Array, factor: int) -> Picture:
    """Average blocks of factor x factor pixels and round.

    Parameters
    ----------
    picture : (factor H, factor W, 3) float, 0 to 255
    factor : int

    Returns
    -------
    (H, W, 3) uint8
    """
    H, W = picture.shape[:2]
    blocks = picture.reshape(H // factor, factor, W // factor, factor, 3)
    return np.clip(blocks.mean((1, 3)) + 0.5, 0, 255).astype(np.uint8)
