"""Read VGG weights from the .mat files of MatConvNet."""

import re
from pathlib import Path
from typing import Any

import numpy as np

from nst_numpy.networks.mat_files import read_mat
from nst_numpy.networks.network_groups import check_no_prefix
from nst_numpy.networks.stored_arrays import AnyArray, RawWeights, StoredArray
from nst_numpy.networks.weights_file import FileStart, WeightsContent
from nst_numpy.utils.errors import InputError

CONVOLUTION = re.compile(r"conv\d_\d$")


def is_mat5(start: FileStart) -> bool:
    """Whether a file is a .mat file of the versions 5 to 7."""
    return start.first_bytes.startswith(b"MATLAB 5.0")


def is_mat73(start: FileStart) -> bool:
    """Whether a file is a .mat file of version 7.3."""
    return start.first_bytes.startswith(b"MATLAB 7.3")


def read_matconvnet(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read convolutions and mean of `imagenet-vgg-verydeep-19.mat` and similar files.

    ``layers`` is a cell of structs with the fields name, type and weights, a cell of kernel and
    bias; the oldest files have the fields filters and biases instead. The mean is in
    ``normalization.averageImage`` (older) or ``meta.normalization.averageImage``, as a picture
    or a pixel. Fields are found by name, because the two published files order them differently.

    A kernel is (kw, kh, in, out), as the manual of MatConvNet's `vl_nnconv` says and as other
    programs assume, and expects RGB. The first two axes are swapped here.

    Raises
    ------
    InputError
        If the file contains no VGG network.
    """
    check_no_prefix(path, prefix)
    variables = read_mat(path, ("layers", "meta", "normalization"))
    layers = variables.get("layers")
    if not isinstance(layers, list):
        raise InputError(f"{path} contains no cell `layers`, so it is not a network of MatConvNet.")
    weights: RawWeights = {}
    for struct in (struct for layer in layers for struct in _structs(layer)):
        name = struct.get("name")
        if isinstance(name, str) and CONVOLUTION.match(name):
            weights[name] = _kernel_and_bias(path, name, struct)
    if not weights:
        raise InputError(f"{path}: none of its layers is a convolution of VGG (conv1_1, ...).")
    return WeightsContent(
        weights=weights,
        dtype=weights["conv1_1"][0].dtype.name if "conv1_1" in weights else "",
        preprocessing="rgb",
        reason="format of MatConvNet",
        mean=_mean(variables),
    )


def _structs(value: Any) -> list[dict[str, Any]]:
    """The elements of a struct; an empty list if the value is not a struct."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _kernel_and_bias(path: Path, name: str, struct: dict[str, Any]) -> tuple[AnyArray, AnyArray]:
    """Kernel (kh, kw, in, out) and bias (out,) of one layer."""
    pair = struct.get("weights") or [struct.get("filters"), struct.get("biases")]
    if not isinstance(pair, list) or [type(v) for v in pair] != [StoredArray, StoredArray]:
        raise InputError(f"{path}: the layer {name} must have one kernel and one bias of numbers.")
    K, b = (array.read() for array in pair)
    return np.swapaxes(K, 0, 1) if K.ndim == 4 else K, b.ravel()  # b is a row or a column


def _mean(variables: dict[str, Any]) -> AnyArray | None:
    """RGB mean (3,) of the normalization in the file; None if there is none."""
    holders = _structs(variables.get("normalization"))
    for meta in _structs(variables.get("meta")):
        holders += _structs(meta.get("normalization"))
    for holder in holders:
        image = holder.get("averageImage")
        if isinstance(image, StoredArray) and np.prod(image.shape) % 3 == 0 and all(image.shape):
            pixels = image.read().astype(np.float64)
            return pixels.mean(axis=(0, 1)).ravel() if pixels.ndim == 3 else pixels.ravel()
    return None
