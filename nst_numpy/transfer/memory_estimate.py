"""Estimate the memory of a job from shapes and layers, before anything is read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nst_numpy import vgg
from nst_numpy.backend import scratch_bytes
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.transfer.margin import MARGIN
from nst_numpy.transfer.tiling import tiles
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Shape

KERNELS = 77 * MEGABYTE  # the compiled kernels once loaded, and what numba loads with them
MOMENTS = 3  # (N, N) arrays in float64 by region: target, sums of the image, and dL/dS


@dataclass(frozen=True)
class Load:
    """What determines the memory of a job, apart from the sizes of its pictures.

    Attributes
    ----------
    network : nst_numpy.vgg.Network
    v, w : collection of str
        Content layers and style layers; one of the two may be empty.
    optimizer : str
    padding : {"zero", "reflect", "replicate"}
    margin : int
        Pixels by which the job continues its pictures on each side.
    untileable : str
        What cannot be computed in tiles; empty if the job can.
    regions : int
        Number of regions, 0 without masks.
    vectors : int
        Arrays of the picture's size in addition to those of the optimizer.
    threads : int or None
        As in `nst_numpy.utils.threads.use_threads`.
    """

    network: vgg.Network
    v: Collection[str]
    w: Collection[str]
    optimizer: str
    padding: str = "zero"
    margin: int = MARGIN
    untileable: str = ""
    regions: int = 0
    vectors: int = 0
    threads: int | None = None

    @property
    def taps(self) -> set[str]:
        """All layers with a loss."""
        return {*self.v, *self.w}


def map_bytes(network: vgg.Network, shape: Shape, taps: Collection[str]) -> dict[str, int]:
    """Size in bytes of the feature map of each tap for a picture of that shape (H, W)."""
    M, size = vgg.positions(network, shape, taps), network.dtype.itemsize
    return {l: M[l] * network.weights[l][1].size * size for l in M}


def evaluation_bytes(load: Load, shape: Shape, own: float = 1.0) -> int:
    """Peak of one evaluation of an objective for a picture of that shape (H, W), in bytes.

    The walk through the table is that of `vgg.forward` and `vgg.backward_consuming`. In the
    forward pass, the feature maps of the taps so far and a layer's input and output are held. Then
    dL/dF takes the place of F layer by layer, with one more array of the layer's size for the
    squares of a content loss or for a region. In the backward pass, the derivatives of the taps
    that remain and a layer's dL/dy and dL/dx are held. Throughout, there are a bit for each
    activation and two arrays of the picture's size. Another padding than zeros holds a padded copy
    of a layer's input and output.

    Parameters
    ----------
    load : Load
    shape : (int, int)
        Of the picture, or of the window of a tile.
    own : float
        Share of the window's rows that are the tile's own: only these have derivatives.
    """
    network, size = load.network, load.network.dtype.itemsize
    F = map_bytes(network, shape, load.taps)
    copies = 1 if load.padding == "zero" else 2
    (H, W), N = shape[:2], 3
    tapped = masks = peak = 0
    output = picture = H * W * N * size
    for l in network.layers[: max(network.layers.index(l) for l in F) + 1]:
        H, W = (H // 2, W // 2) if l.startswith("pool") else (H, W)
        N = network.weights[l][1].size if l in network.weights else N
        before, output = output, H * W * N * size
        masks += H * W * N // 8 if l in network.weights else 0
        tapped += F.get(l, 0)
        peak = max(peak, tapped + copies * (before + output))
    more = [2 if l in load.v or load.regions else 1 for l in F]
    losses = tapped + own * max(n * F_l for n, F_l in zip(more, F.values(), strict=True))
    return max(peak, int(losses)) + masks + 2 * picture


def tiled_bytes(load: Load, shape: Shape, rows: int | None) -> int:
    """Peak of one evaluation in tiles of so many rows, or of the whole picture if rows is None.

    That is the evaluation of the largest window, and dL/dx of the whole picture.
    """
    if rows is None:
        return evaluation_bytes(load, shape)
    H, W = shape
    cut = tiles(H, rows, load.network, load.taps)
    needs = [
        evaluation_bytes(load, (t.stop - t.start, W), (t.bottom - t.top) / (t.stop - t.start))
        for t in cut[:2] + cut[-1:]
    ]
    return max(needs) + 3 * H * W * load.network.dtype.itemsize


def job_bytes(load: Load, shapes: Sequence[Shape], rows: int | None = None) -> int:
    """Peak memory of a whole job above that of the imports, in bytes.

    The arrays of the optimizer are those of its row in `nst_numpy.optimizers.OPTIMIZERS`.

    Parameters
    ----------
    load : Load
    shapes : sequence of (int, int)
        Height and width of the content and of each style, without their margins.
    rows : int, optional
        Of a tile; the whole picture if not given.
    """
    network, size, border = load.network, load.network.dtype.itemsize, 2 * load.margin
    (H, W), *of_styles = ((h + border, w + border) for h, w in shapes)
    optimizer = OPTIMIZERS[load.optimizer]
    more = load.vectors + 1  # one for the terms of the pixels, such as a total variation
    vectors = more * size + optimizer.vectors * (optimizer.itemsize or size)
    # The optimizer starts after the targets of the styles.
    styles = [tiled_bytes(load, shape, rows) for shape in of_styles]
    need = max(tiled_bytes(load, (H, W), rows) + 3 * H * W * vectors, *styles, 0)
    return need + target_bytes(load, (H, W), of_styles) + weights_bytes(network) + code_bytes(load)


def target_bytes(load: Load, shape: Shape, of_styles: Sequence[Shape]) -> int:
    """The pictures of the styles, masks and targets, in bytes."""
    network, size = load.network, load.network.dtype.itemsize
    M, N = vgg.positions(network, shape, load.w), {l: network.weights[l][1].size for l in load.w}
    P = sum(map_bytes(network, shape, load.v).values())
    masks = load.regions * sum(M.values()) * size * (1 + len(of_styles))
    moments = MOMENTS * max(1, load.regions) * sum(n * n for n in N.values()) * 8
    return P + masks + moments + sum(3 * h * w * size for h, w in of_styles)


def weights_bytes(network: vgg.Network) -> int:
    """The weights, and twice as much for their arrangement for the kernels, in bytes."""
    return 3 * sum(K.nbytes for K, _ in network.weights.values())


def code_bytes(load: Load) -> int:
    """The code of a job and the memory that its kernels work in, independent of its pictures."""
    channels = max(b.size for _, b in load.network.weights.values())
    scratch = (load.threads or number_of_threads()) * scratch_bytes(channels)
    return KERNELS + scratch + OPTIMIZERS[load.optimizer].library_bytes
