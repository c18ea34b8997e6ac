"""From named arrays to a checked `Network`: what every reader ends in."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, Weights
from nst_numpy.vgg import VGG16, VGG19, Network

MEAN_RGB = np.array([123.68, 116.779, 103.939], np.float32)  # ImageNet means of the VGG release


def convolutions(layers: Iterable[str]) -> list[str]:
    """The convolutions in a table of layers."""
    return [l for l in layers if l.startswith("conv")]


def build_network(
    name: str,
    weights: Weights,
    mean: npt.ArrayLike = MEAN_RGB,
    normalized: bool = False,
    about: dict[str, str] | None = None,
) -> Network:
    """Check a file's arrays and return them as a network.

    Parameters
    ----------
    name : str
        The file, for messages.
    weights : dict of str to (K, b)
        Kernels (3, 3, C, N) and biases (N,) by layer name; conv1_1 reads red, green, blue.
    mean : (3,) float32
        Red, green, blue, 0..255.
    normalized : bool
        What the file says of itself.
    about : dict of str to str, optional
        Where the weights come from, for people to read.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32.

    Raises
    ------
    InputError
        If a layer is missing, a shape does not fit or a number is not finite.
    """
    table = VGG19 if any(l in weights for l in set(VGG19) - set(VGG16)) else VGG16
    known = convolutions(table)
    unknown = sorted(set(weights) - set(known))
    if unknown:
        raise InputError(f"{name}: the layer {unknown[0]} is none of VGG-16's or VGG-19's.")
    deepest = max((known.index(l) for l in weights), default=0)
    channels = 3
    for l in known[: deepest + 1]:
        if l not in weights:
            raise InputError(
                f"{name}: the layer {l} is missing, which the layers after it need. "
                "Expected the convolutions of VGG-16 or VGG-19 from conv1_1 on."
            )
        channels = _check_layer(name, l, *weights[l], channels)
    mean = _float32(np.asarray(mean)).ravel()
    if mean.shape != (3,) or not np.isfinite(mean).all():
        raise InputError(f"{name}: its mean color is not three numbers. Get the file again.")
    layers = table[: table.index(known[deepest]) + 1]
    weights = {l: (_ready(K), _ready(b)) for l in known if l in weights for K, b in [weights[l]]}
    return Network(name, layers, weights, mean, normalized, about or {})


def _float32(values: npt.NDArray[Any]) -> Array:
    """The values in float32; what is too large for it becomes infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32, copy=False)


def _ready(values: npt.NDArray[Any]) -> Array:
    """The values as a network holds them."""
    return np.ascontiguousarray(_float32(values))


def _check_layer(name: str, l: str, K: npt.NDArray[Any], b: npt.NDArray[Any], channels: int) -> int:
    """Check one layer's arrays and return its number of filters."""
    if K.ndim != 4 or K.shape[:3] != (3, 3, channels) or K.shape[3] == 0:
        raise InputError(
            f"{name}: the kernel of {l} has the shape {K.shape}, expected "
            f"(3, 3, {channels}, filters)."
        )
    if b.shape != K.shape[3:]:
        raise InputError(
            f"{name}: the bias of {l} has the shape {b.shape}, expected {K.shape[3:]} "
            "to go with its kernel."
        )
    for what, values in (("kernel", K), ("bias", b)):
        if values.dtype.kind != "f" or not np.isfinite(_float32(values)).all():
            raise InputError(
                f"{name}: the {what} of {l} holds values that are not finite numbers. "
                "The file is damaged: get it again."
            )
    return K.shape[3]
