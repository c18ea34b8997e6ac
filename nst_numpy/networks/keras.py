"""Read VGG weights from Keras' HDF5 files."""

import os
import re
from pathlib import Path

import h5py
import numpy as np

from nst_numpy.errors import InputError
from nst_numpy.networks.build import build_network

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
GROUP = re.compile(r"(?:^|/)block(\d)_conv(\d)$")  # Keras' name for conv{block}_{i}


def read_keras(path):
    """Read a VGG-16 or VGG-19 from a file in Keras' layout.

    Each convolution is a group ``block1_conv1`` ... with the datasets
    ``block1_conv1_W_1:0`` and ``block1_conv1_b_1:0`` (older) or ``kernel:0`` and ``bias:0``,
    at any depth. Kernels are (kh, kw, in, out) and see blue, green, red, 0..255 minus
    (103.939, 116.779, 123.68); here they are turned to red, green, blue. Dense layers are
    left out. An attribute ``normalized`` of the file says that it is (`normalize`).

    Parameters
    ----------
    path : str or path

    Returns
    -------
    nst_numpy.vgg.Network
        In float32.

    Raises
    ------
    InputError
        If the file cannot be read or does not hold a VGG network.
    """
    path = Path(path)
    _check_signature(path)
    try:
        with h5py.File(path) as file:
            weights = _convolutions(file, path)
            normalized = bool(file.attrs.get("normalized"))
    except (OSError, RuntimeError, KeyError, ValueError, TypeError, MemoryError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(
            f"{path}: the file is damaged or cut short ({error}). Get it again."
        ) from error
    if "conv1_1" not in weights:
        raise InputError(
            f"{path}: holds no layer block1_conv1, so it is not a VGG network in Keras' layout."
        )
    K, b = weights["conv1_1"]
    if K.ndim == 4:
        weights["conv1_1"] = K[:, :, ::-1], b  # blue, green, red -> red, green, blue
    return build_network(str(path), weights, normalized=normalized)


def _check_signature(path):
    """Tell a missing, empty or foreign file from HDF5 by its first bytes."""
    if os.path.isdir(path):
        raise InputError(f"{path} is a folder; expected a weights file.")
    if not os.path.lexists(path):
        raise InputError(f"There is no weights file {path}.")
    try:
        with path.open("rb") as file:
            start = file.read(512)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    if not start:
        raise InputError(f"{path} is empty; expected a weights file in Keras' HDF5 layout.")
    if start.lstrip().startswith(b"<"):
        raise InputError(
            f"{path} is a web page, not a weights file: the download failed. Get it again."
        )
    if not start.startswith(HDF5_SIGNATURE):
        raise InputError(f"{path} is not an HDF5 file; expected VGG weights in Keras' layout.")


def _convolutions(file, path):
    """Collect {layer: (K, b)} from every group that is named like a convolution."""
    weights = {}

    def visit(name, item):
        match = GROUP.search(name)
        if match and isinstance(item, h5py.Group):
            arrays = [d for d in _datasets(item) if d.ndim in (1, 4)]
            if name.startswith("optimizer_weights/"):
                return  # a saved training also holds moments in the weights' shapes
            if sorted(d.ndim for d in arrays) == [1, 4]:
                b, K = (np.asarray(d) for d in sorted(arrays, key=lambda d: d.ndim))
                weights[f"conv{match[1]}_{match[2]}"] = K, b
            elif not isinstance(item.get(f"block{match[1]}_conv{match[2]}"), h5py.Group):
                raise InputError(
                    f"{path}: {name} should hold one kernel with four axes and one bias, but "
                    f"holds {[d.shape for d in _datasets(item)]}."
                )

    file.visititems(visit)
    return weights


def _datasets(group):
    """All datasets below a group."""
    found = []
    group.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    return found
