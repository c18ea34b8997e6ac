"""Sample pictures that ship with the package, see README.md in this folder."""

from importlib.resources import as_file, files

from nst_numpy.images.read import read_picture
from nst_numpy.utils.types import Image

CONTENTS = ("pagoda", "chelsea")
STYLES = ("evening", "window", "woodcut", "mosaic")


def sample_picture(name: str, size: int | None = None) -> Image:
    """Read a sample picture.

    Parameters
    ----------
    name : str
        One of `CONTENTS` or `STYLES`.
    size : int, optional
        Pixels of the longer side. By default the picture is not scaled.

    Returns
    -------
    (H, W, 3) float32 array, 0..255

    Examples
    --------
    >>> sample_picture("pagoda", size=48).shape
    (32, 48, 3)
    """
    with as_file(files(__name__) / f"{name}.jpg") as path:
        return read_picture(path, size)
