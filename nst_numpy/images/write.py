"""Write pictures atomically."""

import io
import os
import tempfile
from collections.abc import Collection, Iterable
from pathlib import Path
from typing import Any

import numpy.typing as npt
from PIL import Image

from nst_numpy.images.array_checks import as_picture
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
# Without dates, equal jobs write equal files.
NO_DATES = {"title": None, "creationDate": None, "modDate": None}
SAVE_OPTIONS: dict[str, dict[str, Any]] = {
    "JPEG": {"quality": 95, "subsampling": 0},  # 4:4:4; otherwise fine strokes lose their color
    "WEBP": {"quality": 95},
    "PDF": {"quality": 95, "subsampling": 0, "resolution": 150, **NO_DATES},
}


def format_of(path: File) -> str | None:
    """Pillow's name of the format that a file name stands for; None if it is not supported."""
    return FORMATS.get(Path(path).suffix.lower())


def check_output(
    path: File, inputs: Iterable[File] = (), formats: Collection[str] = tuple(FORMATS)
) -> None:
    """Check that a picture or another file can be written, before the computation starts.

    Parameters
    ----------
    path : str or path
        The output file. Its extension determines the format.
    inputs : iterable of path
        Files that must not be overwritten.
    formats : collection of str
        The allowed extensions.

    Raises
    ------
    InputError
        If the extension is unknown, the folder does not exist or is not writable, or the path
        is a folder or one of the inputs.
    """
    path = Path(path)
    _check_extension(path, formats)
    check_output_file(path, "file")
    target = Path(os.path.realpath(path)) if path.is_symlink() else path
    if not os.path.isdir(target.parent):
        raise InputError(
            f"There is no folder {target.parent} to write {target.name} into: create it first."
        )
    for other in inputs:
        if os.path.exists(path) and os.path.exists(other) and os.path.samefile(path, other):
            raise InputError(f"{path} is one of the input pictures: choose another output file.")
    try:
        with tempfile.TemporaryFile(dir=target.parent):
            pass
    except OSError as error:
        raise InputError(
            f"The folder {target.parent} cannot be written: {error.strerror}."
        ) from error


def write_picture(
    path: File, picture: npt.NDArray[Any], metadata: dict[str, Any] | None = None
) -> None:
    """Write a picture atomically, in the format of the extension of the path.

    Parameters
    ----------
    path : str or path
    picture : (H, W, 3) array, 0..255
        Values are clipped to 0..255 and rounded. Also (H, W) for gray, (H, W, 4) with opacity,
        which is put on white, and bool arrays, which are black and white.
    metadata : dict, optional
        Plain JSON values to store in the file, see `nst_numpy.images.metadata`.

    Raises
    ------
    InputError
        If the array is not a picture or has levels of 16 bits, or the file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> write_picture("red.png", np.full((2, 3, 3), (255.0, 0.0, 0.0)))
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(
            f"The output of a picture must be the path of a file, got {short_repr(path)}."
        )
    path = Path(path)
    _check_extension(path, FORMATS)
    picture = as_picture(picture, f"The picture to write to {path}", clipped=True)
    format = FORMATS[path.suffix.lower()]
    options = SAVE_OPTIONS.get(format, {}) | metadata_options(format, metadata)
    write_image(path, to_image(picture), format, **options)


def write_image(path: Path, image: Image.Image, format: str, **options: Any) -> None:
    """Save a Pillow image atomically, see `nst_numpy.utils.atomic_files`.

    Parameters
    ----------
    path : path
    image : PIL.Image.Image
    format : str
        Pillow's name of the format.
    **options
        Options of Pillow's ``save``.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    encoded = io.BytesIO()
    try:
        # Encode in memory: on a full disk, Pillow takes a partial write for a complete one.
        image.save(encoded, format, **options)
        with atomic_file(path) as file:
            file.write(encoded.getbuffer())
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise InputError(f"{path} cannot be written: {why}.") from error


def _check_extension(path: Path, formats: Collection[str]) -> None:
    """Raise `InputError` if the extension of the path is not one of the formats."""
    if path.suffix.lower() not in formats:
        raise InputError(
            f"{path}: files with the extension {path.suffix or '(none)'} cannot be written; use "
            f"{', '.join(formats)}."
        )
