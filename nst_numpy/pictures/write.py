"""Write pictures, whole or not at all."""

import os
import tempfile
from pathlib import Path

from nst_numpy.errors import InputError
from nst_numpy.pictures.resize import to_image

FORMATS = {
    ".png": "PNG",
    ".jpg": "JPEG",
    ".jpeg": "JPEG",
    ".webp": "WEBP",
    ".tif": "TIFF",
    ".tiff": "TIFF",
    ".bmp": "BMP",
    ".pdf": "PDF",
}
SAVE_OPTIONS = {
    "JPEG": {"quality": 95, "subsampling": 0},  # 4:4:4, or fine strokes lose their color
    "WEBP": {"quality": 95},
    "PDF": {"quality": 95, "subsampling": 0, "resolution": 150},
}


def check_output(path, inputs=(), formats=FORMATS):
    """Find out before the work starts whether a picture can be written, or another file.

    Parameters
    ----------
    path : str or path
        Where the picture shall go; its ending names the format.
    inputs : sequence of path
        Files that must not be overwritten.
    formats : collection of str
        The endings that it may have.

    Raises
    ------
    InputError
        If the ending names no known format, or the folder does not exist or cannot be
        written, or the path is a folder or one of the inputs.
    """
    path = Path(path)
    _check_ending(path, formats)
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder; expected the name of a file to write.")
    if not os.path.isdir(path.parent):
        raise InputError(
            f"There is no folder {path.parent} to write {path.name} into: make it first."
        )
    for other in inputs:
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise InputError(f"{path} is one of the pictures read: choose another output.")
    try:
        with tempfile.TemporaryFile(dir=path.parent):
            pass
    except OSError as error:
        raise InputError(
            f"The folder {path.parent} cannot be written: {error.strerror}."
        ) from error


def write_picture(path, picture):
    """Write a picture in the format that the path's ending names, whole or not at all.

    Parameters
    ----------
    path : str or path
    picture : (H, W, 3) array, 0..255
        Values outside are clipped, then rounded.
    """
    path = Path(path)
    _check_ending(path, FORMATS)
    format = FORMATS[path.suffix.lower()]
    write_image(path, to_image(picture), format, **SAVE_OPTIONS.get(format, {}))


def write_image(path, image, format, **options):
    """Save a Pillow image, whole or not at all.

    It is written beside its place and then renamed, so that a crash or a full disk leaves
    the earlier file as it was.

    Parameters
    ----------
    path : path
    image : PIL.Image.Image
    format : str
        As Pillow names it.
    **options
        Of Pillow's ``save``.
    """
    part = path.with_name(f".{os.getpid()}.part")
    try:
        with part.open("wb") as file:
            image.save(file, format, **options)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be written: {error}.") from error
    finally:
        part.unlink(missing_ok=True)


def _check_ending(path, formats):
    """Refuse a path whose ending stands for none of the formats."""
    if path.suffix.lower() not in formats:
        raise InputError(
            f"{path}: the ending {path.suffix or '(none)'} is no format that can be written; use "
            f"{', '.join(formats)}."
        )
