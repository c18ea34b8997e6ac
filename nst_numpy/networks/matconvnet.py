"""Read VGG weights from MatConvNet's .mat files."""

import re

import numpy as np

from nst_numpy.networks.array_files import Entry
from nst_numpy.networks.mat_files import read_mat
from nst_numpy.utils.errors import InputError

CONVOLUTION = re.compile(r"conv\d_\d$")


def read_matconvnet(path):
    """Convolutions and mean of `imagenet-vgg-verydeep-19.mat` and its like.

    ``layers`` is a cell of structs with the fields name, type and weights, a cell of kernel and
    bias; the oldest files have the fields filters and biases instead. The mean stands in
    ``normalization.averageImage`` (older) or ``meta.normalization.averageImage``, as a picture
    or a pixel. Fields are found by name, so that their order, which differs between the two
    published files, does not matter.

    A kernel is (kw, kh, in, out), as MatConvNet's manual of `vl_nnconv` has it and as the programs
    that read these files do, and reads red, green, blue; its first two axes are swapped here.

    Parameters
    ----------
    path : path

    Returns
    -------
    weights : dict of str to (K, b)
    mean : (3,) array or None
    """
    variables = read_mat(path, ("layers", "meta", "normalization"))
    layers = variables.get("layers")
    if not isinstance(layers, list):
        raise InputError(f"{path}: holds no cell `layers`, so it is no network of MatConvNet.")
    weights = {}
    for struct in (struct for layer in layers for struct in _structs(layer)):
        name = struct.get("name")
        if isinstance(name, str) and CONVOLUTION.match(name):
            weights[name] = _kernel_and_bias(path, name, struct)
    if not weights:
        raise InputError(f"{path}: none of its layers is a convolution of VGG (conv1_1 ...).")
    return weights, _mean(variables)


def _structs(value):
    """The elements of a struct; none if the value is something else."""
    return [v for v in value if isinstance(v, dict)] if isinstance(value, list) else []


def _kernel_and_bias(path, name, struct):
    """K and b of one layer; the bias is a row or a column."""
    pair = struct.get("weights") or [struct.get("filters"), struct.get("biases")]
    if not (isinstance(pair, list) and len(pair) == 2 and all(isinstance(v, Entry) for v in pair)):
        raise InputError(f"{path}: the layer {name} has not a kernel and a bias of numbers.")
    K, b = (entry.read() for entry in pair)
    return np.swapaxes(K, 0, 1) if K.ndim == 4 else K, b.ravel()  # (kh, kw, in, out)


def _mean(variables):
    """Mean color of the file's normalization; None if it has none."""
    holders = _structs(variables.get("normalization"))
    for meta in _structs(variables.get("meta")):
        holders += _structs(meta.get("normalization"))
    for holder in holders:
        image = holder.get("averageImage")
        if isinstance(image, Entry) and np.prod(image.shape) % 3 == 0 and 0 not in image.shape:
            pixels = image.read().astype(np.float64)
            return pixels.mean(axis=(0, 1)).ravel() if pixels.ndim == 3 else pixels.ravel()
    return None
