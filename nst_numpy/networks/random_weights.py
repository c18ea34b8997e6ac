"""A VGG network with random weights, for tests and experiments with untrained networks."""

from collections.abc import Sequence

import numpy as np

from nst_numpy.networks.build_network import MEAN_RGB, convolutions
from nst_numpy.vgg import VGG19, Network

THIN = (16, 32, 64, 128, 128)  # a quarter of VGG's filters, a sixteenth of its arithmetic
FULL = (64, 128, 256, 512, 512)  # filters per block of VGG [Simonyan & Zisserman 2015]
TO_CONV5_1 = VGG19[: VGG19.index("conv5_1") + 1]  # the layers that the paper's losses need


def random_network(
    widths: Sequence[int] = THIN, seed: int = 0, layers: tuple[str, ...] = TO_CONV5_1
) -> Network:
    """Return a network with normally distributed kernels.

    The standard deviation sqrt(2 / (9 C)) preserves the size of the activations from layer to
    layer through the ReLUs [He, Zhang, Ren, Sun 2015]. [He, Wang, Hopcroft 2016] show that such a
    network represents part of a style.

    Parameters
    ----------
    widths : sequence of int
        Number of filters in each block.
    seed : int
    layers : tuple of str
        The first layers of `nst_numpy.vgg.VGG19` or `VGG16`.

    Returns
    -------
    nst_numpy.vgg.Network
        In float32, with zero biases.

    Examples
    --------
    >>> network = random_network(widths=(4, 4, 4, 4, 4), seed=1)
    >>> network.weights["conv1_1"][0].shape  # 3 x 3 kernels from 3 to 4 channels
    (3, 3, 3, 4)
    """
    rng = np.random.default_rng(seed)
    weights, C = {}, 3
    for l in convolutions(layers):
        N = widths[int(l[4]) - 1]
        K = rng.standard_normal((3, 3, C, N)) * np.sqrt(2 / (9 * C))
        weights[l] = K.astype(np.float32), np.zeros(N, np.float32)
        C = N
    return Network(f"random (seed {seed})", layers, weights, MEAN_RGB)
