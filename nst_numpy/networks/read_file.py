"""Read a VGG network from a weights file of any supported format."""

import os
import warnings
from pathlib import Path

import numpy as np

from nst_numpy.networks.build_network import MEAN_RGB, build_network
from nst_numpy.networks.formats import recognize_format
from nst_numpy.networks.network_groups import SEPARATOR, split_prefix
from nst_numpy.networks.preprocessing import first_layer_to_rgb
from nst_numpy.networks.weights_file import file_start, parser_errors
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.thread_safe_warnings import thread_safe_catch_warnings
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network


def read_network(
    path: File, preprocessing: str | None = None, prefix: str | None = None
) -> Network:
    """Read a VGG-16 or VGG-19, or the first layers of one, from a weights file.

    The format is recognized from the content of the file, not from its name.

    Parameters
    ----------
    path : str or path
    preprocessing : str, optional
        What conv1_1 expects, one of `nst_numpy.networks.preprocessing.PREPROCESSINGS`. Overrides
        what is recognized from the file.
    prefix : str, optional
        What the names of the network start with, in a file that contains several networks. May
        also be appended to the path: ``FILE::prefix``.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32; conv1_1 expects RGB, 0..255, minus the mean of the network.

    Raises
    ------
    InputError
        If the file cannot be read, is damaged, or contains no VGG network or several ones.
    """
    if prefix is None and not os.path.lexists(path):
        path, prefix = split_prefix(os.fspath(path))
    path = Path(path)
    # Parsers and NumPy warn about damaged files; the checks below raise instead.
    with parser_errors(path), np.errstate(all="ignore"), thread_safe_catch_warnings():
        warnings.simplefilter("ignore")
        format = recognize_format(start := file_start(path))
        content = format.read(start.path, prefix)
        weights, mean = content.weights, content.mean
        about = {**content.about, "format": format.name, "dtype": content.dtype}
        if content.preprocessing is None:
            if preprocessing is not None:
                raise InputError(
                    f"{path} already states what its first layer expects: omit the preprocessing."
                )
        else:
            chosen = preprocessing or content.preprocessing
            reason = "--preprocessing" if preprocessing else content.reason
            about |= {"preprocessing": chosen, "preprocessing reason": reason}
            weights, mean = first_layer_to_rgb(weights, chosen, mean)
        mean = MEAN_RGB if mean is None else mean
        name = str(path) if prefix is None else f"{path}{SEPARATOR}{prefix}"
        return build_network(name, weights, mean, content.normalized, about)
