"""Find the convolutions of a VGG among named arrays, by the naming schemes of common libraries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from nst_numpy.networks.network_groups import choose_group, clean_prefix
from nst_numpy.networks.preprocessing import guess_torch_preprocessing
from nst_numpy.networks.stored_arrays import LONG_NAMES, RawWeights, StoredArray
from nst_numpy.networks.weights_file import WeightsContent
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19

HWIO, OIHW = (0, 1, 2, 3), (2, 3, 1, 0)  # axes to transpose to (kh, kw, in, out)
KERNEL_NAMES = ("weight", "kernel", "W", "K")


@dataclass(frozen=True)
class NamingScheme:
    """How a library names the arrays of a VGG.

    Attributes
    ----------
    name : str
    pattern : re.Pattern
        Its groups are ``prefix``, then the layer and whether the array is a kernel or a bias.
    axes : tuple of int
        Transposes a kernel to (kh, kw, in, out).
    preprocessing : str or None
        What conv1_1 expects. None if the names do not determine it.
    """

    name: str
    pattern: re.Pattern[str]
    axes: tuple[int, int, int, int]
    preprocessing: str | None


SCHEMES = (
    NamingScheme(
        "layer names of torchvision",  # features.0.weight, or 0.weight for the features only
        re.compile(r"(?:^|(?P<prefix>.*)\.)features\.(\d+)\.(weight|bias)$|^(\d+)\.(weight|bias)$"),
        OIHW,
        None,  # files converted from Caffe have the same names, see `guess_torch_preprocessing`
    ),
    NamingScheme(
        "layer names of Gatys",  # conv1_1.weight
        re.compile(r"(?:^|(?P<prefix>.*)\.)conv(\d_\d)\.(weight|bias)$"),
        OIHW,
        "caffe",
    ),
    NamingScheme(
        "layer names of Keras",  # block1_conv1/kernel:0, block1_conv1_W_1:0
        re.compile(
            r"(?:^|(?P<prefix>.*)[/.])block(\d)_conv(\d)(?:/|\.|_)(kernel|bias|W|b)"
            r"(?:_1)?(?::0)?(?:\.npy)?$"
        ),
        HWIO,
        "caffe",
    ),
    NamingScheme(
        "layer names of the paper",  # conv1_1_W, conv1_1/kernel
        re.compile(r"(?:^|(?P<prefix>.*)[/.])conv(\d_\d)(?:/|_)(kernel|bias|W|K|b)$"),
        HWIO,
        "rgb",
    ),
)


def weights_of_arrays(
    path: Path, arrays: dict[str, StoredArray], prefix: str | None = None
) -> WeightsContent:
    """Select the convolutions of a VGG from named arrays, and read only those.

    Parameters
    ----------
    path : path
        For messages.
    arrays : dict of str to StoredArray
    prefix : str, optional
        What the names of the network start with, if the file contains several networks.

    Returns
    -------
    WeightsContent
        Kernels (3, 3, C, N) and biases (N,) by layer name; the channel order of conv1_1 is that
        of the file.

    Raises
    ------
    InputError
        If no naming scheme matches, several networks match, or a kernel or bias is missing.
    """
    prefix, (scheme, by_layer) = choose_group(path, _groups(path, arrays), _kernel_shapes, prefix)
    found = _with_layer_names(path, scheme, by_layer)
    weights: RawWeights = {}
    dtype = ""
    for l, parts in found.items():
        if sorted(parts) != ["K", "b"]:
            missing = "bias" if "K" in parts else "kernel"
            raise InputError(f"{path}: the layer {l} has no {missing}.")
        K, b = parts["K"].read(), parts["b"].read()
        weights[l] = (K.transpose(scheme.axes) if K.ndim == 4 else K), b
        dtype = LONG_NAMES.get(parts["K"].dtype, parts["K"].dtype)
    if scheme.preprocessing is not None:
        return WeightsContent(weights, dtype, scheme.preprocessing, scheme.name)
    names = [name for name in arrays if name.startswith(prefix)]
    K1 = weights["conv1_1"][0] if "conv1_1" in weights else None
    return WeightsContent(weights, dtype, *guess_torch_preprocessing(names, K1))


ByPart: TypeAlias = dict[str, dict[str, StoredArray]]  # {layer: {"K": array, "b": array}}


def _groups(path: Path, arrays: dict[str, StoredArray]) -> dict[str, tuple[NamingScheme, ByPart]]:
    """The arrays of each prefix, by the first naming scheme that matches any of them.

    The layers have the names of the scheme: "4_2", or torchvision's index.
    """
    groups: dict[str, tuple[NamingScheme, ByPart]] = {}
    for scheme in SCHEMES:
        found: dict[str, ByPart] = {}
        for name, array in arrays.items():
            if match := scheme.pattern.match(name):
                prefix = clean_prefix(match["prefix"])
                *layer, part = (g for g in match.groups()[1:] if g is not None)
                by_layer = found.setdefault(prefix, {}).setdefault("_".join(layer), {})
                by_layer["K" if part in KERNEL_NAMES else "b"] = array
        for prefix, by_part in found.items():
            groups.setdefault(prefix, (scheme, by_part))
    if groups:
        return groups
    some = ", ".join(sorted(str(name) for name in arrays)[:4]) or "no arrays"
    raise InputError(
        f"{path} contains {some[:120]}. None is named like a convolution of VGG. Expected VGG-16 "
        "or VGG-19 with the layer names of torchvision, Keras or Gatys."
    )


def _with_layer_names(path: Path, scheme: NamingScheme, by_layer: ByPart) -> ByPart:
    """The arrays of one network by the paper's names of the layers."""
    if scheme.preprocessing is not None:
        return {f"conv{layer}": parts for layer, parts in by_layer.items()}
    layers = _layers_by_index(path, {int(i) for i in by_layer})
    return {layers[int(i)]: parts for i, parts in by_layer.items()}


def _kernel_shapes(group: tuple[NamingScheme, ByPart]) -> dict[str, tuple[int, ...]] | None:
    """The shapes (kh, kw, in, out) of a network's kernels; None if it is not a complete VGG."""
    scheme, by_layer = group
    try:
        by_layer = _with_layer_names(Path(), scheme, by_layer)
    except InputError:
        return None
    if not all(sorted(parts) == ["K", "b"] for parts in by_layer.values()):
        return None
    kernels = {l: parts["K"].shape for l, parts in by_layer.items()}
    return {
        l: tuple(shape[axis] for axis in scheme.axes) if len(shape) == 4 else tuple(shape)
        for l, shape in kernels.items()
    }


def _layers_by_index(path: Path, present: set[int]) -> dict[int, str]:
    """{index: layer} in torchvision's `features`, where each ReLU and pooling has an index, too."""
    for table in (VGG19, VGG16):
        indices = _convolution_indices(table)
        if present <= set(indices):
            return indices
    raise InputError(
        f"{path}: the layer numbers {', '.join(map(str, sorted(present)[:8]))} ... match neither "
        "VGG-16 nor VGG-19. VGG-11, VGG-13 and networks with batch normalization are not supported."
    )


def _convolution_indices(table: Iterable[str]) -> dict[int, str]:
    """{index: layer} of the convolutions in torchvision's numbering."""
    indices, i = {}, 0
    for l in table:
        if l.startswith("conv"):
            indices[i] = l
        i += 2 if l.startswith("conv") else 1
    return indices
