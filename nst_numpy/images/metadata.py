"""What a picture file says about itself: one JSON text, where its format has a place for it."""

import json
from pathlib import Path
from typing import Any

from PIL import Image, PngImagePlugin

from nst_numpy.images.read import open_image
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File, Record

KEYWORD = "nst_numpy"  # of the text chunk in a PNG
EXIF, USER_COMMENT = 0x8769, 0x9286  # of the others
WITHOUT = (".tif", ".tiff", ".bmp", ".pdf")
ASCII = b"ASCII\0\0\0"  # how a user comment begins


def metadata_options(format: str, metadata: Record | None) -> dict[str, Any]:
    """The options of Pillow's ``save`` that put metadata into a file.

    Parameters
    ----------
    format : str
        Pillow's name. TIFF, BMP and PDF get none.
    metadata : dict or None
        Plain values.

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
    exif.get_ifd(EXIF)[USER_COMMENT] = ASCII + text.encode()
    return {"exif": exif}


def read_metadata(path: File) -> Any:
    """The metadata that `nst_numpy.images.write_picture` put into a file.

    Raises
    ------
    InputError
        If the file cannot be read or has none.
    """
    if Path(path).suffix.lower() in WITHOUT:
        raise InputError(f"{path} cannot tell how it was made: only PNG, JPEG and WebP do.")
    with open_image(path) as image:
        comment = image.getexif().get_ifd(EXIF).get(USER_COMMENT, b"")
        text = image.info.get(KEYWORD) or bytes(comment).removeprefix(ASCII)
    try:
        return json.loads(text)
    except ValueError as error:
        raise InputError(
            f"{path} does not tell how it was made: name a picture as this package wrote it."
        ) from error
