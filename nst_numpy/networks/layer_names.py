"""Find the convolutions of a VGG among named arrays, by the naming schemes of common libraries."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

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
        Its groups are the layer and whether the array is a kernel or a bias.
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
        re.compile(r"(?:^|.*\.)features\.(\d+)\.(weight|bias)$|^(\d+)\.(weight|bias)$"),
        OIHW,
        None,  # files converted from Caffe have the same names, see `guess_torch_preprocessing`
    ),
    NamingScheme(
        "layer names of Gatys",  # conv1_1.weight
        re.compile(r"(?:^|.*\.)conv(\d_\d)\.(weight|bias)$"),
        OIHW,
        "caffe",
    ),
    NamingScheme(
        "layer names of Keras",  # block1_conv1/kernel:0, block1_conv1_W_1:0
        re.compile(
            r"(?:^|.*[/.])block(\d)_conv(\d)(?:/|\.|_)(kernel|bias|W|b)(?:_1)?(?::0)?(?:\.npy)?$"
        ),
        HWIO,
        "caffe",
    ),
    NamingScheme(
        "layer names of the paper",  # conv1_1_W, conv1_1/kernel
        re.compile(r"(?:^|.*[/.])conv(\d_\d)(?:/|_)(kernel|bias|W|K|b)$"),
        HWIO,
        "rgb",
    ),
)


def weights_of_arrays(path: Path, arrays: dict[str, StoredArray]) -> WeightsContent:
    """Select the convolutions of a VGG from named arrays, and read only those.

    Parameters
    ----------
    path : path
        For messages.
    arrays : dict of str to StoredArray

    Returns
    -------
    WeightsContent
        Kernels (3, 3, C, N) and biases (N,) by layer name; the channel order of conv1_1 is that
        of the file.

    Raises
    ------
    InputError
        If no naming scheme matches, or a kernel or bias is missing.
    """
    scheme, found = _match_scheme(path, arrays)
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
    K1 = weights["conv1_1"][0] if "conv1_1" in weights else None
    return WeightsContent(weights, dtype, *guess_torch_preprocessing(arrays, K1))


def _match_scheme(
    path: Path, arrays: dict[str, StoredArray]
) -> tuple[NamingScheme, dict[str, dict[str, StoredArray]]]:
    """The first naming scheme that matches any array, and the arrays by layer and part."""
    for scheme in SCHEMES:
        found = _arrays_by_layer(path, scheme, arrays)
        if found:
            return scheme, found
    some = ", ".join(sorted(str(name) for name in arrays)[:4]) or "no arrays"
    raise InputError(
        f"{path} contains {some[:120]}. None is named like a convolution of VGG. Expected VGG-16 "
        "or VGG-19 with the layer names of torchvision, Keras or Gatys."
    )


def _arrays_by_layer(
    path: Path, scheme: NamingScheme, arrays: dict[str, StoredArray]
) -> dict[str, dict[str, StoredArray]]:
    """{layer: {"K": array, "b": array}} of the arrays that match a scheme."""
    found: dict[str, dict[str, StoredArray]] = {}
    for name, array in arrays.items():
        match = scheme.pattern.match(name)
        if match:
            *layer, part = (group for group in match.groups() if group is not None)
            found.setdefault("_".join(layer), {})["K" if part in KERNEL_NAMES else "b"] = array
    if scheme.preprocessing is not None:
        return {f"conv{layer}": parts for layer, parts in found.items()}
    layers = _layers_by_index(path, {int(i) for i in found}) if found else {}
    return {layers[int(i)]: parts for i, parts in found.items()}


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
