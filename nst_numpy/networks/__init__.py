"""Where networks come from: one reader a file format, and one way to ask for any of them."""

import os

from nst_numpy.errors import InputError
from nst_numpy.networks.keras import read_keras
from nst_numpy.networks.normalize import normalize
from nst_numpy.networks.random import random_network
from nst_numpy.networks.shipped import tiny_network

NAMED = {"tiny": tiny_network, "random": random_network}


def load_network(source):
    """Return a network by name or from a weights file.

    Parameters
    ----------
    source : str or path
        A name from `NAMED`, or the path of a weights file.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32.

    Raises
    ------
    InputError
        If there is no such name or file, or the file holds no VGG network.
    """
    if str(source) in NAMED:
        return NAMED[str(source)]()
    if not os.path.lexists(source):
        known = ", ".join(NAMED)
        raise InputError(
            f"There is no weights file {source}, nor a network of that name (known: {known})."
        )
    return read_keras(source)


__all__ = ["NAMED", "load_network", "normalize", "random_network", "read_keras", "tiny_network"]
