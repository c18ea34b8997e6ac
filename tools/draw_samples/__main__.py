"""Draw the four style pictures that ship with the package, each from its seed.

python -m tools.draw_samples FOLDER
"""

import sys
from pathlib import Path

from PIL import Image

from nst_numpy.utils.types import File
from tools.draw_samples.evening import evening
from tools.draw_samples.mosaic import mosaic
from tools.draw_samples.window import window
from tools.draw_samples.woodcut import woodcut

STYLES = {"evening": evening, "window": window, "woodcut": woodcut, "mosaic": mosaic}


def draw(folder: File) -> None:
    """Draw all styles and write them as FOLDER/NAME.jpg, about 100 kB each.

    Parameters
    ----------
    folder : str or path
        Created if it does not exist.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, style in STYLES.items():
        path = folder / f"{name}.jpg"
        Image.fromarray(style()).save(path, quality=82, optimize=True)
        print(path)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m tools.draw_samples FOLDER")
    draw(sys.argv[1])
