"""Where networks come from: one reader a file format, and one way to ask for any of them."""

import os
from collections.abc import Callable
from functools import partial

from nst_numpy.networks.compact_h5 import write_compact
from nst_numpy.networks.download import fetched_network
from nst_numpy.networks.load import read_network
from nst_numpy.networks.normalize import normalize
from nst_numpy.networks.random_weights import random_network
from nst_numpy.networks.shipped_weights import tiny_network
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network

NAMED_NETWORKS: dict[str, Callable[[], Network]] = {
    "tiny": tiny_network,
    "random": random_network,
    "vgg19": partial(fetched_network, "vgg19"),
    "vgg16": partial(fetched_network, "vgg16"),
}
DEFAULT_NETWORK = os.environ.get("NST_WEIGHTS") or "tiny"  # name or file


def load_network(source: File = DEFAULT_NETWORK) -> Network:
    """Return a network by name or from a weights file.

    Parameters
    ----------
    source : str or path
        A name from `NAMED_NETWORKS`, or the path of a weights file in any format that
        `nst_numpy.networks.load` knows.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32.

    Raises
    ------
    InputError
        If there is no such name or file, or the file holds no VGG network.

    Examples
    --------
    >>> load_network("tiny").layers[:4]
    ('conv1_1', 'conv1_2', 'pool1', 'conv2_1')
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError(f"A network is a name or a file, got {short_repr(source)}.")
    if str(source) in NAMED_NETWORKS:
        return NAMED_NETWORKS[str(source)]()
    if not os.path.lexists(source):
        known = ", ".join(NAMED_NETWORKS)
        raise InputError(
            f"There is no weights file {source}, nor a network of that name (known: {known})."
        )
    return read_network(source)


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
