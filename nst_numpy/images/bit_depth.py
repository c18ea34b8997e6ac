"""Convert the stored samples of a picture to 8 bits: depth, range, polarity and transparency."""

import sys
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFile

from nst_numpy.images.open_image import open_image
from nst_numpy.images.picture_header import PictureHeader
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, File

MAX_8, MAX_16 = 255, 65535
OTHER_ORDER = {"B": "L", "L": "B", "N": "L" if sys.byteorder == "big" else "B"}
Samples = npt.NDArray[Any]


@dataclass(frozen=True)
class Layers:
    """The color and the opacity of a picture.

    Attributes
    ----------
    color : PIL.Image.Image
        In the mode L, I;16, RGB, CMYK or LAB, before the color profile is applied.
    opacity : PIL.Image.Image or None
        In the mode L, 255 where the picture is opaque; None if it is opaque everywhere.
    notice : str
        What the user should know about the range of the samples, if anything.
    """

    color: Image.Image
    opacity: Image.Image | None = None
    notice: str = ""


def layers_of(image: Image.Image, header: PictureHeader, path: File) -> Layers:
    """Separate an image of any mode into color and opacity.

    Parameters
    ----------
    image : PIL.Image.Image
        At the page of the header, not decoded yet.
    header : PictureHeader
    path : path
        The file of the image, which may be opened again.

    Returns
    -------
    Layers

    Raises
    ------
    InputError
        If a floating-point picture contains values that are not finite.
    """
    if header.deep_color:
        return _deep_color(image, header, path)
    if image.mode.startswith("I") or image.mode == "F":
        return _deep_gray(image, header, path)
    _scale_transparent_level(image, header.raw_mode)
    return _plain(image)


def _plain(image: Image.Image) -> Layers:
    """Color and opacity of a picture of at most 8 bits."""
    if image.mode in ("La", "RGBa"):  # colors multiplied by the opacity
        image = image.convert(image.mode.upper())
    if image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info:
        image = image.convert("LA" if image.mode in ("1", "L", "LA") else "RGBA")
        return Layers(image.convert(image.mode[:-1]), image.getchannel("A"))
    if image.mode in ("L", "RGB", "CMYK", "LAB"):
        image.load()
        return Layers(image)
    return Layers(image.convert("L" if image.mode == "1" else "RGB"))


def _scale_transparent_level(image: Image.Image, raw_mode: str) -> None:
    """Scale the transparent gray level of a PNG of 2 or 4 bits as Pillow scales the pixels."""
    factor = {"L;2": 85, "L;4": 17}.get(raw_mode)
    level = image.info.get("transparency")
    if factor and image.format == "PNG" and isinstance(level, int):
        image.info["transparency"] = level * factor


def _deep_gray(image: Image.Image, header: PictureHeader, path: File) -> Layers:
    """Gray of more than 8 bits as the mode I;16, 0..65535."""
    level = image.info.get("transparency")
    values, opacity, notice = np.asarray(image), None, ""
    if isinstance(level, int):
        opacity = Image.fromarray(np.where(values == level, 0, MAX_8).astype(np.uint8))
    if image.mode == "F":
        if not np.isfinite(values).all():
            raise InputError(
                f"{path} contains values that are not finite: replace them by numbers."
            )
        top = max(1.0, float(values.max(initial=0)))
    else:
        values, top, notice = _integer_range(values, header)
    values = _scaled(values, top)
    if header.white_is_zero:
        values = MAX_16 - values
    return Layers(Image.fromarray(values), opacity, notice)


def _integer_range(values: Samples, header: PictureHeader) -> tuple[Samples, int, str]:
    """The integers, the level that is white, and what the user should know about it.

    Integers of 32 bits range to 65535 unless a larger one occurs.
    """
    if values.dtype == np.int32 and header.bits == 32 and not header.signed:
        values = values.view(np.uint32)  # Pillow has no unsigned integers of 32 bits
    largest = int(values.max(initial=0))
    bits = header.bits or 8 * values.itemsize
    signed = header.signed if header.bits else values.dtype.kind == "i"
    top = (1 << (bits - signed)) - 1
    if bits == 32 and largest <= MAX_16:
        top = MAX_16
    notice = (
        f"has levels of up to {largest} of {top}, so it is almost black; if its levels range from "
        "0 to 255, save it with 8 bits"
    )
    return values, top, notice if 0 < largest <= MAX_8 < top else ""


def _scaled(values: Samples, top: float) -> npt.NDArray[np.uint16]:
    """Values in 0..top, scaled to 0..65535 and rounded; values outside are clipped."""
    if values.dtype.kind == "u" and top == MAX_16:
        return values.astype(np.uint16)
    scaled: Array = values.astype(np.float32 if values.dtype.kind == "f" else np.float64)
    scaled *= MAX_16 / top  # in place, to limit the memory
    return np.clip(np.rint(scaled, out=scaled), 0, MAX_16, out=scaled).astype(np.uint16)


def to_8_bits(gray: Image.Image) -> Image.Image:
    """Gray of the mode I;16 as the mode L: rint(v / 257)."""
    v = np.asarray(gray)
    return Image.fromarray(_rounded((v >> 8).astype(np.uint8), (v & MAX_8).astype(np.uint8)))


def _rounded(high: Samples, low: Samples) -> npt.NDArray[np.uint8]:
    """rint(v / 257) of v = 256 high + low.

    v / 257 = high + (low - high) / 257, so rounding changes the high byte by -1, 0 or 1.
    """
    d = low.astype(np.int16) - high
    return np.where(d > 128, high + 1, np.where(d < -128, high - 1, high)).astype(np.uint8)


def _deep_color(image: Image.Image, header: PictureHeader, path: File) -> Layers:
    """Color of 16 bits, rounded to 8 bits."""
    transparent = image.info.get("transparency")
    high, low = _bytes_of_samples(image, header, path)  # (H, W, C)
    if header.raw_mode.startswith("RGBa"):
        high, low = _divided_by_opacity(high, low)
    samples, opacity = _rounded(high, low), None
    if header.raw_mode.startswith(("LA", "RGBA", "RGBa")):
        opacity = Image.fromarray(np.ascontiguousarray(samples[..., -1]))
        samples = np.ascontiguousarray(samples[..., :-1])
    elif isinstance(transparent, tuple):
        level = np.array(transparent)
        same = ((high == level >> 8) & (low == level & MAX_8)).all(axis=2)
        opacity = Image.fromarray(np.where(same, 0, MAX_8).astype(np.uint8))
    if samples.shape[2] == 1:
        return Layers(Image.fromarray(samples[..., 0]), opacity)
    color = Image.fromarray(samples)
    if image.mode == "CMYK":  # an array of four channels is read as RGBA
        color = Image.frombytes("CMYK", color.size, color.tobytes())
    return Layers(color, opacity)


def _bytes_of_samples(
    image: Image.Image, header: PictureHeader, path: File
) -> tuple[Samples, Samples]:
    """High and low bytes (H, W, C) of the samples.

    Pillow unpacks the high bytes only. Unpacked in the other byte order, the low bytes take
    their place.
    """
    raw_mode = header.raw_mode.replace("a;", "A;")  # RGBa: without dividing by the opacity
    if raw_mode == "LA;16B":  # four bytes, which are unpacked as one pixel
        four = np.asarray(_unpacked(image, "RGBA"))  # (H, W, 4)
        return four[..., ::2], four[..., 1::2]
    high = np.asarray(_unpacked(image, raw_mode))
    with open_image(path) as again:
        again.seek(header.page)
        return high, np.asarray(_unpacked(again, raw_mode[:-1] + OTHER_ORDER[raw_mode[-1]]))


def _unpacked(image: Image.Image, raw_mode: str) -> Image.Image:
    """Decode an image with another layout of the stored samples."""
    tiles = []
    for codec, box, offset, arguments in image.tile:  # type: ignore[attr-defined]
        new: Any = raw_mode
        if isinstance(arguments, tuple):  # one letter: the plane of one color
            plane = arguments[0] + raw_mode[-4:] if len(arguments[0]) == 1 else raw_mode
            new = (plane, *arguments[1:])
        tiles.append(ImageFile._Tile(codec, box, offset, new))
    image.tile = tiles  # type: ignore[attr-defined]
    image.load()
    return image


def _divided_by_opacity(high: Samples, low: Samples) -> tuple[Samples, Samples]:
    """Bytes of colors that are stored multiplied by the opacity, after dividing by it."""
    v = high.astype(np.float32) * 256 + low
    v[..., :3] *= MAX_16 / np.maximum(v[..., 3:], 1)
    divided = np.minimum(np.rint(v), MAX_16).astype(np.uint16)
    return (divided >> 8).astype(np.uint8), (divided & MAX_8).astype(np.uint8)
