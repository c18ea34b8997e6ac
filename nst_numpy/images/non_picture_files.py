"""Recognize files that are not pictures in a supported format, for messages."""

import re
from pathlib import Path

START = 4096  # bytes that are read to recognize a file
EXPORT = "export it as PNG or JPEG first"
DOWNLOAD = (
    "the download failed or led to a page that shows the picture; download the picture itself"
)
AGAIN = "download it again, or save it again"

# The start of a file, what the file is, and what to do. The first match counts.
KINDS: tuple[tuple[bytes, str, str], ...] = (
    (rb"\x89PNG|\xff\xd8\xff|GIF8[79]a", "a damaged or truncated PNG, JPEG or GIF", AGAIN),
    (rb"....ftyp(heic|heix|heim|heis|hevc|hevx|mif1|msf1)", "a HEIC picture", EXPORT),
    (rb"....ftypavi[fs]", "an AVIF picture, which this Pillow cannot decode", EXPORT),
    (rb"....ftypcrx", "a camera raw file", EXPORT),
    (rb"....ftyp|\x1aE\xdf\xa3|RIFF....AVI ", "a video", "export one frame as PNG or JPEG first"),
    (rb"\xff\x0a|\0\0\0\x0cJXL ", "a JPEG XL picture", EXPORT),
    (
        rb"RIFF....WEBP",
        "a WebP picture, which is damaged or which this Pillow cannot decode",
        EXPORT,
    ),
    (rb"FUJIFILMCCD-RAW|IIRO|IIRS|IIU\0|II\x1a\0\0\0HEAPCCDR|FOVb", "a camera raw file", EXPORT),
    (rb"(II\*\0|MM\0\*|II\+\0|MM\0\+)", "a TIFF of a kind that Pillow cannot decode", EXPORT),
    (rb"\x76\x2f\x31\x01", "an OpenEXR picture", EXPORT),
    (rb"#\?(RADIANCE|RGBE)", "a Radiance HDR picture", EXPORT),
    (rb"8BPS", "a Photoshop file of a kind that Pillow cannot decode", EXPORT),
    (rb"gimp xcf", "a GIMP project", EXPORT),
    (rb"AT&TFORM", "a DjVu document", EXPORT),
    (rb"%PDF", "a PDF document", "export the page as PNG first"),
    (rb"%!PS|\xc5\xd0\xd3\xc6", "a PostScript (EPS) document", EXPORT),
    (rb"\xd7\xcd\xc6\x9a|\x01\0\x09\0\0\x03|\x01\0\0\0.{36} EMF", "a Windows metafile", EXPORT),
    (rb"\x93NUMPY", "a NumPy array", "load it with `numpy.load` and use the array"),
    (rb"\x89HDF", "an HDF5 file", "choose a picture"),
    (rb"SIMPLE  =", "a FITS file of a kind that Pillow cannot decode", EXPORT),
    (rb"PK\x03\x04", "a zip file or a document in one", "unpack it, or export the picture as PNG"),
    (rb"\x1f\x8b|BZh|7z\xbc\xaf|Rar!|\xfd7zXZ|\x28\xb5\x2f\xfd", "a compressed file", "unpack it"),
)
MARKUP: tuple[tuple[bytes, str, str], ...] = (
    (rb".*<svg\b", "an SVG drawing", EXPORT),
    (rb".*<(!doctype\s+html|html|head|body|title|script)\b", "a web page", DOWNLOAD),
    (rb"<\?xml|<\w", "an XML file", "choose a picture"),
)


def describe_file(path: Path) -> str:
    """What a file is that cannot be opened as a picture, and what to do: a sentence for a message.

    Only the first bytes of the file are read.
    """
    with path.open("rb") as file:
        start = file.read(START)
    if not start:
        return f"{path} is empty; expected a picture: download or save it again."
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    kinds = MARKUP if text.startswith(b"<") else KINDS
    for pattern, kind, advice in kinds:
        if re.match(pattern, text if kinds is MARKUP else start, re.DOTALL | re.IGNORECASE):
            return f"{path} is {kind}; expected a picture in a supported format: {advice}."
    kind = "a text file" if _is_text(start) else "not a picture in a supported format"
    return f"{path} is {kind}; expected a PNG, JPEG, TIFF, WebP, GIF or BMP file."


def _is_text(start: bytes) -> bool:
    """Whether bytes are text without control characters; the last character may be incomplete."""
    text = start.decode("utf-8", "ignore")
    return len(text.encode()) > len(start) - 4 and all(c.isprintable() or c.isspace() for c in text)
