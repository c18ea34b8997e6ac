"""Masks of a job: which region of the photograph is painted like which region of the styles."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from nst_numpy.images.masks import (
    MAX_REGIONS,
    color_name,
    common_labels,
    masks,
    read_labels,
    resize_labels,
)
from nst_numpy.layers import average_pool
from nst_numpy.losses import empty_regions
from nst_numpy.transfer.margin import MARGIN, extend
from nst_numpy.transfer.option_values import is_path
from nst_numpy.transfer.sources import shape_of
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import Array, ByLayer, Image, Labels, PictureSource
from nst_numpy.vgg import Network


@dataclass(frozen=True)
class Regions:
    """Masks at the size of each style layer.

    Attributes
    ----------
    number : int
        R, the number of regions.
    content : dict of str to (R, M_l) array
    styles : list of dict of str to (R, M_l) array
        One for each style.
    """

    number: int
    content: ByLayer
    styles: list[ByLayer]


def read_masks(
    drawn: Sequence[PictureSource], share: Sequence[float]
) -> tuple[list[Labels], list[int]]:
    """Read the masks and find their regions.

    With several styles, a region may be in only some of their masks. It is then painted like these.

    Parameters
    ----------
    drawn : sequence of path or (H, W) int array
        Masks of the content and of each style, with a color or a number for each region. May be
        empty.
    share : sequence of float
        Weight of each style. The mask of a style with weight 0 is ignored.

    Returns
    -------
    labels : list of (H, W) int64 arrays
    known : list of int
        The labels of the regions.

    Raises
    ------
    InputError
        If a mask is not valid, or the regions of content and styles differ.
    """
    names = ["content"] + ["style"] * len(share)
    labels = [labels_of(mask, name) for mask, name in zip(drawn, names, strict=False)]
    if not labels:
        return [], []
    counted = [each.ravel() for each, w_s in zip(labels[1:], share, strict=True) if w_s]
    known = common_labels(labels[0], np.concatenate(counted))
    return labels, known


def find_regions(
    labels: Sequence[Labels],
    known: Sequence[int],
    sources: Sequence[PictureSource],
    pictures: Sequence[Image],
    network: Network,
    layers: Collection[str],
    margin: int = MARGIN,
) -> Regions:
    """Downsample the masks to each layer.

    Warns (`nst_numpy.utils.errors.Notice`) if a mask has another size than its picture, and if a
    region is too small at a layer.

    Parameters
    ----------
    labels, known
        As returned by `read_masks`.
    sources : sequence of path or array
        Content and styles as given by the user.
    pictures : sequence of (H, W, 3) arrays
        Content and styles at the size of the job, without their margins.
    network : nst_numpy.vgg.Network
    layers : collection of str
    margin : int
        Pixels by which the job continues its pictures on each side.

    Returns
    -------
    Regions
    """
    T = []
    names = ["content"] + ["style"] * (len(labels) - 1)
    for each, name, source, picture in zip(labels, names, sources, pictures, strict=True):
        check_size(each, name, source)
        channels = masks(resize_labels(each, picture.shape[1::-1]), known)  # (H, W, R)
        channels = extend(channels, margin).astype(network.dtype)
        T.append({l: masks_below(channels, poolings(network, l)) for l in layers})
    regions = Regions(len(known), T[0], T[1:])
    warn_empty(regions, known)
    return regions


def labels_of(mask: PictureSource, name: str) -> Labels:
    """The labels of a mask from a file or an array: (H, W) int64."""
    if is_path(mask):
        return read_labels(mask)
    labels = np.asarray(mask)
    if labels.ndim != 2 or labels.dtype.kind not in "iub" or not labels.size:
        raise InputError(
            f"A {name} mask is a file or an array (H, W) of whole numbers, got "
            f"{labels.dtype} {labels.shape}."
        )
    if (number := len(np.unique(labels))) > MAX_REGIONS:
        raise InputError(f"The {name} mask has {number} regions; expected at most {MAX_REGIONS}.")
    return labels.astype(np.int64)


def poolings(network: Network, layer: str) -> int:
    """Number of poolings before a layer."""
    return sum(l.startswith("pool") for l in network.layers[: network.layers.index(layer)])


def masks_below(channels: Array, poolings: int) -> Array:
    """Reduce masks to the size of a layer by the poolings of the network.

    Each 2 x 2 average pooling is applied to the masks as it is to the features, without odd last
    rows and columns. The convolutions in between do not change sizes. The value of a position is
    then the share of each region in the pixels that were pooled into it, and the shares of all
    regions add up to 1. That the convolutions see pixels beyond these is not considered. With max
    pooling in the network the masks are averaged, too: the sizes are the same.

    Parameters
    ----------
    channels : (H, W, R) array
        One channel for each region (`nst_numpy.images.masks.masks`).
    poolings : int
        Number of poolings between the picture and the layer (conv1_1: 0, conv5_1: 4).

    Returns
    -------
    T : (R, M) array, same dtype
        M positions in the order of the feature maps F (N, M), for
        `nst_numpy.losses.spatial_guidance`.
    """
    for _ in range(poolings):
        channels = average_pool(channels)
    return np.ascontiguousarray(channels.reshape(-1, channels.shape[2]).T)  # (R, M)


def check_size(labels: Labels, name: str, source: PictureSource) -> None:
    """Check that a mask has the proportions of its picture; warn if it has another size."""
    (H, W), (h, w) = shape_of(source), labels.shape
    if abs(w * H - h * W) > H + W:  # rounding explains a smaller difference
        raise InputError(
            f"The {name} mask has {w} x {h} pixels and its picture {W} x {H}: it must have the "
            "proportions of its picture."
        )
    if (h, w) != (H, W):
        warn_user(
            f"The {name} mask has {w} x {h} pixels, its picture {W} x {H}: it was resized.",
            stacklevel=4,
        )


def warn_empty(regions: Regions, known: Sequence[int]) -> None:
    """Warn of regions that contain no position of a layer, in the content or in all styles."""
    for name, parts in (("content", [regions.content]), ("style", regions.styles)):
        for r, label in enumerate(known):
            where = [l for l in parts[0] if all(r in empty_regions(T[l]) for T in parts)]
            if where:
                warn_user(
                    f"The region {color_name(label)} of the {name} mask is too small for "
                    f"{', '.join(where)}: it is left out there.",
                    stacklevel=4,
                )
