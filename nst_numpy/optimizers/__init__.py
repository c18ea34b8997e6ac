"""Optimizers: one a file, each a function of (f_and_g, x0, bounds, callback, iterations).

Each can hand out its state after every iteration (``checkpoint``) and go on from one (``state``).
"""

from nst_numpy.optimizers.adam import adam
from nst_numpy.optimizers.gradient_descent import gradient_descent, momentum
from nst_numpy.optimizers.iterate_average import averaged
from nst_numpy.optimizers.lbfgs import HISTORY, lbfgs
from nst_numpy.optimizers.scipy_lbfgsb import lbfgsb
from nst_numpy.utils.errors import unknown_name
from nst_numpy.utils.types import Minimize

OPTIMIZERS: dict[str, Minimize] = {
    "lbfgs": lbfgs,
    "lbfgsb": lbfgsb,
    "gradient-descent": gradient_descent,
    "momentum": momentum,
    "adam": adam,
}


def find_optimizer(name: str) -> Minimize:
    """The optimizer of that name, or say which there are."""
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, tuple(OPTIMIZERS))
    return OPTIMIZERS[name]


__all__ = [
    "HISTORY",
    "OPTIMIZERS",
    "find_optimizer",
    "averaged",
    "lbfgs",
    "lbfgsb",
    "gradient_descent",
    "momentum",
    "adam",
]
