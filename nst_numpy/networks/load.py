"""One way into every weights file: what it is, is told by its first bytes, never by its name."""

import io
import warnings
import zipfile
from pathlib import Path

import h5py
import numpy as np

from nst_numpy.networks.array_files import allowance, read_start, reading
from nst_numpy.networks.build_network import build_network
from nst_numpy.networks.compact_h5 import FORMAT, read_compact
from nst_numpy.networks.hdf5_arrays import attribute
from nst_numpy.networks.keras_h5 import read_keras
from nst_numpy.networks.layer_names import convolutions_of
from nst_numpy.networks.matconvnet import read_matconvnet
from nst_numpy.networks.npz_arrays import read_npz
from nst_numpy.networks.preprocessing import to_rgb
from nst_numpy.networks.pytorch import ADVICE, ZIP_SIGNATURE, read_legacy, read_zip, stored
from nst_numpy.networks.safetensors import is_safetensors, read_safetensors
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.process_settings import thread_safe_catch_warnings
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

HDF5_SIGNATURE = b"\x89HDF\r\n\x1a\n"
KERAS_MEMBER = "model.weights.h5"  # of a .keras file, which is a zip
FOR_PEOPLE = ("source", "license", "attribution")  # attributes of a file that are passed on
READABLE = (
    "VGG-16 or VGG-19 weights from Keras (.h5, .weights.h5, .keras), MatConvNet (.mat), PyTorch "
    "(.pth), safetensors, NumPy (.npz), or what `nst-numpy weights convert` writes"
)


def read_network(path: File, preprocessing: str | None = None) -> Network:
    """Read a VGG-16 or VGG-19, or the first layers of one, from any format that is known.

    Parameters
    ----------
    path : str or path
    preprocessing : str, optional
        What conv1_1 expects, one of `nst_numpy.networks.preprocessing.PREPROCESSINGS`, where the
        file's layout alone would be taken for something else.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32; conv1_1 reads red, green, blue, 0..255 minus the network's mean.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged, or holds no VGG network.
    """
    path = Path(path)
    start = read_start(path)
    # Of what is odd in a damaged file, parsers and NumPy warn; what it amounts to is told here.
    with reading(path), np.errstate(all="ignore"), thread_safe_catch_warnings():
        warnings.simplefilter("ignore")
        weights, mean, about, normalized = _reader(path, start)(path)
        if "preprocessing" in about:
            told = {"preprocessing": preprocessing, "told by": "--preprocessing"}
            about |= told if preprocessing else {}
            mean = to_rgb(weights, about["preprocessing"], mean)
        elif preprocessing:
            raise InputError(f"{path} says itself what its first layer expects: leave that out.")
        return build_network(str(path), weights, mean, normalized, about)


def _reader(path, start):
    """The function that reads a file which begins like that."""
    if start.startswith(HDF5_SIGNATURE):
        return _hdf5
    if start.startswith(ZIP_SIGNATURE):
        return _zip
    if start.startswith(b"MATLAB 5.0"):
        return _mat
    if start.startswith(b"MATLAB 7.3"):
        raise InputError(f"{path}: MATLAB's version 7.3; save it anew with `save -v7`.")
    if is_safetensors(start):
        return _safetensors
    if start[:1] == b"\x80" and start[1:2] <= b"\x05":
        return _legacy
    if start[257:262] == b"ustar":
        raise InputError(f"{path}: a tar file, of a PyTorch before 2017. {ADVICE}")
    raise InputError(f"{path} is no weights file in a format that is read. Expected {READABLE}.")


def _hdf5(path, content=None):
    """The project's own file or Keras'; `content` instead of the file's bytes."""
    spend = allowance(path)
    with h5py.File(content or path) as file:
        normalized = bool(attribute(file, "normalized"))
        if attribute(file, "format") == FORMAT:
            return *read_compact(file, path, spend), normalized
        weights, dtype = read_keras(file, path, spend)
        about = {key: v for key in FOR_PEOPLE if isinstance(v := attribute(file, key), str)}
        about |= {"format": "Keras' HDF5", "dtype": dtype}
        about |= {"preprocessing": "caffe", "told by": "Keras' layout"}
        return weights, None, about, normalized


def _zip(path):
    """PyTorch's, Keras' or NumPy's file, told by what is in the zip."""
    with zipfile.ZipFile(path) as archive:
        names = archive.namelist()
        if KERAS_MEMBER in names:
            return _hdf5(path, io.BytesIO(stored(archive, KERAS_MEMBER, allowance(path))))
        if any(name.endswith("constants.pkl") for name in names):
            raise InputError(f"{path}: a program of TorchScript, not weights. {ADVICE}")
        if any(name.endswith("data.pkl") for name in names):
            return _named(path, read_zip(path, archive), "PyTorch's zip")
        if any(name.endswith(".npy") for name in names):
            return _named(path, read_npz(path, archive), "NumPy's .npz")
    raise InputError(f"{path}: a zip that holds no weights. Expected {READABLE}.")


def _legacy(path):
    return _named(path, read_legacy(path), "PyTorch's legacy serialization")


def _safetensors(path):
    return _named(path, read_safetensors(path), "safetensors")


def _mat(path):
    weights, mean = read_matconvnet(path)
    about = {"format": "MatConvNet's .mat", "preprocessing": "rgb", "told by": "its format"}
    about["dtype"] = weights["conv1_1"][0].dtype.name if "conv1_1" in weights else ""
    return weights, mean, about, False


def _named(path, entries, form):
    """From named arrays to (weights, mean, about, normalized)."""
    weights, about = convolutions_of(path, entries)
    return weights, None, {"format": form, **about}, False
