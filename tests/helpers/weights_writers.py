"""Write weights files of every format, independently of the package's readers."""

import io
import json
import pickle
import struct
import zipfile

import h5py
import numpy as np
import scipy.io

from nst_numpy.vgg import VGG16, VGG19

CAFFE_MEAN_RGB = (123.68, 116.779, 103.939)


def features_index(table):
    """{layer: index in torchvision's `features`}."""
    numbers, i = {}, 0
    for l in table:
        numbers[l] = i
        i += 2 if l.startswith("conv") else 1
    return numbers


def is_vgg16(network):
    return network.layers == VGG16[: len(network.layers)] and len(network.layers) > len(VGG19[:9])


def torch_arrays(network, names="torchvision", bgr=False):
    """{name: array} in PyTorch's layout: kernels (out, in, kh, kw)."""
    index = features_index(VGG16 if is_vgg16(network) else VGG19)
    arrays = {}
    for l, (K, b) in network.weights.items():
        K = K[:, :, ::-1] if bgr and l == "conv1_1" else K
        name = f"features.{index[l]}" if names == "torchvision" else l
        arrays[f"{name}.weight"] = np.ascontiguousarray(K.transpose(3, 2, 0, 1))
        arrays[f"{name}.bias"] = b
    return arrays


def write_keras(path, network, names=("{0}_W_1:0", "{0}_b_1:0"), prefix="", change=None):
    """Write a network as Keras does: channels in BGR order, one group per layer."""
    weights = dict(network.weights)
    (change or (lambda _: None))(weights)
    with h5py.File(path, "w") as file:
        for l, (K, b) in weights.items():
            group = f"block{l[4]}_conv{l[6]}"
            arrays = (K[:, :, ::-1] if l == "conv1_1" else K), b
            for name, values in zip(names, arrays, strict=True):
                file[f"{prefix}{group}/{name.format(group)}"] = values
    return path


def write_keras3(path, network, prefix="layers/", named=True):
    """Write a network as Keras 3 does: numbered layers, with or without names as attributes."""
    with h5py.File(path, "w") as file:
        for i, (l, (K, b)) in enumerate(network.weights.items()):
            group = file.create_group(f"{prefix}conv2d{f'_{i}' if i else ''}/vars")
            group["0"], group["1"] = K[:, :, ::-1] if l == "conv1_1" else K, b
            if named:
                group.attrs["name"] = f"block{l[4]}_conv{l[6]}"
    return path


def write_safetensors(path, arrays):
    """Write {name: array} in the safetensors format: a JSON header, then the data."""
    kinds = {"float64": "F64", "float32": "F32", "float16": "F16", "int64": "I64"}
    header, data = {"__metadata__": {"format": "pt"}}, b""
    for name, values in arrays.items():
        place = [len(data), len(data) + values.nbytes]
        header[name] = {"dtype": kinds[values.dtype.name], "shape": values.shape}
        header[name]["data_offsets"] = place
        data += values.tobytes()
    text = json.dumps(header).encode()
    path.write_bytes(struct.pack("<Q", len(text)) + text + data)
    return path


def write_mat(path, network, old=False, fields="weights", mean=CAFFE_MEAN_RGB, compress=False):
    """Write a network as MatConvNet does, in its older or newer layout."""
    layers = []
    for l, (K, b) in network.weights.items():
        K = K.swapaxes(0, 1)  # (kw, kh, in, out)
        pair = np.empty((1, 2), object)
        pair[0, 0], pair[0, 1] = K, b.reshape((1, -1) if old else (-1, 1))
        content = {"weights": pair} if fields == "weights" else {"filters": K, "biases": b}
        name = {"type": "conv", "name": l}
        layers.append({**content, "pad": np.ones((1, 4)), **name} if old else {**name, **content})
        layers.append({"type": "relu", "name": f"relu{l[4:]}"})
    layers.append({"type": "conv", "name": "fc6", "weights": np.empty((1, 0), object)})
    cell = np.empty((1, len(layers)), object)
    cell[0, :] = layers
    image = np.broadcast_to(np.array(mean), (4, 4, 3)) if old else np.reshape(mean, (1, 1, 3))
    normalization = {"imageSize": [224.0, 224.0, 3.0], "averageImage": image, "border": [0.0, 0.0]}
    rest = {"normalization": normalization} if old else {"meta": {"normalization": normalization}}
    variables = {"layers": cell, "classes": {"name": "tench"}, **rest}
    scipy.io.savemat(path, variables, oned_as="row", do_compression=compress)
    return path


def write_torch(path, arrays, legacy=False, pickled=None):
    """Write {name: array} as PyTorch does, in its zip or its legacy format."""
    pickled = torch_pickle(arrays, legacy) if pickled is None else pickled
    if legacy:
        magic = [0x1950A86A20F9469CFC6C, 1001, {"protocol_version": 1001, "little_endian": True}]
        data = b"".join(pickle.dumps(value, protocol=2) for value in magic) + pickled
        data += pickle.dumps([str(i) for i in range(len(arrays))], protocol=2)
        for values in arrays.values():
            data += struct.pack("<q", values.size) + values.tobytes()
        path.write_bytes(data)
        return path
    members = {"data.pkl": pickled, "byteorder": b"little", "version": b"3\n"}
    members |= {f"data/{i}": values.tobytes() for i, values in enumerate(arrays.values())}
    path.write_bytes(zipped({f"archive/{name}": content for name, content in members.items()}))
    return path


def zipped(members, method=zipfile.ZIP_STORED):
    """Bytes of a zip archive of {name: content}."""
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return content.getvalue()


def torch_pickle(arrays, legacy=False):
    """A pickle of an OrderedDict of tensors, each with its own storage."""
    kinds = {"float32": "Float", "float16": "Half", "float64": "Double", "int64": "Long"}
    program = b"\x80\x02ccollections\nOrderedDict\n)R("
    for i, (name, values) in enumerate(arrays.items()):
        strides = [step // values.itemsize for step in values.strides]
        storage = f"ctorch\n{kinds[values.dtype.name]}Storage\n".encode()
        storage = b"(" + _text("storage") + storage + _text(str(i)) + _text("cpu")
        storage += _number(values.size) + (b"NtQ" if legacy else b"tQ")
        program += _text(name) + b"ctorch._utils\n_rebuild_tensor_v2\n(" + storage + _number(0)
        program += _numbers(values.shape) + _numbers(strides)
        program += b"\x89ccollections\nOrderedDict\n)RtR"
    return program + b"u."


def _text(text):
    return b"X" + struct.pack("<I", len(text)) + text.encode()


def _number(number):
    return b"J" + struct.pack("<i", number)


def _numbers(numbers):
    return b"(" + b"".join(_number(n) for n in numbers) + b"t"
