"""A VGG as a list of (w, b), w (out, in, 3, 3): read, run, scale, write in Keras' layout."""

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
import torch.nn.functional as nnf

from nst_numpy.networks import load_network
from nst_numpy.networks.build_network import MEAN_RGB, build_network
from nst_numpy.networks.hdf5_arrays import write_attribute
from nst_numpy.utils.types import Image
from nst_numpy.vgg import Network

DEPTHS = (2, 2, 3, 3, 1)  # convolutions of VGG-16 in each block, up to conv5_1
NAMES = [f"conv{block}_{i}" for block, n in enumerate(DEPTHS, 1) for i in range(1, n + 1)]
INPUT_SCALE = 64.0  # the student trains on inputs near 1; folded into conv1_1 at the end
Layers = list[tuple[torch.Tensor, torch.Tensor]]


def read_teacher(path: str | Path) -> Layers:
    """The convolutions of a VGG-16 file up to conv5_1; they read BGR, 0..255, minus the means."""
    return as_layers(load_network(path))


def as_layers(network: Network) -> Layers:
    """The convolutions of the package's `Network` up to conv5_1; the inverse of `as_network`."""
    layers = []
    for name in NAMES:
        K, b = network.weights[name]
        K = K[:, :, ::-1] if name == NAMES[0] else K
        w = torch.from_numpy(np.ascontiguousarray(K.transpose(3, 2, 0, 1)))
        layers.append((w.contiguous(memory_format=torch.channels_last), torch.from_numpy(b)))
    return layers


def convolve(x: torch.Tensor, w: torch.Tensor, b: torch.Tensor) -> torch.Tensor:
    """A 3 x 3 convolution of the picture continued by reflection: (n, C, H, W) -> (n, N, H, W)."""
    return nnf.conv2d(nnf.pad(x, (1, 1, 1, 1), mode="reflect"), w, b)


def pooled(layer: int, x: torch.Tensor) -> torch.Tensor:
    """The input of a layer: pooled by averages if the layer is the first of its block."""
    return nnf.avg_pool2d(x, 2) if layer > 0 and NAMES[layer].endswith("_1") else x


def features(x: torch.Tensor, layers: Layers) -> list[torch.Tensor]:
    """The feature maps of all layers after their ReLU, each (n, N_l, H_l, W_l)."""
    taps = []
    for layer, (w, b) in enumerate(layers):
        x = torch.relu(convolve(pooled(layer, x), w, b))
        taps.append(x)
    return taps


def scaled(layers: Layers, scales: list[float]) -> Layers:
    """The same network with the features of layer l divided by ``scales[l]``."""
    out, below = [], 1.0
    for (w, b), scale in zip(layers, scales, strict=True):
        out.append((w * (below / scale), b / scale))
        below = scale
    return out


def as_network(layers: Layers) -> Network:
    """The layers as the package's `Network`."""
    weights = {}
    for name, (w, b) in zip(NAMES, layers, strict=True):
        K = w.detach().permute(2, 3, 1, 0).numpy()
        weights[name] = K[:, :, ::-1] if name == NAMES[0] else K, b.detach().numpy()
    return build_network("student", weights, MEAN_RGB)


def pictures_of(x: torch.Tensor) -> Image:
    """The crops of a batch as pictures, (n, size, size, 3), red, green, blue, 0..255."""
    return x.flip(1).permute(0, 2, 3, 1).numpy() + MEAN_RGB


@torch.no_grad()
def rounding_error(layers: Layers, x: torch.Tensor) -> float:
    """The largest relative error, over the layers, of rounding the weights to float16."""
    half = [(w.half().float(), b.half().float()) for w, b in layers]
    pairs = zip(features(x, layers), features(x, half), strict=True)
    return max(((a - b).norm() / a.norm()).item() for a, b in pairs)


def write_keras(path: str | Path, layers: Layers, about: dict[str, Any]) -> None:
    """Write a file in the layout of Keras' VGG, float16, with ``about`` as its attributes."""
    names = [f"block{name[4]}_conv{name[-1]}" for name in NAMES]
    with h5py.File(path, "w") as f:
        f.attrs["layer_names"] = np.array(names, "S")
        for key, value in about.items():
            write_attribute(f, key, value)
        for name, (w, b) in zip(names, layers, strict=True):
            group = f.create_group(name)
            K = w.detach().permute(2, 3, 1, 0).numpy().astype(np.float16)
            group[f"{name}_W_1:0"] = K
            group[f"{name}_b_1:0"] = b.detach().numpy().astype(np.float16)
