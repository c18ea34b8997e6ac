"""Cut a picture into tiles, so that a picture larger than memory can be computed part by part.

A tile is a number of full rows. The network runs on the tile's rows and on a halo of rows above and
below, as far as the deepest layer sees. The features of the tile's own rows are then those of the
whole picture.
"""

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from nst_numpy.utils.types import Array
from nst_numpy.vgg import Network


@dataclass(frozen=True)
class Tile:
    """Rows [top, bottom) of a picture of H rows, and the window [start, stop) of rows they see."""

    top: int
    bottom: int
    start: int
    stop: int
    H: int

    def own_rows(self, factor: int) -> slice:
        """The tile's own rows in a layer that is ``factor`` times smaller than the picture."""
        bottom = self.H // factor if self.bottom == self.H else self.bottom // factor
        return slice(self.top // factor, bottom)

    def rows_in_window(self, factor: int) -> slice:
        """The same rows, counted from the first row of the window."""
        own, start = self.own_rows(factor), self.start // factor
        return slice(own.start - start, own.stop - start)


def tiles(H: int, rows: int | None, network: Network, taps: Collection[str]) -> list[Tile]:
    """Cut H rows into tiles of about ``rows`` rows, aligned to the positions of the deepest tap.

    Parameters
    ----------
    H : int
        Rows of the picture.
    rows : int or None
        None for one tile that is the whole picture.
    network : nst_numpy.vgg.Network
    taps : collection of str
        The layers with a loss, at least one.

    Returns
    -------
    list of Tile
    """
    if rows is None:
        return [Tile(0, H, 0, H, H)]
    step, halo = grid(network, taps)
    rows = max(step, rows // step * step)
    tops = range(0, max(1, H // step * step), rows)
    return [
        Tile(top, bottom, max(0, top - halo), min(H, bottom + halo), H)
        for top, bottom in zip(tops, [*tops[1:], H], strict=True)
    ]


def grid(network: Network, taps: Collection[str]) -> tuple[int, int]:
    """Size of a position of the deepest tap and width of the halo, in pixels.

    Each convolution sees one more position of its input on each side. A pooling of an aligned tile
    sees no more than the tile. The halo is rounded up to positions of the deepest tap: for conv5_1
    of VGG-19, 70 pixels to 80.

    Returns
    -------
    step, halo : int
    """
    step, reach = 1, 0
    for l in network.layers[: max(network.layers.index(l) for l in taps) + 1]:
        if l.startswith("pool"):
            step *= 2
        else:
            reach += step
    return step, -(-reach // step) * step


def in_window(dL_dF: Array, H: int, W: int, rows: slice) -> Array:
    """Extend a derivative (N, rows x W) of some rows of a window of H rows by zeros: (N, H W)."""
    N = dL_dF.shape[0]
    if (rows.start, rows.stop) == (0, H):
        return dL_dF
    window = np.zeros((H, W, N), dL_dF.dtype)
    window[rows] = dL_dF.T.reshape(-1, W, N)
    return window.reshape(H * W, N).T
