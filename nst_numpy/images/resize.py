"""Scale pictures and convert them to Pillow images."""

from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from nst_numpy.utils.types import Array, Shape


def scaled_size(size: int, shape: Shape) -> tuple[int, int]:
    """(width, height) of a picture after scaling its longer side to ``size`` pixels.

    Parameters
    ----------
    size : int
    shape : (H, W) or (H, W, 3)
        Shape of the picture before scaling.
    """
    H, W = shape[:2]
    scale = size / max(H, W)
    return max(1, round(W * scale)), max(1, round(H * scale))


def resize(picture: npt.NDArray[Any], width_height: tuple[int, int]) -> Array:
    """Scale a picture with a Lanczos filter.

    Parameters
    ----------
    picture : (H, W, 3) array, 0..255
    width_height : (int, int)

    Returns
    -------
    (height, width, 3) float32 array, 0..255

    Examples
    --------
    >>> resize(np.zeros((40, 60, 3)), (30, 20)).shape
    (20, 30, 3)
    """
    if picture.shape[1::-1] == tuple(width_height):
        return np.asarray(picture, np.float32)
    image = to_image(picture).resize(width_height, Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)


def to_image(picture: npt.NDArray[Any]) -> Image.Image:
    """Round an (H, W, 3) array to a Pillow image; values are clipped to 0..255."""
    return Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
