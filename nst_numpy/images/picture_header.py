"""Decide on page, size, orientation and depth of a picture from the header of its file.

All functions that read pictures use `picture_header`, so that they agree.
"""

import io
import re
import struct
from dataclasses import dataclass
from typing import BinaryIO

from PIL import ExifTags, Image

UPRIGHT = 1
TRANSPOSED = (5, 6, 7, 8)  # EXIF orientations that swap rows and columns
SUBFILE_TYPE, OLD_SUBFILE_TYPE, PHOTOMETRIC = 254, 255, 262  # tags of TIFF
BITS_PER_SAMPLE, SAMPLE_FORMAT = 258, 339
WHITE_IS_ZERO, SIGNED, REDUCED = 0, 2, 1  # their values
DEEP_COLOR = re.compile("(LA|RGB|RGBA|RGBa|RGBX|CMYK);16[BLN]")  # not BGR;16, which are 565 bits
REORDERED = ("zip", "raw", "libtiff")  # decoders that unpack in any byte order
MAX_PAGES = 1000  # a damaged file may have an endless list of pages
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_METADATA = (b"eXIf", b"iTXt", b"tEXt", b"zTXt")  # chunks that may contain the orientation
MAX_CHUNK = 1 << 20  # bytes


@dataclass(frozen=True)
class PictureHeader:
    """What the header of a file says about a picture.

    Attributes
    ----------
    height, width : int
        After the orientation is applied.
    orientation : int
        EXIF orientation (1 to 8) that still has to be applied to the decoded pixels.
    page : int
        Number of the page to read.
    raw_mode : str
        How Pillow unpacks the stored samples, "RGB;16B"; empty if unknown.
    bits : int
        Bits of a sample in a TIFF, else 0.
    signed, white_is_zero : bool
        Whether the samples of a TIFF are signed integers, and whether 0 is white.
    notice : str
        What the user should know about the choice of the page, if anything.
    """

    height: int
    width: int
    orientation: int
    page: int = 0
    raw_mode: str = ""
    bits: int = 0
    signed: bool = False
    white_is_zero: bool = False
    notice: str = ""

    @property
    def deep_color(self) -> bool:
        """Whether these are colors of 16 bits, of which Pillow unpacks the high bytes only."""
        return DEEP_COLOR.fullmatch(self.raw_mode) is not None


def picture_header(image: Image.Image) -> PictureHeader:
    """Read the header of an open picture, and select the page to read.

    Parameters
    ----------
    image : PIL.Image.Image
        As opened, before its pixels are decoded. A TIFF is moved to the selected page.

    Returns
    -------
    PictureHeader
    """
    if image.format == "TIFF":
        return _tiff_header(image)
    W, H = image.size
    orientation = _orientation(image)
    H, W = (W, H) if orientation in TRANSPOSED else (H, W)
    return PictureHeader(H, W, orientation, raw_mode=_raw_mode(image))


def _tiff_header(image: Image.Image) -> PictureHeader:
    """The header of a TIFF. Pillow applies its orientation itself, to the size as well."""
    page, notice = _select_page(image)
    image.seek(page)
    W, H = image.size
    return PictureHeader(
        H,
        W,
        UPRIGHT,
        page,
        _raw_mode(image),
        bits=_first(image, BITS_PER_SAMPLE, 1),
        signed=_first(image, SAMPLE_FORMAT, 1) == SIGNED,
        white_is_zero=_first(image, PHOTOMETRIC, 1) == WHITE_IS_ZERO,
        notice=notice,
    )


def _select_page(image: Image.Image) -> tuple[int, str]:
    """The first page of a TIFF that is not marked as a reduced version of another one.

    Returns
    -------
    page : int
    notice : str
        For the user, if another page is larger, or if there are only reduced versions.
    """
    sizes, reduced = [], []
    for page in range(min(getattr(image, "n_frames", 1), MAX_PAGES)):
        image.seek(page)
        sizes.append(image.size)
        old = _first(image, OLD_SUBFILE_TYPE, 1) == 2  # of the TIFF standard
        reduced.append(bool(_first(image, SUBFILE_TYPE, 0) & REDUCED) or old)
    page = reduced.index(False) if False in reduced else 0
    W, H = sizes[page]
    if reduced[page]:
        return page, (
            f"contains only a preview of {W} x {H} pixels that can be read; if this is a camera "
            "raw file, export it as TIFF, PNG or JPEG first"
        )
    largest = max(range(len(sizes)), key=lambda i: sizes[i][0] * sizes[i][1])
    w, h = sizes[largest]
    if w * h <= W * H:
        return page, ""
    return page, (
        f"has {len(sizes)} pages; page {page + 1} with {W} x {H} pixels is used, although page "
        f"{largest + 1} has {w} x {h} pixels. To use another page, save it as a file of its own"
    )


def _first(image: Image.Image, tag: int, default: int) -> int:
    """The first value of a tag of a TIFF, or the default if it is missing or no number."""
    value = getattr(image, "tag_v2", {}).get(tag, default)
    value = value[0] if isinstance(value, tuple) and value else value
    return int(value) if isinstance(value, int) else default


def _raw_mode(image: Image.Image) -> str:
    """Pillow's name for the layout of the stored samples, where a decoder has such a name."""
    tiles = getattr(image, "tile", None)
    if not tiles or tiles[0][0] not in REORDERED:
        return ""
    arguments = tiles[0][3]
    raw_mode = arguments[0] if isinstance(arguments, tuple) and arguments else arguments
    if raw_mode == "R" and _first(image, BITS_PER_SAMPLE, 8) == 16:
        # One plane per color. Pillow takes its samples for 8 bits.
        order = "L" if getattr(image, "tag_v2").prefix == b"II" else "B"  # noqa: B009
        return f"{image.mode};16{order}"
    return raw_mode if isinstance(raw_mode, str) else ""


def _orientation(image: Image.Image) -> int:
    """The EXIF orientation, 1 to 8; invalid metadata count as none, as in picture viewers."""
    images = [image]
    try:
        if image.format == "PNG" and image.fp is not None:  # type: ignore[attr-defined]
            images.append(_late_metadata(image.fp))  # type: ignore[attr-defined]
        for each in images:
            # PngImageFile.getexif would decode the pixels.
            value = Image.Image.getexif(each).get(ExifTags.Base.Orientation, UPRIGHT)
            if value != UPRIGHT:
                return value if value in range(1, 9) else UPRIGHT
    except Exception:  # damaged metadata raise arbitrary exceptions
        return UPRIGHT
    return UPRIGHT


def _late_metadata(file: BinaryIO) -> Image.Image:
    """An image with the metadata that follow the pixels of a PNG.

    Only the headers of the chunks of pixels are read.
    """
    position = file.tell()
    found = io.BytesIO()
    found.write(PNG_SIGNATURE)
    file.seek(len(PNG_SIGNATURE))
    late = False
    while len(start := file.read(8)) == 8:  # length and type of a chunk
        length, kind = struct.unpack(">I4s", start)
        late = late or kind == b"IDAT"
        if kind == b"IHDR" or (late and kind in PNG_METADATA and length <= MAX_CHUNK):
            found.write(start + file.read(length + 4))
        else:
            file.seek(length + 4, 1)
    file.seek(position)
    found.write(struct.pack(">I4sI", 0, b"IDAT", 0x35AF061E))
    found.seek(0)
    return Image.open(found, formats=["PNG"])
