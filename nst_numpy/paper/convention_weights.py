"""Weights of a convention's terms, for the released VGG and for normalized networks of any width.

The weights of most implementations, above all of the total variation, are meant for the widths and
the activations of the released VGG. In a normalized network the mean activation is one, so that the
style loss, which grows with the fourth power, is smaller by a factor of up to 1e10: next to it the
total variation would make the picture gray. The terms of a normalized network are therefore
weighted so that they have the size that they would have with the released VGG:

    features are scaled to the mean activation m_l of the released VGG;
    a sum over N_l filters is scaled to as many filters as the released VGG has.

All other networks are left as they are.

Departs from the other implementations: they have no normalized networks.
"""

from typing import NamedTuple

from nst_numpy.paper.paper_form import Convention, alpha, beta_w
from nst_numpy.vgg import Network

WIDTHS = (64, 128, 256, 512, 512)  # filters of the released VGG by block
# Of VGG-16 with max pooling, over the sample pictures and two others at 256 pixels; from picture to
# picture they vary by 20 to 40 % (benchmarks/activations.py). VGG-19's fourth convolutions of a
# block take the values of the third.
MEAN_ACTIVATIONS = {
    "conv1_1": 29.0,
    "conv1_2": 145.0,
    "conv2_1": 239.0,
    "conv2_2": 281.0,
    "conv3_1": 347.0,
    "conv3_2": 358.0,
    "conv3_3": 249.0,
    "conv3_4": 249.0,
    "conv4_1": 185.0,
    "conv4_2": 99.0,
    "conv4_3": 25.0,
    "conv4_4": 25.0,
    "conv5_1": 25.0,
    "conv5_2": 10.0,
    "conv5_3": 1.2,
    "conv5_4": 1.2,
}


class Sizes(NamedTuple):
    """Sizes that a weight depends on: N filters, M positions, and the pixels of the picture."""

    N: int
    M: int
    pixels: int


def content_weight(convention: Convention, network: Network, layer: str, sizes: Sizes) -> float:
    """Weight of eq. 1 at a layer."""
    if not is_scaled(convention, network):
        return alpha(convention, *sizes)
    released = sizes._replace(N=released_width(layer))
    scale = MEAN_ACTIVATIONS[layer] ** 2 * released.N / sizes.N
    return scale * alpha(convention, *released)


def style_weight(
    convention: Convention, network: Network, layer: str, sizes: Sizes, n: int
) -> float:
    """Weight of eq. 4 at one of n style layers. Eq. 4 is itself relative to N^2."""
    if not is_scaled(convention, network):
        return beta_w(convention, *sizes, n)
    released = sizes._replace(N=released_width(layer))
    return MEAN_ACTIVATIONS[layer] ** 4 * beta_w(convention, *released, n)


def is_scaled(convention: Convention, network: Network) -> bool:
    """Whether the network is normalized, and the convention is meant for the released VGG."""
    return network.normalized and convention.released_activations


def released_width(layer: str) -> int:
    """Number of filters of a layer of the released VGG."""
    return WIDTHS[int(layer[4]) - 1]
