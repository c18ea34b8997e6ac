"""Open the file of a picture: the formats that are accepted, and the errors."""

import os
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from nst_numpy.images.non_picture_files import describe_file
from nst_numpy.images.suppress_stderr import suppressed_stderr
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.file_checks import check_input_file
from nst_numpy.utils.thread_safe_warnings import thread_safe_catch_warnings
from nst_numpy.utils.types import File

# Raster formats that Pillow decodes in this process. Not in the list: EPS, which starts
# Ghostscript, WMF, which calls the graphics of Windows, and formats without a decoder.
COMMON_FORMATS = ("PNG", "JPEG", "MPO", "GIF", "BMP", "PPM")  # loaded with Pillow itself
OTHER_FORMATS: tuple[str, ...] = (
    *("TIFF", "WEBP", "AVIF", "JPEG2000", "PSD", "TGA", "ICO", "CUR", "ICNS", "DDS", "DIB", "PCX"),
    *("DCX", "SGI", "QOI", "FITS", "XBM", "XPM", "SUN", "IM", "IMT", "BLP", "FTEX", "FLI", "GBR"),
    *("MCIDAS", "MSP", "PCD", "PIXAR", "SPIDER", "XVTHUMB"),
)


@contextmanager
def open_image(path: File) -> Iterator[Image.Image]:
    """Open a file as a Pillow image.

    Only the header is read at first. Errors in the pixels are caught while the image is open.
    Warnings are suppressed in the meantime.

    Raises
    ------
    InputError
        If anything is wrong with the file.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"A picture must be given as the path of a file, got {short_repr(path)}.")
    check_input_file(path, "picture")
    path = Path(path)
    with _explained_errors(path), thread_safe_catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about unusual metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with _open(path) as image, _quiet_decoder(image):
            yield image


def _open(path: Path) -> Image.Image:
    """Recognize the format among the accepted ones; load Pillow's other decoders if needed."""
    Image.preinit()
    try:
        return Image.open(path, formats=[f for f in COMMON_FORMATS if f in Image.OPEN])
    except (UnidentifiedImageError, ValueError):  # ValueError: Pillow 11.0, on an invalid header
        Image.init()
    try:
        return Image.open(path, formats=[f for f in OTHER_FORMATS if f in Image.OPEN])
    except ValueError as error:
        raise UnidentifiedImageError from error


def _quiet_decoder(image: Image.Image) -> AbstractContextManager[None]:
    """Suppress the messages that libtiff prints."""
    return suppressed_stderr() if image.format == "TIFF" else nullcontext()


@contextmanager
def _explained_errors(path: Path) -> Iterator[None]:
    """Turn every exception of Pillow into an `InputError`."""
    try:
        yield
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(
            f"{path} has more than {(Image.MAX_IMAGE_PIXELS or 0) // 10**6} million pixels, too "
            "many to open safely: scale it down first."
        ) from error
    except UnidentifiedImageError as error:
        raise InputError(describe_file(path)) from error
    except MemoryError as error:
        raise InputError(
            f"{path} is damaged, or reading it needs more memory than is available."
        ) from error
    except Exception as error:  # decoders raise arbitrary exceptions on damaged files
        raise InputError(
            f"{path} is damaged or truncated: download it again, or save it again."
        ) from error
