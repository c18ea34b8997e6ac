"""One row of the table of checked derivatives, and how it is checked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nst_numpy.gradcheck.checker import Check, gradcheck
from nst_numpy.utils.types import Array, Loss

KERNEL_TOLERANCE = 2e-5  # relative, for float32: rounding errors are a few 1e-7 to 1e-6


@dataclass(frozen=True)
class DerivativeRow:
    """A derivative in float64, compared with differences of its function's values.

    Attributes
    ----------
    name : str
    equation : str
        Where the derivative is from; empty if it is not in the paper.
    f_and_g : callable
        ``f_and_g(x) -> (f, g)``.
    x : array, float64
        Where it is checked.
    """

    name: str
    equation: str
    f_and_g: Loss
    x: Array


@dataclass(frozen=True)
class KernelRow:
    """A function in float32 (`nst_numpy.backend`), compared with the NumPy version in float64.

    Attributes
    ----------
    name : str
    equation : str
        Empty if the function is not an equation of the paper.
    kernel, plain : callable
        Without arguments; the arrays that should agree.
    """

    name: str
    equation: str
    kernel: Callable[[], Array]
    plain: Callable[[], Array]


Row: TypeAlias = DerivativeRow | KernelRow


def check_row(row: Row, seed: int = 0) -> Check:
    """Check one row; ``seed`` of the random directions.

    The results y of a kernel and of its NumPy version are compared by inner products <y, r> with
    random normal r, relative to |y|.
    """
    if isinstance(row, DerivativeRow):
        return gradcheck(row.f_and_g, row.x, seed=seed)
    found, expected = row.kernel().astype(np.float64), row.plain()
    r = np.random.default_rng(seed).standard_normal(expected.shape)
    scale = float(np.linalg.norm(expected))
    return Check(float(np.sum(found * r)), float(np.sum(expected * r)), scale, KERNEL_TOLERANCE)
