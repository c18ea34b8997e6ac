"""Estimate the memory of a job from shapes and layers, before a file is read."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from nst_numpy import vgg
from nst_numpy.backend import scratch_bytes
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.transfer.margin import MARGIN
from nst_numpy.transfer.tiling import grid
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Shape

KERNELS = 77 * MEGABYTE  # numba and the compiled kernels
REGION_COPIES = 3  # `guided_loss` holds F T, dL_r/dF and its product with T^2 in addition to F


@dataclass(frozen=True)
class Load:
    """Properties of a job that determine its memory, apart from the sizes of its pictures.

    Attributes
    ----------
    network : nst_numpy.vgg.Network
    v, w : collection of str
        Content layers and style layers; one of the two may be empty.
    optimizer : str
    padding : {"zero", "reflect", "replicate"}
    margin : int
        Pixels by which the pictures are continued on each side.
    untileable : str
        What prevents an evaluation in tiles; empty if nothing does.
    terms : bool
        Whether the loss is a sum of terms (`nst_numpy.transfer.evaluation.sum_of_terms`), which
        holds F of all taps until all dL/dF are computed. In the paper's sum, each dL/dF replaces
        its F.
    regions : int
        Number of regions, 0 without masks.
    vectors : int
        Number of arrays of the picture's size, in addition to those of the optimizer.
    threads : int or None
        See `nst_numpy.utils.threads.use_threads`.
    """

    network: vgg.Network
    v: Collection[str]
    w: Collection[str]
    optimizer: str
    padding: str = "zero"
    margin: int = MARGIN
    untileable: str = ""
    terms: bool = False
    regions: int = 0
    vectors: int = 0
    threads: int | None = None

    @property
    def taps(self) -> set[str]:
        """Content layers and style layers."""
        return {*self.v, *self.w}


def evaluation_bytes(
    network: vgg.Network,
    shape: Shape,
    taps: Collection[str],
    padding: str = "zero",
    v: Collection[str] = (),
) -> int:
    """Peak memory of one evaluation of `nst_numpy.objective.total_loss`, in bytes.

    The estimate follows the layers of `vgg.forward` and `vgg.backward`:

    - The forward pass holds F of the taps so far, and the input and output of a layer. A padding
      other than zeros adds padded copies of these two.
    - Each dL/dF replaces its F, so that both exist for one tap at a time. The last ones are those
      of the content layers, with alpha dL/dF.
    - The backward pass holds dL/dF of the remaining taps, and dL/dy and dL/dx of a layer.
    - One bit per activation, the picture without its mean color and the previous dL/dx exist
      during the whole evaluation.

    Parameters
    ----------
    network : nst_numpy.vgg.Network
    shape : (int, int, ...)
        Height and width of the picture.
    taps : collection of str
        Content layers and style layers.
    padding : {"zero", "reflect", "replicate"}
    v : collection of str
        Content layers.

    Returns
    -------
    int
    """
    size = network.dtype.itemsize
    deepest = max(network.layers.index(l) for l in taps)
    (H, W), N = shape[:2], 3
    tapped = largest = twice = masks = peak = 0
    copies = 1 if padding == "zero" else 2
    output = picture = H * W * N * size
    for l in network.layers[: deepest + 1]:
        H, W = (H // 2, W // 2) if l.startswith("pool") else (H, W)
        N = network.weights[l][1].size if l in network.weights else N
        before, output = output, H * W * N * size
        masks += H * W * N // 8 if l in network.weights else 0
        tapped += output if l in taps else 0
        largest = max(largest, output if l in taps else 0)
        twice += 2 * output if l in v else 0
        peak = max(peak, tapped + copies * (before + output))
    return max(peak, tapped + largest, tapped + twice) + masks + 2 * picture


def job_bytes(load: Load, shapes: Sequence[Shape], tile_rows: int | None = None) -> int:
    """Peak memory of a job in addition to the imported modules, in bytes.

    The optimizer's arrays are those of its row in `nst_numpy.optimizers.OPTIMIZERS`.

    Parameters
    ----------
    load : Load
    shapes : sequence of (int, int)
        Height and width of the content and of each style, without margins.
    tile_rows : int, optional
        Rows of a tile; None for an evaluation without tiles.

    Returns
    -------
    int
    """
    network, size, border = load.network, load.network.dtype.itemsize, 2 * load.margin
    shapes = [(h + border, w + border) for h, w in shapes]
    H, W = shapes[0]
    halo = grid(network, load.taps)[1]
    windows = shapes
    if tile_rows is not None:
        windows = [(min(h, tile_rows + 2 * halo), w) for h, w in shapes]
    sums = load.taps, load.padding, () if load.terms else load.v
    need, *styles = (evaluation_bytes(network, window, *sums) for window in windows)
    if tile_rows is not None:  # dL/dx, and conv1_1 of a tile with and without its halo
        first = network.weights[network.layers[0]][1].size
        need += (3 * H + 2 * first * windows[0][0]) * W * size
    M = vgg.positions(network, (H, W), load.taps)
    F = {l: M[l] * network.weights[l][1].size * size for l in M}
    if load.terms:
        need += sum(F.values()) + (REGION_COPIES if load.regions else 1) * max(F.values())
    optimizer = OPTIMIZERS[load.optimizer]
    vectors = load.vectors * size + optimizer.vectors * (optimizer.itemsize or size)
    need = max(
        need + 3 * H * W * vectors, *styles, 0
    )  # the styles are evaluated before the optimization
    need += load.regions * sum(M[l] for l in load.w) * size * len(shapes)  # T
    need += sum(F[l] for l in load.v) * (1 if tile_rows is None else 2)  # P
    need += sum(3 * h * w * size for h, w in shapes[1:])
    need += 3 * sum(
        K.nbytes for K, _ in network.weights.values()
    )  # K, and its copies for the kernels of both passes
    return need + code_bytes(load)


def code_bytes(load: Load) -> int:
    """Memory of the libraries and of the kernels' scratch arrays, for pictures of any size."""
    channels = max(b.size for _, b in load.network.weights.values())
    scratch = (load.threads or number_of_threads()) * scratch_bytes(channels)
    return KERNELS + scratch + OPTIMIZERS[load.optimizer].library_bytes
