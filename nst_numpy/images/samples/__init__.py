"""The pictures that ship with the package (README.md beside this file) and what draws them."""

from importlib.resources import as_file, files

from nst_numpy.images.read import read_picture
from nst_numpy.utils.types import Image

CONTENTS = ("pagoda", "chelsea")
STYLES = ("evening", "window", "woodcut", "mosaic")


def sample_picture(name: str, size: int | None = None) -> Image:
    """One of `CONTENTS` or `STYLES` as a (H, W, 3) float32 array, 0..255."""
    with as_file(files(__name__) / f"{name}.jpg") as path:
        return read_picture(path, size)
