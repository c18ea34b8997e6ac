"""How much memory the general sum takes, which cannot be worked on in strips."""

from bisect import bisect_right

from nst_numpy import vgg
from nst_numpy.errors import InputError
from nst_numpy.memory import MEGABYTE, job_bytes, scaled_shapes
from nst_numpy.start import MARGIN, margin_of

REGION_COPIES = 3  # F T, dL_r/dF and its product with T^2, beside F, in `guided_loss`


def sum_bytes(network, shapes, v, w, optimizer, regions, padding="zero"):
    """Peak of a job with `nst_numpy.terms.sum_of_terms`, in bytes.

    It holds the F of all taps until all dL/dF are there, where the paper's sum lets them take
    each other's place; and P of every content layer.

    Parameters
    ----------
    network : nst_numpy.vgg.Network
    shapes : sequence of (int, int)
        Height and width of the content and of each style.
    v, w : collection of str
        Content layers and style layers.
    optimizer : str
    regions : int
        How many, 0 without masks.
    padding : {"zero", "reflect", "replicate"}
    """
    first, *others = v
    size, M = network.dtype.itemsize, vgg.positions(network, shapes[0], {*v, *w})
    F = {l: M[l] * network.weights[l][1].size * size for l in M}
    T = regions * sum(M[l] for l in w) * size * len(shapes)
    copies = (REGION_COPIES if regions else 1) * max(F.values())
    plain = job_bytes(network, shapes, first, {*w, *others}, optimizer, padding=padding)
    return plain + sum(F.values()) + copies + sum(F[l] for l in others) + T


def check_room(network, shapes, v, w, optimizer, regions, budget, beyond, padding="zero"):
    """Refuse a job that does not fit into the budget as a whole, and say which size would.

    Parameters
    ----------
    network, shapes, v, w, optimizer
        As in `sum_bytes`.
    regions : nst_numpy.controls.regions.Regions or None
    budget : float
        Bytes.
    beyond : list of str
        What the job has that cannot be worked on in strips.
    padding : {"zero", "reflect", "replicate"}
    """
    margin = margin_of(padding)
    number = regions.number if regions else 0

    def need(size):
        smaller = scaled_shapes(shapes, size, margin, 2 * margin + 1)
        return sum_bytes(network, smaller, v, w, optimizer, number, padding)

    largest = max(shapes[0]) - 2 * margin
    if need(largest) <= budget:
        return
    H, W = (side - 2 * margin for side in shapes[0])
    fits = bisect_right(range(1, largest), budget, key=need)
    advice = f"a --size of {fits} would fit" if fits > MARGIN else "no size fits into so little"
    raise InputError(
        f"A picture of {W} x {H} pixels needs {need(largest) // MEGABYTE} MB, but the budget is "
        f"{budget // MEGABYTE:.0f} MB and with {', '.join(beyond)} a job is not cut into strips; "
        f"{advice}."
    )
