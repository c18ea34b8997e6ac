"""The network that ships with the package, in the folder ``weights``."""

from dataclasses import replace
from functools import lru_cache
from importlib.resources import files
from itertools import chain
from pathlib import Path

from nst_numpy.networks.catalog import TINY
from nst_numpy.networks.read_file import read_network
from nst_numpy.vgg import Network


def shipped_weights_path(name: str) -> Path:
    """Path of a file of the folder ``weights``, in an installation or in a checkout."""
    try:
        return Path(str(files("nst_numpy.weights") / name))
    except ModuleNotFoundError:
        return Path(__file__).resolve().parents[2] / "weights" / name


def tiny_network() -> Network:
    """The network ``tiny``: a thin, normalized VGG-16 up to conv5_1 (``weights/README.md``).

    The file is read once. Its arrays are read-only, because all networks returned share them.
    """
    return replace(_read_tiny())  # without the arrays that another network has prepared


@lru_cache(maxsize=1)
def _read_tiny() -> Network:
    """Read the file.

    A forked process may inherit a lock of h5py that a thread of its parent held. It therefore does
    not open the file again.
    """
    network = read_network(shipped_weights_path("tiny.h5"))
    for array in (network.mean, *chain(*network.weights.values())):
        array.setflags(write=False)
    return replace(network, name="tiny", about=network.about | TINY)
