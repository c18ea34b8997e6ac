"""The network that ships with the package, in the folder ``weights``."""

from dataclasses import replace
from importlib.resources import files
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
    """The network ``tiny``: a thin, normalized VGG-19 up to conv5_1 (``weights/README.md``)."""
    network = read_network(shipped_weights_path("tiny.h5"))
    return replace(network, name="tiny", about=network.about | TINY)
