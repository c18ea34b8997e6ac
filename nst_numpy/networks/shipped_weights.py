"""The networks that ship with the package, in the folder ``weights``."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

from nst_numpy.networks.catalog import TINY
from nst_numpy.networks.load import read_network
from nst_numpy.vgg import Network


def shipped_weights_path(name: str) -> Path:
    """Where a file of ``weights`` lies: installed, or beside the package in a checkout."""
    try:
        return Path(str(files("nst_numpy.weights") / name))
    except ModuleNotFoundError:
        return Path(__file__).resolve().parents[2] / "weights" / name


def tiny_network() -> Network:
    """The network that ships: VGG-19 to conv5_1, thin, normalized (``weights/README.md``)."""
    network = read_network(shipped_weights_path("tiny.h5"))
    return replace(network, name="tiny", about=network.about | TINY)
