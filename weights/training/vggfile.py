"""Read, run, normalize and write a VGG as a list of (w, b) with w (out, in, 3, 3)."""

from collections.abc import Callable
from typing import Any, TypeAlias

import h5py
import numpy as np
import torch
import torch.nn.functional as nnf

from nst_numpy.networks import load_network, normalize
from nst_numpy.networks.build_network import MEAN_RGB, build_network
from nst_numpy.networks.hdf5_arrays import write_attribute
from nst_numpy.vgg import Network

Layers: TypeAlias = list[tuple[torch.Tensor, torch.Tensor]]  # w (out, in, 3, 3), b
Convolve: TypeAlias = Callable[[int, torch.Tensor], torch.Tensor]

DEPTHS = (2, 2, 4, 4, 1)  # convolutions in each block, up to conv5_1
NAMES = [f"block{b}_conv{i}" for b, n in enumerate(DEPTHS, 1) for i in range(1, n + 1)]


def read_teacher(path: str) -> Layers:
    """Read a VGG-19 as a list of (w, b); its input is BGR minus the means."""
    layers = []
    for l, (K, b) in load_network(path).weights.items():
        K = K[:, :, ::-1] if l == "conv1_1" else K
        w = torch.from_numpy(np.ascontiguousarray(K.transpose(3, 2, 0, 1)))
        layers.append((w.contiguous(memory_format=torch.channels_last), torch.from_numpy(b)))
    return layers[: len(NAMES)]


def features(x: torch.Tensor, convolve: Convolve) -> list[torch.Tensor]:
    """The 13 feature maps after their ReLU; `convolve(l, x)` is layer l without ReLU."""
    taps = []
    for layer, name in enumerate(NAMES):
        if name.endswith("conv1") and layer > 0:
            x = nnf.avg_pool2d(x, 2)
        x = torch.relu(convolve(layer, x))
        taps.append(x)
    return taps


def plain(layers: Layers) -> Convolve:
    """The `convolve` argument of `features` for a network that is a list of (w, b)."""
    return lambda layer, x: nnf.conv2d(x, *layers[layer], padding=1)


def as_network(layers: Layers) -> Network:
    """The student as a `Network`."""
    weights = {}
    for name, (w, b) in zip(NAMES, layers, strict=True):
        K = w.permute(2, 3, 1, 0).numpy()
        weights[f"conv{name[5]}_{name[-1]}"] = K[:, :, ::-1] if name == NAMES[0] else K, b.numpy()
    return build_network("student", weights)


def normalized(
    layers: Layers, x: torch.Tensor, rare: float = 3.0
) -> tuple[Layers, dict[str, list[int]]]:
    """Normalize the student over the crops x, see `nst_numpy.networks.normalize`.

    Returns
    -------
    layers : list of (w, b)
    dead : dict of str to list of int
    """
    pictures = x.permute(0, 2, 3, 1).numpy()[..., ::-1] + MEAN_RGB
    network, dead = normalize(as_network(layers), pictures, rare=rare)
    scaled = []
    for l, (K, b) in network.weights.items():
        K = K[:, :, ::-1] if l == "conv1_1" else K
        w = np.ascontiguousarray(K.transpose(3, 2, 0, 1))
        scaled.append((torch.from_numpy(w), torch.from_numpy(b)))
    return scaled, dead


def rounding_error(layers: Layers, x: torch.Tensor) -> float:
    """Largest relative error of the features, over the layers, from rounding to float16."""
    half = [(w.half().float(), b.half().float()) for w, b in layers]
    pairs = zip(features(x, plain(layers)), features(x, plain(half)), strict=True)
    return max(((a - b).norm() / a.norm()).item() for a, b in pairs)


def write_keras(path: str, layers: Layers, about: dict[str, Any]) -> None:
    """Write float16 weights in the layout of Keras' VGG-19, with `about` as attributes."""
    with h5py.File(path, "w") as f:
        f.attrs["layer_names"] = np.array(NAMES, "S")
        for key, value in about.items():
            write_attribute(f, key, value)
        for name, (w, b) in zip(NAMES, layers, strict=True):
            group = f.create_group(name)
            w = w.permute(2, 3, 1, 0).numpy().astype(np.float16)
            group[f"{name}_W_1:0"], group[f"{name}_b_1:0"] = w, b.numpy().astype(np.float16)
