"""How much memory a job needs: worked out from shapes and layers, before anything is read."""

from collections.abc import Collection
from dataclasses import dataclass

from nst_numpy import vgg
from nst_numpy.backend import scratch_bytes
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.transfer.margin import MARGIN
from nst_numpy.transfer.tiling import grid
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.threads import number_of_threads

KERNELS = 77 * MEGABYTE  # the compiled kernels once loaded, and what numba loads with them
REGION_COPIES = 3  # F T, dL_r/dF and its product with T^2, beside F, in `guided_loss`


@dataclass(frozen=True)
class Load:
    """What of a job, beside the sizes of its pictures, decides how much memory it needs.

    Attributes
    ----------
    network : nst_numpy.vgg.Network
    v, w : collection of str
        Content layers and style layers; one of the two may be empty.
    optimizer : str
    padding : {"zero", "reflect", "replicate"}
    margin : int
        By which the job continues its pictures on each side.
    untileable : str
        What the job has that cannot be worked on in strips; empty if it can.
    terms : bool
        Whether it is a sum of terms (`nst_numpy.transfer.evaluation.sum_of_terms`), which holds the F of all
        taps until all dL/dF are there; the paper's sum lets them take each other's place.
    regions : int
        How many, 0 without masks.
    vectors : int
        Of the picture's size that are held beside those of the optimizer.
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
    terms: bool = False
    regions: int = 0
    vectors: int = 0
    threads: int | None = None

    @property
    def taps(self):
        return {*self.v, *self.w}


def evaluation_bytes(network, shape, taps, padding="zero", v=()):
    """Peak of one `nst_numpy.objective.total_loss`, in bytes.

    Walks the table as `vgg.forward` and `vgg.backward` do. On the way there the taps so far, a
    layer's input and its output are held; then, tap by tap, dL/dF takes the place of F, the two
    of the largest side by side, and those of the content layers v in the end, alpha dL/dF with
    them; on the way back the dL/dF of the taps still to come, and a layer's dL/dy and dL/dx; all
    along a bit per activation, and the picture without its mean color and dL/dx of the one before.
    Another padding than zeros holds a padded copy of a layer's input and output.
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


def job_bytes(load, shapes, rows=None):
    """Peak of a whole job above the imports, in bytes; with ``rows`` by strips of so many rows.

    The optimizer's arrays are those of its row in `nst_numpy.optimizers.OPTIMIZERS`.

    Parameters
    ----------
    load : Load
    shapes : sequence of (int, int)
        Height and width of the content and of each style, without their margins.
    rows : int, optional
    """
    network, size, border = load.network, load.network.dtype.itemsize, 2 * load.margin
    shapes = [(h + border, w + border) for h, w in shapes]
    H, W = shapes[0]
    halo = grid(network, load.taps)[1]
    windows = shapes if rows is None else [(min(h, rows + 2 * halo), w) for h, w in shapes]
    sums = load.taps, load.padding, () if load.terms else load.v
    need, *styles = (evaluation_bytes(network, window, *sums) for window in windows)
    if rows is not None:  # dL/dx, and a strip's own rows of conv1_1 and its window of them
        first = network.weights[network.layers[0]][1].size
        need += (3 * H + 2 * first * windows[0][0]) * W * size
    M = vgg.positions(network, (H, W), load.taps)
    F = {l: M[l] * network.weights[l][1].size * size for l in M}
    if load.terms:
        need += sum(F.values()) + (REGION_COPIES if load.regions else 1) * max(F.values())
    optimizer = OPTIMIZERS[load.optimizer]
    vectors = load.vectors * size + optimizer.vectors * (optimizer.itemsize or size)
    need = max(need + 3 * H * W * vectors, *styles, 0)  # the optimizer starts after the styles
    need += load.regions * sum(M[l] for l in load.w) * size * len(shapes)  # T
    need += sum(F[l] for l in load.v) * (1 if rows is None else 2)  # P
    need += sum(3 * h * w * size for h, w in shapes[1:])
    need += 3 * sum(K.nbytes for K, _ in network.weights.values())  # K, and its panels each way
    return need + code_bytes(load)


def code_bytes(load):
    """What is loaded for a job and what the kernels work in, whatever the sizes of the pictures."""
    channels = max(b.size for _, b in load.network.weights.values())
    scratch = (load.threads or number_of_threads()) * scratch_bytes(channels)
    return KERNELS + scratch + OPTIMIZERS[load.optimizer].library_bytes
