"""Store metadata in picture files and read them: one JSON text in PNG, JPEG and WebP."""

import json
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from nst_numpy.images.open_image import open_image
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.json_text import parse_json
from nst_numpy.utils.types import File, Record

KEYWORD = "nst_numpy"  # of the text chunk in a PNG
EXIF, USER_COMMENT = 0x8769, 0x9286  # EXIF tags, for JPEG and WebP
WITHOUT_METADATA = (".tif", ".tiff", ".bmp", ".pdf")
ASCII = b"ASCII\0\0\0"  # prefix of an EXIF user comment


def metadata_options(format: str, metadata: Record | None) -> dict[str, Any]:
    """Options of Pillow's ``save`` that store metadata in a file.

    Parameters
    ----------
    format : str
        Pillow's name of the format. TIFF, BMP and PDF files get no metadata.
    metadata : dict or None
        Plain JSON values.

    Returns
    -------
    dict
    """
    if metadata is None or format not in ("PNG", "JPEG", "WEBP"):
        return {}
    text = json.dumps(metadata)
    if format == "PNG":
        chunk = PngImagePlugin.PngInfo()
        chunk.add_text(KEYWORD, text)
        return {"pnginfo": chunk}
    exif = Image.Exif()
    exif[EXIF] = {USER_COMMENT: ASCII + text.encode()}  # get_ifd(EXIF) fails with Pillow 11.0
    return {"exif": exif}


def read_metadata(path: File) -> Any:
    """Read the metadata that `nst_numpy.images.write_picture` stored in a file.

    Raises
    ------
    InputError
        If the file cannot be read or has no metadata.
    """
    if Path(path).suffix.lower() in WITHOUT_METADATA:
        raise InputError(
            f"{path} has no metadata about how it was made: only PNG, JPEG and WebP files do."
        )
    with open_image(path) as image:
        comment = image.getexif().get_ifd(EXIF).get(USER_COMMENT, b"")
        text = image.info.get(KEYWORD) or bytes(comment).removeprefix(ASCII)
    try:
        return parse_json(text)
    except ValueError as error:
        raise InputError(
            f"{path} has no metadata about how it was made: choose a picture written by nst_numpy."
        ) from error
