"""Every derivative of the package as one row: what ``nst-numpy gradcheck`` and the tests check."""

import numpy as np

from nst_numpy.gradcheck.layer_rows import kernel_rows, layer_rows
from nst_numpy.gradcheck.loss_rows import paper_loss_rows, pixel_loss_rows, style_loss_rows
from nst_numpy.gradcheck.objective_rows import objective_rows
from nst_numpy.gradcheck.row import Row
from nst_numpy.vgg import Network


def rows(network: Network, pooling: str = "average", seed: int = 0) -> list[Row]:
    """All checks: derivatives in float64, and the float32 kernels.

    Parameters
    ----------
    network : nst_numpy.vgg.Network
        For the objectives.
    pooling : {"average", "max"}
        In the objectives.
    seed : int

    Returns
    -------
    list of DerivativeRow and KernelRow
        Check one with `nst_numpy.gradcheck.row.check_row`.
    """
    rng = np.random.default_rng(seed)
    return [
        *layer_rows(rng),
        *paper_loss_rows(rng),
        *style_loss_rows(rng),
        *pixel_loss_rows(rng),
        *objective_rows(network, pooling, rng),
        *kernel_rows(rng),
    ]
