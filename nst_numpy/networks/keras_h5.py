"""Read VGG weights from the HDF5 files of Keras, and from its zip files that contain one."""

import io
import re
import zipfile
from pathlib import Path
from typing import Any, TypeAlias

import h5py

from nst_numpy.networks.build_network import convolutions
from nst_numpy.networks.hdf5_arrays import attribute, is_hdf5, read_dataset
from nst_numpy.networks.network_groups import KernelShapes, choose_group, clean_prefix
from nst_numpy.networks.stored_arrays import ByteBudget, RawWeights, as_float32, dtype_name
from nst_numpy.networks.weights_file import FileStart, WeightsContent, read_member
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19

ZIP_MEMBER = "model.weights.h5"  # the weights in a .keras file
NAMED = re.compile(r"(?:^|(?P<prefix>.*)[/\\])block(\d)_conv(\d)$")  # conv{block}_{i}
NUMBERED = re.compile(
    r"(?:^|(?P<prefix>.*)[/\\])conv2d(?:_(\d+))?$"
)  # Keras 3: the number of the convolution
Groups: TypeAlias = dict[str, dict[Any, h5py.Group]]  # {prefix: {layer or number: group}}
ATTRIBUTES = ("source", "license", "attribution")  # kept from the attributes of the file


def is_keras_h5(start: FileStart) -> bool:
    """Whether a file is an HDF5 file. Files of this package are recognized first."""
    return is_hdf5(start)


def is_keras_zip(start: FileStart) -> bool:
    """Whether a file is a zip file of Keras 3."""
    return ZIP_MEMBER in start.members


def read_keras_h5(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read the convolutions of a VGG-16 or VGG-19 from an HDF5 file of Keras.

    Each convolution is a group at any depth:

    - ``block1_conv1`` ... with the datasets ``block1_conv1_W_1:0`` and ``block1_conv1_b_1:0``
      (oldest), ``kernel:0`` and ``bias:0``, or ``kernel`` and ``bias``;
    - in Keras 3, and in the `.weights.h5` files before it, ``conv2d``, ``conv2d_1`` ... with the
      datasets ``vars/0`` and ``vars/1``, numbered in the order of the layers. Newer files also
      contain the names of the layers, but as text of variable length, which is not safe to read
      in a damaged file (`nst_numpy.networks.hdf5_arrays.attribute`).

    Kernels are (kh, kw, in, out) and expect BGR, 0..255, minus (103.939, 116.779, 123.68). Dense
    layers are skipped.

    Raises
    ------
    InputError
        If the file contains no VGG network.
    """
    with h5py.File(path) as file:
        return _read(path, file, prefix)


def read_keras_zip(path: Path, prefix: str | None = None) -> WeightsContent:
    """Read the HDF5 file in a zip file of Keras 3, see `read_keras_h5`."""
    with zipfile.ZipFile(path) as archive:
        member = read_member(archive, ZIP_MEMBER, ByteBudget(path))
    with h5py.File(io.BytesIO(member)) as file:
        return _read(path, file, prefix)


def _read(path: Path, file: h5py.File, prefix: str | None) -> WeightsContent:
    """Read the convolutions of an open HDF5 file; the path is for messages."""
    budget = ByteBudget(path)
    named, numbered = _convolution_groups(file)
    if not named and not numbered:
        raise InputError(
            f"{path}: there is no layer block1_conv1, so this is not a VGG network of Keras."
        )
    # Layers with names take precedence: the others belong to something else, such as a decoder.
    if named and (prefix is None or prefix in named):
        _, by_layer = choose_group(path, named, _shapes_of_named, prefix)
        found = {l: _kernel_and_bias(path, group) for l, group in by_layer.items()}
    else:
        _, by_number = choose_group(path, numbered or named, _shapes_of_numbered, prefix)
        pairs = [_kernel_and_bias(path, by_number[i]) for i in sorted(by_number)]
        found = dict(zip(_layers_by_order(path, pairs), pairs, strict=False))
    weights: RawWeights = {
        l: (as_float32(read_dataset(K, budget)), as_float32(read_dataset(b, budget)))
        for l, (K, b) in found.items()
    }
    return WeightsContent(
        weights=weights,
        dtype=next(dtype_name(K.dtype) for K, _ in found.values()),
        preprocessing="caffe",
        reason="layout of Keras",
        normalized=bool(attribute(file, "normalized")),
        about={key: v for key in ATTRIBUTES if isinstance(v := attribute(file, key), str)},
    )


def _convolution_groups(file: h5py.File) -> tuple[Groups, Groups]:
    """The groups of convolutions with a VGG name, and of those with only a number, by prefix."""
    named: Groups = {}
    numbered: Groups = {}

    def visit(name: str, item: Any) -> None:
        if not isinstance(item, h5py.Group) or name.startswith("optimizer"):
            return  # an optimizer state contains moments with the shapes of the weights
        if match := NAMED.match(name):
            layers = named.setdefault(clean_prefix(match["prefix"]), {})
            layers[f"conv{match[2]}_{match[3]}"] = item
        elif match := NUMBERED.match(name):
            numbered.setdefault(match["prefix"] or "", {})[int(match[2] or 0)] = item

    file.visititems(visit)
    return named, numbered


def _shapes_of_named(group: dict[Any, h5py.Group]) -> KernelShapes | None:
    """The shapes of the kernels of named layers; None if a kernel or bias is missing."""
    try:
        return {l: _kernel_and_bias(Path(), item)[0].shape for l, item in group.items()}
    except InputError:
        return None


def _shapes_of_numbered(group: dict[Any, h5py.Group]) -> KernelShapes | None:
    """The shapes of the kernels of numbered layers; None if they do not match a VGG."""
    try:
        pairs = [_kernel_and_bias(Path(), group[i]) for i in sorted(group)]
        names = _layers_by_order(Path(), pairs)
    except InputError:
        return None
    return {l: K.shape for l, (K, _) in zip(names, pairs, strict=False)}


def _kernel_and_bias(path: Path, group: h5py.Group) -> tuple[h5py.Dataset, h5py.Dataset]:
    """The only kernel and the only bias below a group, not read yet."""
    found: list[h5py.Dataset] = []

    def visit(_: str, item: Any) -> None:
        if isinstance(item, h5py.Dataset):
            found.append(item)

    group.visititems(visit)
    kernels, biases = ([d for d in found if d.ndim == ndim] for ndim in (4, 1))
    if len(kernels) != 1 or len(biases) != 1:
        raise InputError(
            f"{path}: {group.name} must contain one kernel with four axes and one bias, but "
            f"contains arrays of the shapes {[d.shape for d in found][:4]}."
        )
    return kernels[0], biases[0]


def _layers_by_order(path: Path, pairs: list[tuple[h5py.Dataset, h5py.Dataset]]) -> list[str]:
    """Names of numbered convolutions: the number of filters changes only between blocks."""
    widths = [K.shape[3] for K, _ in pairs]
    for table in (VGG16, VGG19):
        names = convolutions(table)
        steps = zip(names[1:], widths[1:], widths, strict=False)
        if len(widths) <= len(names) and all(
            l.endswith("_1") or width == previous for l, width, previous in steps
        ):
            return names
    raise InputError(
        f"{path}: the {len(widths)} convolutions do not match those of VGG-16 or VGG-19. Save "
        "the VGG in a file of its own, or with the layer names of Keras (block1_conv1, ...)."
    )
