"""Load a network by name or from a weights file; the table of named networks."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from nst_numpy.networks.catalog import PUBLISHED_FILES
from nst_numpy.networks.download import fetched_network, fetched_path
from nst_numpy.networks.network_groups import split_prefix
from nst_numpy.networks.random_weights import random_network
from nst_numpy.networks.read_file import read_network
from nst_numpy.networks.shipped_weights import shipped_weights_path, tiny_network
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.types import File
from nst_numpy.vgg import Network


@dataclass(frozen=True)
class NamedNetwork:
    """A network with a name.

    Attributes
    ----------
    load : callable
        Returns the network.
    path : callable or None
        Returns the path of its file. None if the network has no file.
    """

    load: Callable[[], Network]
    path: Callable[[], Path] | None = None


# Each network of `nst_numpy.networks.catalog` has a name, too.
NAMED_NETWORKS = {
    "tiny": NamedNetwork(tiny_network, partial(shipped_weights_path, "tiny.h5")),
    "random": NamedNetwork(random_network),
} | {
    file.network: NamedNetwork(
        partial(fetched_network, file.network), partial(fetched_path, file.network)
    )
    for file in PUBLISHED_FILES
}
DEFAULT_NETWORK = os.environ.get("NST_WEIGHTS") or "tiny"  # name or file


def load_network(source: File = DEFAULT_NETWORK) -> Network:
    """Load a network by name or from a weights file.

    Parameters
    ----------
    source : str or path
        A name from `NAMED_NETWORKS`, or the path of a weights file in one of the formats of
        `nst_numpy.networks.formats`; ``FILE::prefix`` for one of several networks in a file.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32.

    Raises
    ------
    InputError
        If there is no such name or file, or the file contains no VGG network.

    Examples
    --------
    >>> load_network("tiny").layers[:4]
    ('conv1_1', 'conv1_2', 'pool1', 'conv2_1')
    """
    if not isinstance(source, str | os.PathLike):
        raise InputError(
            f"A network must be given by its name or weights file, got {short_repr(source)}."
        )
    if str(source) in NAMED_NETWORKS:
        return NAMED_NETWORKS[str(source)].load()
    if not os.path.lexists(source) and not os.path.lexists(split_prefix(os.fspath(source))[0]):
        known = ", ".join(NAMED_NETWORKS)
        raise InputError(
            f"There is no weights file {source} and no network of that name (known: {known})."
        )
    return read_network(source)
