"""How much memory a job takes, and how to stay below a budget."""

import os
from pathlib import Path

from nst_numpy import vgg
from nst_numpy.errors import InputError
from nst_numpy.optimize import HISTORY
from nst_numpy.strips import grid

SHARE = 0.7  # of the free memory that a job takes without asking
MEGABYTE = 2**20
SCRATCH = 60 * MEGABYTE  # what the kernels work in, and the kernels themselves once loaded


def available():
    """Free memory of this machine in bytes."""
    try:
        text = Path("/proc/meminfo").read_text()
        return 1024 * int(text.split("MemAvailable:")[1].split()[0])
    except (OSError, IndexError, ValueError):
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2


def evaluation_bytes(network, shape, taps):
    """Peak of one `nst_numpy.objective.total_loss`, in bytes.

    Walks the table as `vgg.forward` and `vgg.backward` do. On the way there the taps so far, a
    layer's input and its output are held; then F and dL/dF of all taps; on the way back the dL/dF
    of the taps still to come, and a layer's dL/dy and dL/dx; all along a bit per activation.
    """
    size = network.dtype.itemsize
    deepest = max(network.layers.index(l) for l in taps)
    (H, W), N, tapped, masks, peak = shape[:2], 3, 0, 0, 0
    output = H * W * N * size
    for l in network.layers[: deepest + 1]:
        H, W = (H // 2, W // 2) if l.startswith("pool") else (H, W)
        N = network.weights[l][1].size if l in network.weights else N
        before, output = output, H * W * N * size
        masks += H * W * N // 8 if l in network.weights else 0
        tapped += output if l in taps else 0
        peak = max(peak, tapped + before + output)
    return max(peak, 2 * tapped) + masks


def job_bytes(network, shape, taps, rows=None):
    """Peak of a whole job above the imports, in bytes; with ``rows`` by strips of so many rows.

    The optimizer keeps (2 m + 5) n doubles; SciPy's bounds, which it turns into a list of n
    pairs of Python's numbers, and the adapter's copies come to about 37 n more.
    """
    H, W = shape[:2]
    n = H * W * 3
    if rows is not None:
        step, reach = grid(network, max(network.layers.index(l) for l in taps))
        halo = -(-reach // step) * step
        shape = min(H, rows + 2 * halo), W
    optimizer = 8 * n * (2 * HISTORY + 5 + 37)
    weights = 3 * sum(K.nbytes for K, _ in network.weights.values())
    content = max(vgg.positions(network, (H, W), taps).values()) // 64 * network.dtype.itemsize
    return evaluation_bytes(network, shape, taps) + optimizer + weights + content + SCRATCH


def rows_within(network, shape, taps, budget):
    """None if the whole picture fits into the budget, else the rows of a strip that does.

    Raises
    ------
    InputError
        If not even the smallest strip fits; the message names a size that would.
    """
    if job_bytes(network, shape, taps) <= budget:
        return None
    step, _ = grid(network, max(network.layers.index(l) for l in taps))
    for rows in range(shape[0] // step * step, 0, -step):
        if job_bytes(network, shape, taps, rows) <= budget:
            return rows
    needed = job_bytes(network, shape, taps, step)
    fixed = job_bytes(network, (step, step), taps)
    share = max(0.0, budget - fixed) / (needed - fixed)
    side = int(0.95 * max(shape[:2]) * share**0.5) // step * step
    raise InputError(
        f"A picture of {shape[1]} x {shape[0]} pixels needs {needed // MEGABYTE} MB even strip by "
        f"strip, but the budget is {budget // MEGABYTE} MB; a --size of about {side} would fit."
    )
