"""Load the network of a job, and normalize it over the sample pictures."""

import logging
from collections.abc import Iterator

import numpy as np

from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.networks import load_network, normalize
from nst_numpy.utils.types import File, Image
from nst_numpy.vgg import Network

log = logging.getLogger(__name__)
NORMALIZE_SIZE = 256  # pixels of the longer side of the pictures for mean activations
RARE = 3.0  # of `normalize`, as for the network of the package


def prepare_network(weights: File | Network, normalized: bool = True) -> Network:
    """Load the network of a job and normalize it as in the paper.

    Networks not marked as normalized are normalized first, with mean activations over the sample
    pictures. alpha and beta then mean about the same for every network.

    Parameters
    ----------
    weights : str, path or nst_numpy.vgg.Network
    normalized : bool
        False keeps the original weights.

    Returns
    -------
    nst_numpy.vgg.Network
    """
    network = weights if isinstance(weights, Network) else load_network(weights)
    log.info("Network %s, %d convolutions.", network.name, len(network.weights))
    if normalized and not network.normalized:
        log.info("The network is normalized over the sample pictures.")
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):  # checked by the job
            network, _ = normalize(network, sample_pictures(), rare=RARE)
    return network


def sample_pictures() -> Iterator[Image]:
    """The sample pictures at the size at which mean activations are measured."""
    return (sample_picture(name, NORMALIZE_SIZE) for name in (*CONTENTS, *STYLES))
