"""The interface that all optimizers share."""

from dataclasses import dataclass
from typing import Protocol

from nst_numpy.optimizers.preconditioner import Preconditioner
from nst_numpy.utils.types import Array, Bounds, Checkpoint, Loss, OptimizerCallback, State


def no_checkpoint(state: State) -> None:
    """Ignore the state: the default checkpoint."""


class Minimize(Protocol):
    """The signature of every optimizer.

    Parameters
    ----------
    f_and_g : callable
        ``f_and_g(x) -> (f, g)``: the function to minimize and its gradient. x and g have x0's
        shape and dtype. g must be the exact derivative of f.
    x0 : array or dict
        The start; or a state that ``checkpoint`` received, to resume from it.
    bounds : (float, float)
        Lower and upper bound of every element, in the units of x.
    callback : callable
        ``callback(iteration, x, f)`` is called at the start (iteration 0) and after each
        iteration. A resumed run calls it for the remaining iterations only.
    iterations : int
        Maximum number of iterations, those before a resume included.
    preconditioner : Preconditioner, optional
        A guess S of the inverse second derivative of f, up to a factor; None for the identity.
        Resume a run with the same S.
    checkpoint : callable, optional
        ``checkpoint(state)`` is called after each call of the callback. The state is a dict of
        plain values and arrays from which the run can be resumed. Its arrays are never modified.

    Returns
    -------
    x : array, shape and dtype of x0
        The point of the last iteration.
    reason : str
        Why the optimizer stopped, as a sentence.

    Notes
    -----
    A resumed run returns exactly what an uninterrupted run returns, to the last bit, with one
    exception: `nst_numpy.optimizers.lbfgsb`.
    """

    def __call__(
        self,
        f_and_g: Loss,
        x0: Array | State,
        bounds: Bounds,
        callback: OptimizerCallback,
        iterations: int,
        *,
        preconditioner: Preconditioner | None = None,
        checkpoint: Checkpoint = ...,
    ) -> tuple[Array, str]: ...


@dataclass(frozen=True)
class Optimizer:
    """An optimizer, and what it needs in memory.

    Attributes
    ----------
    minimize : callable
        See `Minimize`.
    vectors : int
        Number of arrays of x's size that a job holds at its peak. x, x0 and the content image
        are included.
    preconditioned : bool
        Whether it supports a preconditioner.
    itemsize : int or None
        Bytes for each element of these arrays; None if they have x0's dtype.
    library_bytes : int
        Memory of the libraries that only this optimizer loads.
    arrays, numbers : tuple of str
        Names of the arrays and of the numbers in a state, in addition to ``"iteration"``.
    pairs : tuple of str
        Names of the lists of (array, array, number) in a state.
    """

    minimize: Minimize
    vectors: int
    preconditioned: bool = True
    itemsize: int | None = None
    library_bytes: int = 0
    arrays: tuple[str, ...] = ("x",)
    numbers: tuple[str, ...] = ()
    pairs: tuple[str, ...] = ()
