"""How pictures become feature maps: network, pooling, padding, and tiles.

The functions work on the whole picture, or tile by tile with the memory of one tile
(`nst_numpy.transfer.tiling`). Both give the same numbers up to rounding.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from nst_numpy import vgg
from nst_numpy.losses.moments import Sums, add_sums, sums
from nst_numpy.losses.spatial_guidance import region_sums
from nst_numpy.transfer.tiling import Tile, in_window, tiles
from nst_numpy.utils.types import Array, ByLayer, FeatureMap, Image, Tape
from nst_numpy.vgg import Network, Observer


@dataclass(frozen=True)
class Encoder:
    """How pictures become feature maps.

    Attributes
    ----------
    network : nst_numpy.vgg.Network
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}
        Both as in `nst_numpy.vgg.forward`.
    tile_rows : int or None
        Rows of a tile; None to compute the whole picture at once.
    """

    network: Network
    pooling: str = "average"
    padding: str = "zero"
    tile_rows: int | None = None


class Window(NamedTuple):
    """Where a tile's own positions lie at one layer.

    Attributes
    ----------
    H, W : int
        Height and width of the window's feature map.
    rows : slice
        The tile's own rows in the window.
    part : slice
        The tile's own positions among the M positions of the whole picture.
    """

    H: int
    W: int
    rows: slice
    part: slice


class TileMaps(NamedTuple):
    """Feature maps of a tile, and what its backward pass needs.

    Attributes
    ----------
    F : dict of str to (N_l, positions) array
        Of the tile's own positions.
    windows : dict of str to Window
    tape : list
    """

    F: ByLayer
    windows: dict[str, Window]
    tape: Tape


def tiles_of(encoder: Encoder, x: Image, taps: Collection[str]) -> list[Tile]:
    """The tiles of a picture; one tile if the encoder computes the whole picture at once."""
    return tiles(x.shape[0], encoder.tile_rows, encoder.network, taps)


def forward_tile(
    encoder: Encoder,
    x: Image,
    taps: Collection[str],
    tile: Tile,
    observer: Observer | None = None,
) -> TileMaps:
    """Run the network on a tile of the picture x (H, W, 3), up to the deepest tap."""
    window = x[tile.start : tile.stop]  # (stop - start, W, 3)
    how = encoder.pooling, encoder.padding, observer
    F, tape = vgg.forward(encoder.network, window, taps, *how)
    windows, factor = {}, 1
    for l, (H, W, _), _ in tape:
        factor *= 2 if l.startswith("pool") else 1
        if l in taps:
            rows, own = tile.rows_in_window(factor), tile.own_rows(factor)
            windows[l] = Window(H, W, rows, slice(own.start * W, own.stop * W))
            F[l] = F[l][:, rows.start * W : rows.stop * W]  # (N, own positions), a view
    return TileMaps(F, windows, tape)


def backward_tile(
    encoder: Encoder, dL_dF: ByLayer, maps: TileMaps, observer: Observer | None = None
) -> Image:
    """dL/dx of the tile's window from dL_dF of its own positions. Modifies dL_dF in place."""
    for l in dL_dF:
        H, W, rows, _ = maps.windows[l]
        dL_dF[l] = in_window(dL_dF[l], H, W, rows)  # (N, H W)
    how = encoder.pooling, encoder.padding, observer
    return vgg.backward_consuming(encoder.network, dL_dF, maps.tape, *how)


def feature_maps(encoder: Encoder, x: Image, layers: Collection[str]) -> ByLayer:
    """Feature maps of a picture by layer.

    Parameters
    ----------
    encoder : Encoder
    x : (H, W, 3) array, dtype of the network
    layers : collection of str

    Returns
    -------
    F : dict of str to (N_l, M_l) array
    """
    cut = tiles_of(encoder, x, layers) if layers else []
    if len(cut) == 1:
        return forward_tile(encoder, x, layers, cut[0]).F
    M = vgg.positions(encoder.network, x.shape, layers)
    F = {}
    for l in layers:
        N = encoder.network.weights[l][1].size
        F[l] = np.empty((M[l], N), x.dtype).T  # (N, M), position by position
    for tile in cut:
        maps = forward_tile(encoder, x, layers, tile)
        for l in layers:
            F[l][:, maps.windows[l].part] = maps.F.pop(l)
    return F


def layer_sums(
    encoder: Encoder, x: Image, layers: Collection[str], masks: ByLayer | None = None
) -> dict[str, list[Sums]]:
    """Sums over the positions of a picture, by layer and region.

    Parameters
    ----------
    encoder : Encoder
    x : (H, W, 3) array, dtype of the network
    layers : collection of str
        At least one.
    masks : dict of str to (R, M_l) array, optional
        Regions by layer; one region that is the whole picture if not given.

    Returns
    -------
    dict of str to list of R Sums
    """
    found: dict[str, list[Sums]] = {l: [] for l in layers}
    for tile in tiles_of(encoder, x, layers):
        maps = forward_tile(encoder, x, layers, tile)
        for l in layers:
            T = masks[l][:, maps.windows[l].part] if masks else None
            found[l] = add_by_region(found[l], sums_of_part(maps.F.pop(l), T))
    return found


def sums_of_part(F: FeatureMap, T: Array | None) -> list[Sums]:
    """Sums of each region T (R, M) over the positions of F (N, M); one region without masks."""
    return [sums(F)] if T is None else region_sums(F, T)


def add_by_region(total: list[Sums], part: list[Sums]) -> list[Sums]:
    """The sums of one more tile added to those so far, region by region; none so far is []."""
    return [add_sums(*pair) for pair in zip(total, part, strict=True)] if total else part
