"""Read pictures in any raster format that Pillow decodes, and convert them to sRGB."""

import io

import numpy as np
from PIL import Image, ImageCms

from nst_numpy.images.bit_depth import layers_of, to_8_bits
from nst_numpy.images.open_image import open_image
from nst_numpy.images.picture_header import picture_header
from nst_numpy.images.resize import scaled_size
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import Array, File

SRGB = ImageCms.createProfile("sRGB")
# Measured peaks in bytes per pixel: 12 for JPEG and PNG without transparency, 17 to 21 for other
# 8-bit pictures, 29 to 33 for 16 bits and more, 43 for masks and initial pictures.
PLAIN, OTHER, DEEP, FULL_SIZE = 13, 22, 36, 46
# The color space that a profile must have to fit the mode of an image, and the mode to convert to.
PROFILE_MODES = {"GRAY": ("L", "I;16"), "RGB ": ("RGB",), "CMYK": ("CMYK",), "LAB ": ("LAB",)}
# What each EXIF orientation does to the stored pixels.
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def read_picture(path: File, size: int | None = None) -> Array:
    """Read a picture as sRGB.

    Supports the raster formats that Pillow decodes. Files of every mode pass through the same
    steps:

    1. Samples of 16 bits and more, and floating-point samples (0..1, or 0..maximum), are scaled
       to 8 bits; 0 becomes white in a TIFF with that polarity.
    2. The ICC profile is applied, if there is a valid one for these colors.
    3. Transparent parts become white.
    4. The EXIF orientation is applied.

    Of a file with several pages, the first one is read that is not marked as a reduced version.
    A `Notice` says if another page is larger.

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
    return _read(path, size, use_profile=True)


def read_stored_colors(path: File) -> Array:
    """Like `read_picture`, but without applying the ICC profile: the numbers that are stored."""
    return _read(path, None, use_profile=False)


def picture_shape(path: File) -> tuple[int, int]:
    """(H, W) of the array that `read_picture` returns, read from the header of the file.

    No pixels are decoded, so damaged pixels are not detected.

    Raises
    ------
    InputError
        If the file does not exist or is not a picture.
    """
    with open_image(path) as image:
        header = picture_header(image)
        return header.height, header.width


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
        header = picture_header(image)
        plain = image.format in ("JPEG", "PNG") and not image.has_transparency_data
        deep = image.mode.startswith(("I", "F")) or header.deep_color
        per_pixel = DEEP if deep else PLAIN if plain else OTHER
        return header.height * header.width * (FULL_SIZE if full_size else per_pixel)


def _read(path: File, size: int | None, use_profile: bool) -> Array:
    """The steps of `read_picture`."""
    with open_image(path) as image:
        header = picture_header(image)
        profile = image.info.get("icc_profile") if use_profile else None
        layers = layers_of(image, header, path)
        rgb = _to_srgb(layers.color, profile)
        if layers.opacity is not None:
            rgb = Image.composite(rgb, Image.new("RGB", rgb.size, "white"), layers.opacity)
        if header.orientation in TURNS:
            rgb = rgb.transpose(TURNS[header.orientation])
        if size is not None:  # before the conversion to float32, which takes four times the memory
            rgb = rgb.resize(scaled_size(size, rgb.size[::-1]), Image.Resampling.LANCZOS)
    for notice in filter(None, (header.notice, layers.notice)):
        warn_user(f"{path} {notice}.", stacklevel=3)
    return np.asarray(rgb, np.float32)


def _to_srgb(color: Image.Image, profile: bytes | None) -> Image.Image:
    """Convert colors to 8-bit sRGB, by their profile if it is valid and fits them."""
    try:
        if profile:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            space = source.profile.xcolor_space
            if space == "RGB " and color.mode in ("L", "I;16"):  # gray stored with an RGB profile
                color = (to_8_bits(color) if color.mode == "I;16" else color).convert("RGB")
            if color.mode in PROFILE_MODES.get(space, ()):
                return _converted(color, source)
    except (ImageCms.PyCMSError, OSError):
        pass  # an invalid profile: assume sRGB, as picture viewers do
    if color.mode == "LAB":
        return _converted(color, ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")))
    return (to_8_bits(color) if color.mode == "I;16" else color).convert("RGB")


def _converted(color: Image.Image, source: ImageCms.ImageCmsProfile) -> Image.Image:
    """Convert colors from a profile to 8-bit sRGB."""
    if color.mode not in ("L", "I;16"):
        return _transformed(color, source, ImageCms.Flags.NONE)
    # LittleCMS optimizes at the expense of dark grays, by up to 10 levels. Without this it is
    # slow, so only a ramp of all levels is converted.
    levels = np.asarray(color)  # (H, W)
    ramp = Image.fromarray(np.arange(np.iinfo(levels.dtype).max + 1, dtype=levels.dtype)[None])
    table = np.asarray(_transformed(ramp, source, ImageCms.Flags.NOOPTIMIZE))[0]  # (levels, 3)
    return Image.fromarray(table[levels])


def _transformed(
    color: Image.Image, source: ImageCms.ImageCmsProfile, flags: ImageCms.Flags
) -> Image.Image:
    """Convert colors with LittleCMS."""
    converted = ImageCms.profileToProfile(color, source, SRGB, outputMode="RGB", flags=flags)
    assert converted is not None  # it is None only in place
    return converted
