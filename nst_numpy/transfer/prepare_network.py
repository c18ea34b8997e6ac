"""The network of a job, by name or from a file, normalized over the pictures that ship."""

import logging
from collections.abc import Iterator

import numpy as np

from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.networks import load_network, normalize
from nst_numpy.utils.types import File, Image
from nst_numpy.vgg import Network

log = logging.getLogger(__name__)
NORMALIZE_SIZE = 256  # pixels of the longer side of the pictures for mean activations
RARE = 3.0  # of `normalize`; the network that ships was normalized with the same


def prepare_network(weights: File | Network, normalized: bool = True) -> Network:
    """The network that a job runs: loaded, and normalized as the paper says.

    A network whose file does not say that it is normalized gets its mean activations from the
    pictures that ship with the package, so that alpha and beta mean much the same for every
    network.

    Parameters
    ----------
    weights : str, path or nst_numpy.vgg.Network
    normalized : bool
        False takes the weights as they are.

    Returns
    -------
    nst_numpy.vgg.Network
    """
    network = weights if isinstance(weights, Network) else load_network(weights)
    log.info("Network %s, %d convolutions.", network.name, len(network.weights))
    if normalized and not network.normalized:
        log.info("It is normalized over the pictures that ship.")
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # the job tells
            network, _ = normalize(network, sample_pictures(), rare=RARE)
    return network


def sample_pictures() -> Iterator[Image]:
    """The pictures that ship, one after the other, as mean activations are taken over them."""
    return (sample_picture(name, NORMALIZE_SIZE) for name in (*CONTENTS, *STYLES))
