"""VGG networks: loading by name or from a file, downloading, normalizing, writing."""

from nst_numpy.networks.compact_h5 import write_compact
from nst_numpy.networks.load import DEFAULT_NETWORK, NAMED_NETWORKS, load_network
from nst_numpy.networks.normalize import normalize
from nst_numpy.networks.random_weights import random_network
from nst_numpy.networks.read_file import read_network
from nst_numpy.networks.shipped_weights import tiny_network

__all__ = [
    "DEFAULT_NETWORK",
    "NAMED_NETWORKS",
    "load_network",
    "normalize",
    "random_network",
    "read_network",
    "tiny_network",
    "write_compact",
]
