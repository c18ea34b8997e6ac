"""Scale pictures."""

import numpy as np
from PIL import Image


def scaled_to(size, shape):
    """(width, height) of a picture of that shape once its longer side has ``size`` pixels."""
    H, W = shape[:2]
    scale = size / max(H, W)
    return max(1, round(W * scale)), max(1, round(H * scale))


def resize(picture, width_height):
    """Scale a picture (Lanczos).

    Parameters
    ----------
    picture : (H, W, 3) array, 0..255
    width_height : (int, int)

    Returns
    -------
    (height, width, 3) float32 array, 0..255
    """
    if picture.shape[1::-1] == tuple(width_height):
        return np.asarray(picture, np.float32)
    image = to_image(picture).resize(width_height, Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)


def to_image(picture):
    """Round a (H, W, 3) array, 0..255, to a Pillow image; values outside are clipped first."""
    return Image.fromarray(np.clip(np.rint(picture), 0, 255).astype(np.uint8))
