"""Read pictures in any format that Pillow supports and convert them to sRGB."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from typing import Any

import numpy as np
from PIL import ExifTags, Image, ImageCms, ImageFile, ImageOps, UnidentifiedImageError

from nst_numpy.images.resize import scaled_size
from nst_numpy.images.suppress_stderr import suppressed_stderr
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.file_checks import check_input_file
from nst_numpy.utils.process_settings import thread_safe_catch_warnings
from nst_numpy.utils.types import Array, File

SRGB = ImageCms.createProfile("sRGB")
# Measured peaks in bytes per pixel: 12 for JPEG and PNG without transparency, 17 to 21 for other
# 8-bit pictures, 29 to 33 for 16 bits and more, 43 for masks and initial pictures.
PLAIN, OTHER, DEEP, FULL_SIZE = 13, 22, 36, 46
TRANSPOSED = (5, 6, 7, 8)  # EXIF orientations that swap rows and columns


def read_picture(path: File, size: int | None = None) -> Array:
    """Read a picture as sRGB.

    Supports all formats that Pillow reads. Transparent parts become white. The EXIF
    orientation and the ICC profile are applied, and 16-bit gray is scaled to 8 bits.

    Parameters
    ----------
    path : str or path
    size : int, optional
        Pixels of the longer side. By default the picture is not scaled.

    Returns
    -------
    (H, W, 3) float32 array, 0..255

    Raises
    ------
    InputError
        If the file does not exist, is not a picture, is damaged or is too large to open.

    Examples
    --------
    >>> from nst_numpy import write_picture
    >>> write_picture("red.png", np.full((20, 30, 3), (255.0, 0.0, 0.0)))
    >>> read_picture("red.png", size=15).shape
    (10, 15, 3)
    >>> read_picture("red.png")[0, 0]
    array([255.,   0.,   0.], dtype=float32)
    """
    with open_image(path) as image:
        image = _as_rgb(ImageOps.exif_transpose(image))
        if size is not None:  # before the conversion to float32, which takes four times the memory
            image = image.resize(scaled_size(size, image.size[::-1]), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)


def picture_shape(path: File) -> tuple[int, int]:
    """(H, W) of the array that `read_picture` returns, read from the header of the file.

    No pixels are decoded, so damaged pixels are not detected.

    Raises
    ------
    InputError
        If the file does not exist or is not a picture.
    """
    with open_image(path) as image:
        W, H = image.size
        # PngImageFile.getexif would read the whole file; a TIFF already reports the rotated size.
        exif = {} if image.format == "TIFF" else Image.Image.getexif(image)
        return (W, H) if exif.get(ExifTags.Base.Orientation) in TRANSPOSED else (H, W)


def reading_peak_bytes(path: File, full_size: bool = False) -> int:
    """Peak memory of `read_picture` in bytes, estimated from the header of the file.

    Parameters
    ----------
    path : path
    full_size : bool
        Whether the picture is processed without scaling it first (masks, initial pictures).

    Returns
    -------
    int
    """
    with open_image(path) as image:
        W, H = image.size
        plain = image.format in ("JPEG", "PNG") and not image.has_transparency_data
        deep = image.mode.startswith(("I", "F"))
        return W * H * (FULL_SIZE if full_size else DEEP if deep else PLAIN if plain else OTHER)


@contextmanager
def open_image(path: File) -> Iterator[Image.Image]:
    """Open a file as a Pillow image.

    Only the header is read at first. Errors in the pixels are caught while the image is open.

    Raises
    ------
    InputError
        If anything is wrong with the file.
    """
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"A picture must be given as the path of a file, got {short_repr(path)}.")
    path = Path(path)
    check_input_file(path, "picture")
    with _explained_errors(path), thread_safe_catch_warnings():
        warnings.simplefilter("ignore")  # Pillow warns about unusual metadata
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(path) as image, _quiet_decoder(image):
            if isinstance(image, ImageFile.StubImageFile):  # recognized, but Pillow cannot read it
                raise UnidentifiedImageError
            yield image


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
        raise InputError(f"{path} is empty or not a picture in a supported format.") from error
    except MemoryError as error:
        raise InputError(
            f"{path} is damaged, or reading it needs more memory than is available."
        ) from error
    except Exception as error:  # decoders raise arbitrary exceptions on damaged files
        raise InputError(
            f"{path} is damaged or truncated: download it again, or save it again."
        ) from error


def _as_rgb(image: Image.Image) -> Any:  # ImageCms declares its result as Image or None
    """Convert a Pillow image of any mode to 8-bit sRGB."""
    if image.mode.startswith("I") or image.mode == "F":
        return _gray_to_rgb(image)
    if image.mode == "LAB":
        lab = ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(image, lab, SRGB, outputMode="RGB")
    profile = image.info.get("icc_profile")
    if image.mode == "P" and "transparency" not in image.info:
        image = image.convert("RGB")
    if "A" in image.getbands() or "a" in image.getbands() or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image).convert("RGB")
    if profile and image.mode in ("RGB", "L", "CMYK"):
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            return ImageCms.profileToProfile(image, source, SRGB, outputMode="RGB")
        except (ImageCms.PyCMSError, OSError):
            pass  # an invalid profile: assume sRGB, as picture viewers do
    return image.convert("RGB")


def _gray_to_rgb(image: Image.Image) -> Image.Image:
    """Convert 16-bit (0..65535) or floating-point gray (0..1, or 0..maximum) to 8-bit RGB."""
    values = np.array(image, np.float32)
    if not np.isfinite(values).all():
        raise InputError("The picture contains values that are not finite.")
    top = 65535 if image.mode != "F" else max(1.0, float(values.max(initial=0)))
    values *= 255 / top  # in place, to limit the memory
    np.clip(np.rint(values, out=values), 0, 255, out=values)
    return Image.fromarray(values.astype(np.uint8)).convert("RGB")
