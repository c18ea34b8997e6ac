"""Check the arrays of a weights file and build a `Network` from them."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.networks.stored_arrays import RawWeights
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, Weights
from nst_numpy.vgg import VGG16, VGG19, Network

MEAN_RGB = np.array([123.68, 116.779, 103.939], np.float32)  # ImageNet means of the VGG release


def convolutions(layers: Iterable[str]) -> list[str]:
    """Names of the convolutions in a table of layers."""
    return [l for l in layers if l.startswith("conv")]


def build_network(
    name: str,
    weights: RawWeights,
    mean: npt.ArrayLike = MEAN_RGB,
    normalized: bool = False,
    about: dict[str, str] | None = None,
) -> Network:
    """Check the arrays of a file and return them as a network.

    Parameters
    ----------
    name : str
        Name of the network; the file, for messages.
    weights : dict of str to (K, b)
        Kernels (3, 3, C, N) and biases (N,) by layer name; conv1_1 expects RGB.
    mean : (3,) array_like
        RGB, 0..255.
    normalized : bool
        Whether the file is marked as normalized.
    about : dict of str to str, optional
        Describes the origin of the weights.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32.

    Raises
    ------
    InputError
        If a layer is missing, a shape is wrong or a number is not finite.
    """
    table = VGG19 if any(l in weights for l in set(VGG19) - set(VGG16)) else VGG16
    known = convolutions(table)
    unknown = sorted(set(weights) - set(known))
    if unknown:
        raise InputError(f"{name}: neither VGG-16 nor VGG-19 has a layer {unknown[0]}.")
    deepest = max((known.index(l) for l in weights), default=0)
    channels = 3
    for l in known[: deepest + 1]:
        if l not in weights:
            raise InputError(
                f"{name}: the layer {l} is missing. Expected all convolutions of VGG-16 or VGG-19 "
                "from conv1_1 to the last one in the file."
            )
        channels = _check_layer(name, l, *weights[l], channels)
    mean_rgb = _float32(np.asarray(mean)).ravel()
    if mean_rgb.shape != (3,) or not np.isfinite(mean_rgb).all():
        raise InputError(
            f"{name}: the mean color must be three finite numbers. Download the file again."
        )
    layers = table[: table.index(known[deepest]) + 1]
    checked: Weights = {
        l: (_contiguous(weights[l][0]), _contiguous(weights[l][1])) for l in known if l in weights
    }
    return Network(name, layers, checked, mean_rgb, normalized, about or {})


def _float32(values: npt.NDArray[Any]) -> Array:
    """The values in float32; numbers that are too large become infinite."""
    with np.errstate(over="ignore", invalid="ignore"):
        return values.astype(np.float32, copy=False)


def _contiguous(values: npt.NDArray[Any]) -> Array:
    """The values as a contiguous float32 array."""
    return np.ascontiguousarray(_float32(values))


def _check_layer(name: str, l: str, K: npt.NDArray[Any], b: npt.NDArray[Any], channels: int) -> int:
    """Check one layer's arrays and return its number of filters."""
    if K.ndim != 4 or K.shape[:3] != (3, 3, channels) or K.shape[3] == 0:
        raise InputError(
            f"{name}: the kernel of {l} has the shape {K.shape}; expected "
            f"(3, 3, {channels}, filters)."
        )
    if b.shape != K.shape[3:]:
        raise InputError(
            f"{name}: the bias of {l} has the shape {b.shape}; expected {K.shape[3:]}, "
            "the number of filters of its kernel."
        )
    for what, values in (("kernel", K), ("bias", b)):
        if values.dtype.kind != "f":
            raise InputError(
                f"{name}: the {what} of {l} has the dtype {values.dtype}; expected floating-point "
                "numbers. Networks with quantized weights are not supported."
            )
        if not np.isfinite(_float32(values)).all():
            raise InputError(
                f"{name}: the {what} of {l} contains values that are not finite numbers, so the "
                "file is damaged. Download it again."
            )
    return int(K.shape[3])
