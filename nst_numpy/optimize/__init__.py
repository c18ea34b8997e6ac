"""Optimizers: one a file, each a function of (f_and_g, x0, bounds, callback, iterations)."""

from nst_numpy.errors import unknown_name
from nst_numpy.optimize.lbfgs import HISTORY, lbfgs
from nst_numpy.optimize.lbfgsb import lbfgsb

OPTIMIZERS = {"lbfgsb": lbfgsb, "lbfgs": lbfgs}


def find_optimizer(name):
    """The optimizer of that name, or say which there are."""
    if name not in OPTIMIZERS:
        raise unknown_name("optimizer", name, tuple(OPTIMIZERS))
    return OPTIMIZERS[name]


__all__ = ["HISTORY", "OPTIMIZERS", "find_optimizer", "lbfgs", "lbfgsb"]
