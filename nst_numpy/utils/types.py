"""The names that signatures are made of. The docstrings tell the shapes."""

import os
from collections.abc import Callable
from typing import Any, Protocol, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]  # float32 or float64, of any shape
FeatureMap: TypeAlias = Array  # (N, M): F, P
Image: TypeAlias = Array  # (H, W, 3), red, green, blue, 0..255: p, a, x
Picture: TypeAlias = npt.NDArray[np.uint8]  # the same, rounded
Labels: TypeAlias = npt.NDArray[np.int64]  # (H, W), a number for each region
Mask: TypeAlias = npt.NDArray[np.bool_] | npt.NDArray[np.unsignedinteger[Any]]

ByLayer: TypeAlias = dict[str, Array]  # F, P, A of several layers
Weights: TypeAlias = dict[str, tuple[Array, Array]]  # kernel and bias of each convolution
Tape: TypeAlias = list[tuple[str, tuple[int, int, int], Mask | None]]  # see `nst_numpy.vgg.forward`
Series: TypeAlias = npt.NDArray[np.float64]  # (iterations + 1,), one of each iteration
Terms: TypeAlias = dict[str, float]  # the weighted terms of a loss by name
Settings: TypeAlias = dict[str, Any]  # arguments of a job by name
Record: TypeAlias = dict[str, Any]  # what is kept of a job, as JSON has it

File: TypeAlias = str | os.PathLike[str]
PictureSource: TypeAlias = File | npt.NDArray[Any]  # a picture as a person hands it in
Shape: TypeAlias = tuple[int, ...]

Loss: TypeAlias = Callable[[Array], tuple[float, Array]]  # f_and_g: x -> (f, g)
Objective: TypeAlias = Callable[[Array], tuple[float, Array, Terms]]
Prepare: TypeAlias = Callable[[], Objective]
Callback: TypeAlias = Callable[[int, Array, float, Terms], object]  # of a job, see `stylize`

State: TypeAlias = dict[
    str, Any
]  # what a job needs to go on, see `nst_numpy.transfer.optimization.run`
Checkpoint: TypeAlias = Callable[[State], object]

Bounds: TypeAlias = tuple[float, float]
OptimizerCallback: TypeAlias = Callable[
    [int, Array, float], object
]  # of an optimizer: iteration, x, f


class Minimize(Protocol):
    """An optimizer: see `nst_numpy.optimizers.scipy_lbfgsb`."""

    def __call__(
        self,
        f_and_g: Loss,
        x0: Array,
        bounds: Bounds,
        callback: OptimizerCallback,
        iterations: int,
        *,
        checkpoint: Checkpoint = ...,
        state: State | None = None,
    ) -> tuple[Array, str]: ...
