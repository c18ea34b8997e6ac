"""Read any picture that Pillow reads, as sRGB."""

import io
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
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
# Bytes a pixel at the peak, measured: JPEG and PNG without transparency take 12, other 8-bit
# pictures 17 to 21, 16 bits and more 29 to 33, masks and pictures to start from 43.
PLAIN, OTHER, DEEP, OWN_SIZE = 13, 22, 36, 46
SIDEWAYS = (5, 6, 7, 8)  # EXIF orientations with rows and columns swapped


def read_picture(path: File, size: int | None = None) -> Array:
    """Read any picture that Pillow reads, as sRGB.

    Transparent parts become white, the EXIF orientation is applied, an ICC profile is
    converted to sRGB, 16-bit gray is scaled to 8 bit.

    Parameters
    ----------
    path : str or path
    size : int, optional
        Pixels of the longer side; without it the picture keeps its own size.

    Returns
    -------
    (H, W, 3) float32 array, 0..255

    Raises
    ------
    InputError
        If there is no such file, or it is no picture, damaged or too large to open.

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
        if size is not None:  # before the numbers get four times as long
            image = image.resize(scaled_size(size, image.size[::-1]), Image.Resampling.LANCZOS)
    return np.asarray(image, np.float32)


def picture_shape(path: File) -> tuple[int, int]:
    """(H, W) of a picture file as `read_picture` gives it, from its header: no pixel is decoded.

    A file whose pixels are damaged still has a shape; `InputError` is raised for all else.
    """
    with open_image(path) as image:
        W, H = image.size
        # Pillow's own getexif reads a PNG to its end; that of a TIFF is in its size already.
        exif = {} if image.format == "TIFF" else Image.Image.getexif(image)
        return (W, H) if exif.get(ExifTags.Base.Orientation) in SIDEWAYS else (H, W)


def reading_peak_bytes(path: File, own_size: bool = False) -> int:
    """Peak of `read_picture` in bytes, from the file's header.

    Parameters
    ----------
    path : path
    own_size : bool
        Whether the picture is worked on as large as it is (masks, pictures to start from).
    """
    with open_image(path) as image:
        W, H = image.size
        plain = image.format in ("JPEG", "PNG") and not image.has_transparency_data
        deep = image.mode.startswith(("I", "F"))
        return W * H * (OWN_SIZE if own_size else DEEP if deep else PLAIN if plain else OTHER)


@contextmanager
def open_image(path: File) -> Iterator[Image.Image]:
    """The Pillow image of a file, only its header read, and what goes wrong with it told."""
    if not isinstance(path, str | os.PathLike):
        raise InputError(f"A picture is read from a file, got {short_repr(path)}.")
    path = Path(path)
    check_input_file(path, "picture")
    try:
        with thread_safe_catch_warnings():
            warnings.simplefilter("ignore")  # Pillow on odd metadata
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with (
                Image.open(path) as image,
                suppressed_stderr() if image.format == "TIFF" else nullcontext(),
            ):
                if isinstance(image, ImageFile.StubImageFile):  # known by name, read by nobody
                    raise UnidentifiedImageError
                yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise InputError(
            f"{path} has more than {(Image.MAX_IMAGE_PIXELS or 0) // 10**6} million pixels, too "
            "many to open safely: make it smaller first."
        ) from error
    except InputError:
        raise
    except UnidentifiedImageError as error:
        raise InputError(
            f"{path} is empty or not a picture in a format that can be read."
        ) from error
    except MemoryError as error:
        raise InputError(
            f"{path} is damaged, or takes more memory to be read than there is."
        ) from error
    except Exception as error:  # decoders raise whatever damaged bytes lead them to
        raise InputError(
            f"{path} is damaged or cut short: get it again, or save it anew."
        ) from error


def _as_rgb(image: Image.Image) -> Any:  # an image, of which ImageCms says that it may be None
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
            pass  # an unusable profile: the picture is taken to be sRGB, as viewers do
    return image.convert("RGB")


def _gray_to_rgb(image: Image.Image) -> Image.Image:
    """16-bit (0..65535) or floating-point gray (0..1, or its own range) to 8-bit RGB."""
    values = np.array(image, np.float32)
    if not np.isfinite(values).all():
        raise InputError("The picture holds values that are not finite.")
    top = 65535 if image.mode != "F" else max(1.0, float(values.max(initial=0)))
    values *= 255 / top  # in place, because such a picture takes much memory
    np.clip(np.rint(values, out=values), 0, 255, out=values)
    return Image.fromarray(values.astype(np.uint8)).convert("RGB")
