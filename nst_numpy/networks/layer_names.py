"""The names under which people keep a VGG's arrays, and what follows from them."""

import re
from collections import namedtuple

from nst_numpy.networks.array_files import LONG_NAMES
from nst_numpy.networks.preprocessing import of_torch_names
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19

# A way to name arrays: its pattern gives the layer (and which of K and b it is), its axes the
# order of the kernel's axes, its preprocessing the input that the first layer expects.
Scheme = namedtuple("Scheme", "name pattern axes preprocessing")
HWIO, OIHW = (0, 1, 2, 3), (2, 3, 1, 0)  # what to transpose by to get (kh, kw, in, out)

SCHEMES = (
    Scheme(
        "torchvision's names",  # features.0.weight, or 0.weight of the features alone
        re.compile(r"(?:^|.*\.)features\.(\d+)\.(weight|bias)$|^(\d+)\.(weight|bias)$"),
        OIHW,
        None,  # also those of networks converted from Caffe: see `of_torch_names`
    ),
    Scheme(
        "Gatys' names",  # conv1_1.weight
        re.compile(r"(?:^|.*\.)conv(\d_\d)\.(weight|bias)$"),
        OIHW,
        "caffe",
    ),
    Scheme(
        "Keras' names",  # block1_conv1/kernel:0, block1_conv1_W_1:0
        re.compile(
            r"(?:^|.*[/.])block(\d)_conv(\d)(?:/|\.|_)(kernel|bias|W|b)(?:_1)?(?::0)?(?:\.npy)?$"
        ),
        HWIO,
        "caffe",
    ),
    Scheme(
        "the paper's names",  # conv1_1_W, conv1_1/kernel
        re.compile(r"(?:^|.*[/.])conv(\d_\d)(?:/|_)(kernel|bias|W|K|b)$"),
        HWIO,
        "rgb",
    ),
)


def convolutions_of(path, entries):
    """Pick a VGG's convolutions out of named arrays, and read only those.

    Parameters
    ----------
    path : path
        For messages.
    entries : dict of str to Entry

    Returns
    -------
    weights : dict of str to (K, b)
        Kernels (3, 3, C, N), biases (N,), by layer name; the channels of conv1_1 as in the file.
    about : dict of str to str
        The dtype in the file, the preprocessing that conv1_1 expects, and by what that was told.
    """
    for scheme in SCHEMES:
        found = _by_layer(path, scheme, entries)
        if found:
            break
    else:
        some = ", ".join(sorted(str(name) for name in entries)[:4]) or "nothing"
        raise InputError(
            f"{path}: holds {some[:120]}, none of which is named like a convolution of VGG. "
            "Expected VGG-16 or VGG-19, for example as torchvision, Keras or Gatys name it."
        )
    weights, dtype = {}, ""
    for l, parts in found.items():
        if sorted(parts) != ["K", "b"]:
            missing = "bias" if "K" in parts else "kernel"
            raise InputError(f"{path}: the layer {l} has no {missing}.")
        K, b = parts["K"].read(), parts["b"].read()
        weights[l] = (K.transpose(scheme.axes) if K.ndim == 4 else K), b
        dtype = LONG_NAMES.get(parts["K"].dtype, parts["K"].dtype)
    preprocessing, reason = scheme.preprocessing, scheme.name
    if preprocessing is None:
        K = weights.get("conv1_1", (None, None))[0]
        preprocessing, reason = of_torch_names(entries, K)
    return weights, {"dtype": dtype, "preprocessing": preprocessing, "told by": reason}


def _by_layer(path, scheme, entries):
    """{layer: {"K": Entry, "b": Entry}} of the arrays that the scheme knows."""
    found = {}
    for name, entry in entries.items():
        match = scheme.pattern.match(name)
        if match:
            *layer, part = (group for group in match.groups() if group is not None)
            part = "K" if part in ("weight", "kernel", "W", "K") else "b"
            found.setdefault("_".join(layer), {})[part] = entry
    if scheme.preprocessing is not None:
        return {f"conv{layer}": parts for layer, parts in found.items()}
    layers = _layers_by_index(path, {int(i) for i in found}) if found else {}
    return {layers[int(i)]: parts for i, parts in found.items()}


def _layers_by_index(path, present):
    """{index: layer} of torchvision's `features`: a convolution and its ReLU, or a pooling."""
    for table in (VGG19, VGG16):
        indices, i = {}, 0
        for l in table:
            if l.startswith("conv"):
                indices[i] = l
            i += 2 if l.startswith("conv") else 1
        if present <= set(indices):
            return indices
    raise InputError(
        f"{path}: its layers are numbered {', '.join(map(str, sorted(present)[:8]))} ..., which is "
        "neither VGG-16 nor VGG-19. VGG-11, VGG-13 and those with batch normalization are others."
    )
