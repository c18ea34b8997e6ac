"""Read VGG weights from Keras' HDF5 files."""

import re

import h5py

from nst_numpy.networks.array_files import as_float32
from nst_numpy.networks.build_network import convolutions
from nst_numpy.networks.hdf5_arrays import read_dataset
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19

NAMED = re.compile(r"(?:^|.*[/\\])block(\d)_conv(\d)$")  # Keras' name for conv{block}_{i}
NUMBERED = re.compile(r"(?:^|.*[/\\])conv2d(?:_(\d+))?$")  # the same in Keras 3, in order


def read_keras(file, path, spend):
    """Convolutions of a VGG-16 or VGG-19 in Keras' layout.

    Each convolution is a group, at any depth: ``block1_conv1`` ... with the datasets
    ``block1_conv1_W_1:0`` and ``block1_conv1_b_1:0`` (oldest), ``kernel:0`` and ``bias:0``, or
    ``kernel`` and ``bias``; in Keras 3 and in the `.weights.h5` before it ``conv2d``,
    ``conv2d_1`` ... with the datasets ``vars/0`` and ``vars/1``, which are VGG's in their order.
    (Newer ones also hold the layers' names, as text of variable length, which is not safe to
    read in a damaged file: `nst_numpy.networks.hdf5_arrays.attribute`.) Kernels are (kh, kw, in, out)
    and see blue, green, red, 0..255 minus (103.939, 116.779, 123.68). Dense layers are left out.

    Parameters
    ----------
    file : h5py.File
    path : path
        For messages.
    spend : callable
        Is told the bytes of each array before it is read (`nst_numpy.networks.array_files.allowance`).

    Returns
    -------
    weights : dict of str to (K, b)
    dtype : str
        Of the kernels in the file.
    """
    named, numbered = _groups(file)
    if not named and not numbered:
        raise InputError(
            f"{path}: holds no layer block1_conv1, so it is not a VGG network in Keras' layout."
        )
    if named:
        found = {l: _kernel_and_bias(path, group) for l, group in named.items()}
    else:
        pairs = [_kernel_and_bias(path, numbered[i]) for i in sorted(numbered)]
        found = dict(zip(_names_in_order(path, pairs), pairs, strict=False))
    weights = {
        l: tuple(as_float32(read_dataset(d, spend)) for d in pair) for l, pair in found.items()
    }
    return weights, next(K.dtype.name for K, _ in found.values())


def _groups(file):
    """The convolutions' groups: {layer: group} of those with a name, {order: group} of others."""
    named, numbered = {}, {}

    def visit(name, item):
        if not isinstance(item, h5py.Group) or name.startswith("optimizer"):
            return  # a saved training also holds moments in the weights' shapes
        if match := NAMED.match(name):
            named[f"conv{match[1]}_{match[2]}"] = item
        elif match := NUMBERED.match(name):
            numbered[int(match[1] or 0)] = item

    file.visititems(visit)
    return named, numbered


def _kernel_and_bias(path, group):
    """The one kernel and the one bias below a group, not yet read."""
    found = []
    group.visititems(lambda _, item: found.append(item) if isinstance(item, h5py.Dataset) else None)
    arrays = sorted((d for d in found if d.ndim in (1, 4)), key=lambda d: -d.ndim)
    if [d.ndim for d in arrays] != [4, 1]:
        raise InputError(
            f"{path}: {group.name} should hold one kernel with four axes and one bias, but holds "
            f"{[d.shape for d in found][:4]}."
        )
    return arrays


def _names_in_order(path, pairs):
    """Names for convolutions that only have an order: filters change where a block begins."""
    widths = [K.shape[3] for K, _ in pairs]
    for table in (VGG16, VGG19):
        names = convolutions(table)
        steps = zip(names[1:], widths[1:], widths, strict=False)
        if len(widths) <= len(names) and all(
            l.endswith("_1") or now == before for l, now, before in steps
        ):
            return names
    raise InputError(f"{path}: its {len(widths)} convolutions are not those of VGG-16 or VGG-19.")
