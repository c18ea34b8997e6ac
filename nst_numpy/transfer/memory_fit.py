"""Fit a job into the memory that it may use, or refuse it before any picture is read.

Only the headers of the pictures are read here.
"""

import math
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from nst_numpy import vgg
from nst_numpy.images import reading_peak_bytes
from nst_numpy.transfer.memory_estimate import Load, job_bytes
from nst_numpy.transfer.option_values import is_path
from nst_numpy.transfer.sources import picture_names, shape_of, shapes_at
from nst_numpy.transfer.tiling import grid
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.errors import TooLarge
from nst_numpy.utils.types import PictureSource, Shape


@dataclass(frozen=True)
class PictureSizes:
    """The sizes of a job's pictures.

    Attributes
    ----------
    own : tuple of (int, int)
        Height and width of the content and of each style before they are scaled.
    size : int
        Pixels of the longer side of the result.
    style_scale : float
        Longer side of the styles divided by ``size``.
    names : tuple of str
        What to call the pictures in messages; empty if they have no names.
    """

    own: tuple[Shape, ...]
    size: int
    style_scale: float = 1.0
    names: tuple[str, ...] = ()

    def scaled(self, size: int | None = None) -> list[Shape]:
        """Height and width of the content and of each style for a result of ``size`` pixels."""
        size = self.size if size is None else size
        return shapes_at(size, max(1, round(self.style_scale * size)), self.own)


def sizes_of(sources: Sequence[PictureSource], size: int, style_scale: float = 1.0) -> PictureSizes:
    """The sizes of pictures in files and arrays; only the headers of the files are read."""
    names = tuple(picture_names(sources))
    own = tuple(shape_of(source, name) for source, name in zip(sources, names, strict=True))
    return PictureSizes(own, size, style_scale, names)


@dataclass(frozen=True)
class MemoryPlan:
    """How a job fits into its memory budget.

    Attributes
    ----------
    load : nst_numpy.transfer.memory_estimate.Load
    sizes : PictureSizes
    smallest_size : int
        Smallest size at which every picture still reaches the deepest layer.
    tile_rows : int or None
        Rows of a tile, or None if the whole picture fits.
    budget : float
        Bytes.
    reading : int
        Bytes that reading the largest picture takes.
    """

    load: Load
    sizes: PictureSizes
    smallest_size: int
    tile_rows: int | None
    budget: float
    reading: int

    @property
    def bytes(self) -> float:
        """Peak above the memory of the imported package."""
        return max(job_bytes(self.load, self.sizes.scaled(), self.tile_rows), self.reading)


def check_reading(
    scaled: Sequence[PictureSource], unscaled: Sequence[PictureSource], budget: float
) -> int:
    """Refuse pictures that cannot be read within the budget.

    Parameters
    ----------
    scaled, unscaled : sequence of path or array
        Pictures that are scaled while they are read, and pictures that are used at their own size.
        Arrays are ignored.
    budget : float
        Bytes.

    Returns
    -------
    int
        Bytes that reading the largest picture takes.
    """
    needs = [(reading_peak_bytes(path), path) for path in scaled if is_path(path)]
    needs += [
        (reading_peak_bytes(path, full_size=True), path) for path in unscaled if is_path(path)
    ]
    if not needs:
        return 0
    need, path = max(needs, key=lambda each: each[0])
    if need > budget:
        H, W = shape_of(path)
        raise TooLarge(
            f"Reading {path}, which has {W} x {H} pixels, takes {need // MEGABYTE} MB, but the "
            f"memory budget is {budget // MEGABYTE:.0f} MB: make this picture smaller first."
        )
    return need


def fit_into_memory(load: Load, sizes: PictureSizes, budget: float, reading: int) -> MemoryPlan:
    """Find out whether a job fits into its budget as a whole, or in tiles of how many rows.

    Parameters
    ----------
    load : nst_numpy.transfer.memory_estimate.Load
    sizes : PictureSizes
    budget : float
        Bytes.
    reading : int
        Bytes that reading the largest picture takes.

    Returns
    -------
    MemoryPlan

    Raises
    ------
    TooLarge
        If not even the smallest tiles fit. The message names the largest size that fits.
    InputError
        If a picture is too small for the layers.
    """
    shapes = sizes.scaled()
    smallest = smallest_size(load, sizes.size, shapes, sizes.names)
    for tile_rows in (None, *possible_tile_rows(load, shapes)):
        if job_bytes(load, shapes, tile_rows) <= budget:
            return MemoryPlan(load, sizes, smallest, tile_rows, budget, reading)
    H, W = shapes[0]
    tiles = "" if load.untileable else " even in tiles"
    reason = f", and a job with {load.untileable} cannot be computed in tiles" * bool(
        load.untileable
    )
    raise too_large(
        f"A picture of {W} x {H} pixels needs {{}} MB{tiles}",
        reason,
        lambda size: least_bytes(load, sizes.scaled(size)),
        range(smallest, sizes.size + 1),
        budget,
    )


def too_large(
    what: str, reason: str, bytes_at: Callable[[int], float], sizes: range, budget: float
) -> TooLarge:
    """The error for the last of some sizes; its message names the largest size that fits.

    Parameters
    ----------
    what : str
        What needs {} MB.
    reason : str
        What follows the budget in the message.
    bytes_at : callable
        Size -> bytes; grows with the size.
    sizes : range
    budget : float
        Bytes.
    """
    fits = bisect_right(sizes, budget, key=bytes_at)
    advice = f"a `size` of {sizes[fits - 1]} fits" if fits else "no size fits into this budget"
    need = what.format(int(bytes_at(sizes[-1]) // MEGABYTE))
    return TooLarge(
        f"{need}, but the memory budget is {budget // MEGABYTE:.0f} MB{reason}; {advice}."
    )


def possible_tile_rows(load: Load, shapes: Sequence[Shape]) -> range:
    """Numbers of rows that a tile may have, the largest first."""
    step, H = grid(load.network, load.taps)[0], shapes[0][0] + 2 * load.margin
    return range(0) if load.untileable else range(H // step * step, 0, -step)


def least_bytes(load: Load, shapes: Sequence[Shape]) -> float:
    """Smallest amount of memory that a job needs, as a whole or in the smallest tiles."""
    choices = [None, *possible_tile_rows(load, shapes)[-1:]]
    return min(job_bytes(load, shapes, tile_rows) for tile_rows in choices)


def smallest_size(load: Load, size: int, shapes: Sequence[Shape], names: Sequence[str] = ()) -> int:
    """Smallest size at which every picture still reaches the deepest layer that it is needed at.

    Parameters
    ----------
    load : nst_numpy.transfer.memory_estimate.Load
    size : int
        Pixels of the longer side of the result.
    shapes : sequence of (int, int)
        Of the content and of each style at this size.
    names : sequence of str
        What to call them in messages.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If the network has no such layer, or a picture is too small for it.
    """
    content, *styles = names or [""] * len(shapes)
    deepest = vgg.check_taps(load.network, [*load.v, *load.w], shapes[0], content)
    for shape, name in zip(shapes[1:], styles, strict=True):
        vgg.check_taps(load.network, load.w, shape, name)
    shortest = min(side for shape in shapes for side in shape)
    return math.ceil(size * vgg.smallest_side(load.network, deepest) / shortest)
