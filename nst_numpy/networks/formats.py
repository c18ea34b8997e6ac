"""The table of weights formats: how each is recognized, read, and named.

To add a format, write a reader module with a recognizer and a reader, and add a row to `FORMATS`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from nst_numpy.networks.compact_h5 import FORMAT, is_compact, read_compact
from nst_numpy.networks.keras_h5 import is_keras_h5, is_keras_zip, read_keras_h5, read_keras_zip
from nst_numpy.networks.matconvnet import is_mat5, is_mat73, read_matconvnet
from nst_numpy.networks.npz_arrays import is_npz, read_npz
from nst_numpy.networks.pytorch import (
    ADVICE,
    is_legacy,
    is_tar,
    is_torchscript,
    is_zip,
    read_legacy,
    read_zip,
)
from nst_numpy.networks.safetensors import is_safetensors, read_safetensors
from nst_numpy.networks.weights_file import FileStart, WeightsContent
from nst_numpy.utils.errors import InputError


@dataclass(frozen=True)
class WeightsFormat:
    """A file format for weights.

    Attributes
    ----------
    name : str
        As ``nst-numpy weights info`` prints it.
    library : str
        The library that writes it, for help texts and messages.
    extensions : str
        Usual extensions, for messages. The format is never recognized by them.
    is_format : callable
        Whether a file has this format.
    read : callable
        Reads the network of a prefix from a file of this format, see
        `nst_numpy.networks.network_groups`.
    """

    name: str
    library: str
    extensions: str
    is_format: Callable[[FileStart], bool]
    read: Callable[[Path, str | None], WeightsContent]


# The first row that matches a file is its format: the recognizers of later rows may be broader.
FORMATS = (
    WeightsFormat(FORMAT, "nst_numpy", ".h5", is_compact, read_compact),
    WeightsFormat("Keras HDF5", "Keras", ".h5, .weights.h5", is_keras_h5, read_keras_h5),
    WeightsFormat("Keras zip", "Keras", ".keras", is_keras_zip, read_keras_zip),
    WeightsFormat("MatConvNet MAT", "MatConvNet", ".mat", is_mat5, read_matconvnet),
    WeightsFormat("PyTorch zip", "PyTorch", ".pth", is_zip, read_zip),
    WeightsFormat("safetensors", "safetensors", ".safetensors", is_safetensors, read_safetensors),
    WeightsFormat("PyTorch legacy", "PyTorch", ".pth", is_legacy, read_legacy),
    WeightsFormat("NumPy npz", "NumPy", ".npz", is_npz, read_npz),
)
# Formats that are recognized but not supported: recognizer and advice.
UNSUPPORTED: tuple[tuple[Callable[[FileStart], bool], str], ...] = (
    (is_mat73, "the MATLAB version 7.3 format is not supported; save it with `save -v7`."),
    (is_torchscript, f"a TorchScript program contains no plain weights. {ADVICE}"),
    (is_tar, f"the tar format of PyTorch before 2017 is not supported. {ADVICE}"),
)


def supported_libraries() -> str:
    """The libraries whose files can be read, for help texts: "nst_numpy, Keras, ... or NumPy"."""
    *most, last = dict.fromkeys(each.library for each in FORMATS)
    return f"{', '.join(most)} or {last}"


def supported_formats() -> str:
    """All formats with their extensions, for messages."""
    extensions: dict[str, list[str]] = {}
    for each in FORMATS:
        known = extensions.setdefault(each.library, [])
        known += [e for e in each.extensions.split(", ") if e not in known]
    return ", ".join(f"{library} ({', '.join(known)})" for library, known in extensions.items())


def recognize_format(start: FileStart) -> WeightsFormat:
    """Find the format of a file from its content.

    Raises
    ------
    InputError
        If the format is unknown or not supported.
    """
    for is_format, advice in UNSUPPORTED:
        if is_format(start):
            raise InputError(f"{start.path}: {advice}")
    for each in FORMATS:
        if each.is_format(start):
            return each
    raise InputError(
        f"{start.path} is not a weights file in a supported format. Expected VGG-16 or VGG-19 "
        f"weights of {supported_formats()}."
    )
