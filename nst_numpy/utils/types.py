"""Type aliases of the package. The docstrings of the functions give the shapes."""

import os
from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Array: TypeAlias = npt.NDArray[np.floating[Any]]  # float32 or float64, of any shape
FeatureMap: TypeAlias = Array  # (N, M): F, P
Image: TypeAlias = Array  # (H, W, 3), red, green, blue, 0..255: p, a, x
Picture: TypeAlias = npt.NDArray[np.uint8]  # (H, W, 3), rounded to 0..255
Labels: TypeAlias = npt.NDArray[np.int64]  # (H, W), one number per region
Mask: TypeAlias = npt.NDArray[np.bool_] | npt.NDArray[np.unsignedinteger[Any]]

ByLayer: TypeAlias = dict[str, Array]  # F, P or A by layer name
Weights: TypeAlias = dict[str, tuple[Array, Array]]  # kernel K and bias b by layer name
Tape: TypeAlias = list[tuple[str, tuple[int, int, int], Mask | None]]  # see `nst_numpy.vgg.forward`
Series: TypeAlias = npt.NDArray[np.float64]  # (iterations + 1,), one value per iteration
Terms: TypeAlias = dict[str, float]  # weighted terms of a loss by name
Settings: TypeAlias = dict[str, Any]  # options of a job by name
Record: TypeAlias = dict[str, Any]  # what run.json and the PNG store, as plain JSON values

File: TypeAlias = str | os.PathLike[str]
PictureSource: TypeAlias = File | npt.NDArray[Any]  # a picture, as a file or an array
Shape: TypeAlias = tuple[int, ...]

Loss: TypeAlias = Callable[[Array], tuple[float, Array]]  # f_and_g: x -> (f, g)
Callback: TypeAlias = Callable[[int, Array, float, Terms], object]  # iteration, x, L, terms

# All that an optimizer or a job needs to resume, see `nst_numpy.transfer.optimization.minimize`.
State: TypeAlias = dict[str, Any]
Checkpoint: TypeAlias = Callable[[State], object]

Bounds: TypeAlias = tuple[float, float]
OptimizerCallback: TypeAlias = Callable[[int, Array, float], object]  # (iteration, x, f)
