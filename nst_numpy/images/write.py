"""Write pictures, whole or not at all."""

import io
import os
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy.typing as npt
from PIL import Image

from nst_numpy.images.array_checks import check_pixels
from nst_numpy.images.metadata import metadata_options
from nst_numpy.images.resize import to_image
from nst_numpy.utils.atomic_files import atomic_file
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.file_checks import check_output_file
from nst_numpy.utils.types import File

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
NO_DATES = {"title": None, "creationDate": None, "modDate": None}  # equal jobs give equal bytes
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},  # 4:4:4, or fine strokes lose their color
    "WEBP": {"quality": 95},
    "PDF": {"quality": 95, "subsampling": 0, "resolution": 150, **NO_DATES},
}


def check_output(
    path: File, inputs: Iterable[File] = (), formats: Collection[str] = tuple(FORMATS)
) -> None:
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
    check_output_file(path, "file")
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


def write_picture(
    path: File, picture: npt.NDArray[Any], metadata: dict[str, Any] | None = None
) -> None:
    """Write a picture in the format that the path's ending names, whole or not at all.

    Parameters
    ----------
    path : str or path
    picture : (H, W, 3) array, 0..255
        Values outside are clipped, then rounded.
    metadata : dict, optional
        Plain values to be kept in the file (`nst_numpy.images.metadata`): where it comes from.

    Raises
    ------
    InputError
        If it is no picture, or cannot be written there.

    Examples
    --------
    >>> import numpy as np
    >>> write_picture("red.png", np.full((2, 3, 3), (255.0, 0.0, 0.0)))
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"A picture is written to a file, got {short_repr(path)}.")
    path, picture = Path(path), check_pixels(picture)
    _check_ending(path, FORMATS)
    format = FORMATS[path.suffix.lower()]
    options = SAVE_OPTIONS.get(format, {}) | metadata_options(format, metadata)
    write_image(path, to_image(picture), format, **options)


def write_image(path: Path, image: Image.Image, format: str, **options: Any) -> None:
    """Save a Pillow image, whole or not at all.

    A crash or a full disk leaves the earlier file as it was.

    Parameters
    ----------
    path : path
    image : PIL.Image.Image
    format : str
        As Pillow names it.
    **options
        Of Pillow's ``save``.
    """
    encoded = io.BytesIO()
    try:
        # Not into the file: on a full disk Pillow takes a part of the bytes written for all.
        image.save(encoded, format, **options)
        with atomic_file(path) as file:
            file.write(encoded.getbuffer())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be written: {why}.") from error


def _check_ending(path: Path, formats: Collection[str]) -> None:
    """Refuse a path whose ending stands for none of the formats."""
    if path.suffix.lower() not in formats:
        raise InputError(
            f"{path}: the ending {path.suffix or '(none)'} is no format that can be written; use "
            f"{', '.join(formats)}."
        )
