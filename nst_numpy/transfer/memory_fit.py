"""Whether a job fits into its memory, and the one sentence if it does not.

Of the pictures only the headers are read here, so that it is told at once.
"""

import math
from bisect import bisect_right
from collections.abc import Callable
from dataclasses import dataclass
from operator import itemgetter

from nst_numpy import vgg
from nst_numpy.images import reading_peak_bytes
from nst_numpy.transfer.inputs import shape_of, shapes_by_size
from nst_numpy.transfer.memory_estimate import Load, job_bytes
from nst_numpy.transfer.option_types import is_path
from nst_numpy.transfer.tiling import grid
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.errors import TooLarge


def check_reading(scaled, kept, budget):
    """Refuse pictures that take more memory to be read than there is.

    Parameters
    ----------
    scaled, kept : sequence
        Files that are scaled as they are read, and that are worked on at their own size; what
        is no name of a file is passed over.
    budget : float
        Bytes.

    Returns
    -------
    int
        Bytes for the largest.
    """
    needs = [(reading_peak_bytes(path), path) for path in scaled if is_path(path)]
    needs += [(reading_peak_bytes(path, full_size=True), path) for path in kept if is_path(path)]
    need, path = max(needs, key=itemgetter(0), default=(0, None))
    if need > budget:
        H, W = shape_of(path)
        raise TooLarge(
            f"To read {path}, which has {W} x {H} pixels, takes {need // MEGABYTE} MB, but the "
            f"budget is {budget // MEGABYTE:.0f} MB: make that picture smaller first."
        )
    return need


@dataclass(frozen=True)
class Fit:
    """How a job fits into its budget.

    Attributes
    ----------
    load : nst_numpy.transfer.memory_estimate.Load
    shapes_at : callable
        As of `nst_numpy.transfer.inputs.shapes_by_size`.
    size, least : int
        Pixels of the longer side, as asked and the least that the layers allow.
    rows : int or None
        Of a strip, where the whole does not fit.
    budget : float
        Bytes.
    reading : int
        Bytes that it takes to read the largest of the pictures.
    """

    load: Load
    shapes_at: Callable
    size: int
    least: int
    rows: int | None
    budget: float
    reading: int

    @property
    def shapes(self):
        """Height and width of the content and of each style."""
        return self.shapes_at(self.size)

    @property
    def bytes(self):
        """Peak above the imports."""
        return max(job_bytes(self.load, self.shapes, self.rows), self.reading)


def check_room(load, sources, size, budget, kept=(), style_side=lambda size: size):
    """Find how a job fits into its budget: as a whole, or by the largest strips that do.

    Parameters
    ----------
    load : nst_numpy.transfer.memory_estimate.Load
    sources : sequence of path or (H, W, 3) array
        Content and styles.
    size : int
        Pixels of the longer side.
    budget : float
        Bytes.
    kept : sequence
        As in `check_reading`.
    style_side : callable
        As in `nst_numpy.transfer.inputs.shapes_by_size`.

    Returns
    -------
    Fit

    Raises
    ------
    TooLarge
        If a picture is too large to be read, if not even the smallest strips fit, or the whole does
        not and the job cannot be cut into strips; the message names the largest size that would.
    InputError
        If a picture is too small for the layers.
    """
    shapes_at = shapes_by_size(sources, style_side)
    shapes, reading = shapes_at(size), check_reading(sources, kept, budget)
    least = smallest_size(size, load.network, load.v, load.w, shapes)
    for rows in (None, *strips_of(load, shapes)):
        if job_bytes(load, shapes, rows) <= budget:
            return Fit(load, shapes_at, size, least, rows, budget, reading)
    (H, W), strips = shapes[0], "" if load.uncut else " even strip by strip"
    why = f" and with {load.uncut} a job is not cut into strips" if load.uncut else ""
    raise too_large(
        f"A picture of {W} x {H} pixels needs {{}} MB{strips}",
        why,
        lambda size: least_bytes(load, shapes_at(size)),
        range(least, size + 1),
        budget,
    )


def too_large(what, why, bytes_at, sizes, budget):
    """The error for the last of some sizes; it names the largest that fits.

    Parameters
    ----------
    what, why : str
        What needs {} MB, and what is to be said behind the budget.
    bytes_at : callable
        Size -> bytes; more for a larger size.
    sizes : range
    budget : float
        Bytes.
    """
    fits = bisect_right(sizes, budget, key=bytes_at)
    advice = f"a `size` of {sizes[fits - 1]} would fit" if fits else "no size fits into so little"
    need = bytes_at(sizes[-1])
    return TooLarge(
        f"{what.format(need // MEGABYTE)}, but the budget is {budget // MEGABYTE:.0f} MB{why}; "
        f"{advice}."
    )


def strips_of(load, shapes):
    """How many rows a strip may have, the most first."""
    step, H = grid(load.network, load.taps)[0], shapes[0][0] + 2 * load.margin
    return range(0) if load.uncut else range(H // step * step, 0, -step)


def least_bytes(load, shapes):
    """What a job needs at the least: as a whole, or by the smallest strips."""
    return min(job_bytes(load, shapes, rows) for rows in [None, *strips_of(load, shapes)[-1:]])


def smallest_size(size, network, v, w, shapes):
    """The least size at which every picture still reaches the deepest layer that looks at it.

    Parameters
    ----------
    size : int
        Pixels of the longer side that the pictures were scaled for.
    network : nst_numpy.vgg.Network
    v, w : collection of str
        Content layers and style layers.
    shapes : sequence of (int, int)
        Of the content and of each style.

    Returns
    -------
    int

    Raises
    ------
    InputError
        If the network has no such layer, or a picture is too small for it as it is.
    """
    deepest = vgg.check_taps(network, [*v, *w], shapes[0])
    for shape in shapes[1:]:
        vgg.check_taps(network, w, shape)
    shortest = min(side for shape in shapes for side in shape)
    return math.ceil(size * vgg.smallest_side(network, deepest) / shortest)
