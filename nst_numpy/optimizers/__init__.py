"""Optimizers, one in each file.

All have the signature of `nst_numpy.optimizers.interface.Minimize`. To add one, write its function
and add its row to `OPTIMIZERS`.
"""

from nst_numpy.optimizers.adam import adam
from nst_numpy.optimizers.gradient_descent import gradient_descent, momentum
from nst_numpy.optimizers.interface import Minimize, Optimizer
from nst_numpy.optimizers.iterate_average import update_average
from nst_numpy.optimizers.lbfgs import HISTORY, lbfgs
from nst_numpy.optimizers.preconditioner import (
    Preconditioner,
    pixel_preconditioner,
    precondition,
    shaped_noise,
)
from nst_numpy.optimizers.scipy_lbfgsb import lbfgsb
from nst_numpy.utils.available_memory import MEGABYTE
from nst_numpy.utils.errors import unknown_name

SCIPY_BYTES = 22 * MEGABYTE  # memory that scipy.optimize takes once loaded

# SciPy keeps (2 m + 5) n doubles; its bounds, a list of n pairs of Python floats, and the
# adapter's copies take about 36 n more.
OPTIMIZERS: dict[str, Optimizer] = {
    "lbfgs": Optimizer(
        lbfgs, vectors=2 * HISTORY + 12, arrays=("x", "g"), numbers=("f",), pairs=("pairs",)
    ),
    "lbfgsb": Optimizer(
        lbfgsb, 2 * HISTORY + 41, preconditioned=False, itemsize=8, library_bytes=SCIPY_BYTES
    ),
    "gradient-descent": Optimizer(
        gradient_descent, vectors=8, arrays=("x", "g", "v"), numbers=("f", "t", "mu")
    ),
    "momentum": Optimizer(momentum, vectors=8, arrays=("x", "g", "v"), numbers=("f", "t", "mu")),
    "adam": Optimizer(
        adam,
        vectors=7,
        preconditioned=False,
        arrays=("x", "g", "m", "v"),
        numbers=("scale", "iterations"),
    ),
}


def find_optimizer(name: str) -> Optimizer:
    """The row of `OPTIMIZERS` with that name.

    Raises
    ------
    InputError
        If the name is unknown; the message lists the known ones.
    """
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, tuple(OPTIMIZERS))
    return OPTIMIZERS[name]


__all__ = [
    "HISTORY",
    "OPTIMIZERS",
    "Minimize",
    "Optimizer",
    "Preconditioner",
    "adam",
    "find_optimizer",
    "gradient_descent",
    "lbfgs",
    "lbfgsb",
    "momentum",
    "pixel_preconditioner",
    "precondition",
    "shaped_noise",
    "update_average",
]
