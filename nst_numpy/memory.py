"""How much memory a job takes, and how to stay below a budget."""

from pathlib import Path

from nst_numpy import vgg
from nst_numpy.errors import InputError
from nst_numpy.optimize import HISTORY
from nst_numpy.start import margin_of
from nst_numpy.strips import grid

SHARE = 0.7  # of the free memory that a job takes without asking
MEGABYTE = 2**20
UNKNOWN = 4 * 2**30  # where the system does not tell
VECTORS = {  # of the picture's size, the pictures of the job among them
    "lbfgs": 2 * HISTORY + 13,
    "lbfgsb": 2 * HISTORY + 42,
    "gradient-descent": 7,
    "momentum": 7,
    "adam": 8,
}
SCRATCH = 75 * MEGABYTE  # what the kernels work in, and the kernels themselves once loaded


def free_memory():
    """Bytes that this process may still take: of the machine, and of its container if any."""
    free = _number("/proc/meminfo", "MemAvailable:", 1024) or UNKNOWN
    limit, used = (_number(f"/sys/fs/cgroup/memory.{name}") for name in ("max", "current"))
    return min(free, limit - used) if limit and used else free


def budget_bytes(memory):
    """What a job may take: ``memory`` MB, or a share of what is free if that is None."""
    return memory * MEGABYTE if memory else SHARE * free_memory()


def _number(path, after="", unit=1):
    """The number in a text file behind some words, or None."""
    try:
        return unit * int(
            Path(path).read_text().split(after or None, 1)[-1 if after else 0].split()[0]
        )
    except (OSError, IndexError, ValueError):
        return None


def evaluation_bytes(network, shape, taps, padding="zero"):
    """Peak of one `nst_numpy.objective.total_loss`, in bytes.

    Walks the table as `vgg.forward` and `vgg.backward` do. On the way there the taps so far, a
    layer's input and its output are held; then, tap by tap, dL/dF takes the place of F, the two
    of the largest side by side; on the way back the dL/dF of the taps still to come, and a
    layer's dL/dy and dL/dx; all along a bit per activation, and the picture without its mean
    color and dL/dx of the one before. Another padding than zeros holds a padded copy of a layer's
    input and output.
    """
    size = network.dtype.itemsize
    deepest = max(network.layers.index(l) for l in taps)
    (H, W), N, tapped, largest, masks, peak = shape[:2], 3, 0, 0, 0, 0
    copies = 1 if padding == "zero" else 2
    output = picture = H * W * N * size
    for l in network.layers[: deepest + 1]:
        H, W = (H // 2, W // 2) if l.startswith("pool") else (H, W)
        N = network.weights[l][1].size if l in network.weights else N
        before, output = output, H * W * N * size
        masks += H * W * N // 8 if l in network.weights else 0
        tapped += output if l in taps else 0
        largest = max(largest, output if l in taps else 0)
        peak = max(peak, tapped + copies * (before + output))
    return max(peak, tapped + largest) + masks + 2 * picture


def job_bytes(network, shapes, content_layer, style_layers, optimizer, rows=None, padding="zero"):
    """Peak of a whole job above the imports, in bytes; with ``rows`` by strips of so many rows.

    The package's own optimizers keep `VECTORS` of the picture's size, in the network's dtype.
    SciPy keeps (2 m + 5) n doubles; its bounds, which it turns into a list of n pairs of
    Python's numbers, and the adapter's copies come to about 37 n more.

    Parameters
    ----------
    network : nst_numpy.vgg.Network
    shapes : ((int, int), (int, int))
        Height and width of the content and of the style.
    content_layer : str
    style_layers : sequence of str
    optimizer : str
    rows : int, optional
    padding : {"zero", "reflect", "replicate"}
    """
    (H, W), taps, size = shapes[0], {content_layer, *style_layers}, network.dtype.itemsize
    halo = grid(network, taps)[1]
    windows = shapes if rows is None else [(min(h, rows + 2 * halo), w) for h, w in shapes]
    evaluation = max(evaluation_bytes(network, window, taps, padding) for window in windows)
    if rows is not None:  # dL/dx, and a strip's own rows of conv1_1 and its window of them
        first = network.weights[network.layers[0]][1].size
        evaluation += (3 * H + 2 * first * windows[0][0]) * W * size
    vectors = 8 * VECTORS[optimizer] if optimizer == "lbfgsb" else size * VECTORS[optimizer]
    unknowns = 3 * H * W
    weights = 3 * sum(K.nbytes for K, _ in network.weights.values())  # K, and its panels each way
    N = network.weights[content_layer][1].size
    P = vgg.positions(network, (H, W), [content_layer])[content_layer] * N * size
    return evaluation + unknowns * vectors + weights + (P if rows is None else 2 * P) + SCRATCH


def rows_within(network, shapes, content_layer, style_layers, optimizer, budget, padding="zero"):
    """None if the whole picture fits into the budget, else the rows of a strip that does.

    Raises
    ------
    InputError
        If not even the smallest strip fits; the message names a size that would.
    """
    job = network, shapes, content_layer, style_layers, optimizer
    margin = margin_of(padding)
    if job_bytes(*job, padding=padding) <= budget:
        return None
    step, _ = grid(network, {content_layer, *style_layers})
    H, W = shapes[0][:2]
    for rows in range(H // step * step, 0, -step):
        if job_bytes(*job, rows, padding) <= budget:
            return rows
    raise InputError(
        f"A picture of {W - 2 * margin} x {H - 2 * margin} pixels needs "
        f"{job_bytes(*job, step, padding) // MEGABYTE} MB even strip by strip, but the budget is "
        f"{budget // MEGABYTE:.0f} MB; {_advice(job, budget, step, padding)}."
    )


def _advice(job, budget, step, padding):
    """Which size would fit, as a part of a sentence."""
    network, shapes, *settings = job
    margin = margin_of(padding)
    for size in range(max(shapes[0][:2]) - 2 * margin - 1, step, -1):
        smaller = scaled_shapes(shapes, size, margin, step)
        if job_bytes(network, smaller, *settings, step, padding) <= budget:
            return f"a --size of {size} would fit"
    return "no size fits into so little"


def scaled_shapes(shapes, size, margin, least=1):
    """The shapes once the first one's longer side, without margins, has ``size`` pixels.

    Parameters
    ----------
    shapes : sequence of (int, int)
        Heights and widths, with a margin of so many pixels on each side.
    size, margin : int
    least : int
        No side gets shorter than this, its margins included.

    Returns
    -------
    list of (int, int)
    """
    border = 2 * margin
    largest = max(shapes[0][:2]) - border
    return [
        tuple(max(least, -(-(side - border) * size // largest) + border) for side in shape[:2])
        for shape in shapes
    ]
