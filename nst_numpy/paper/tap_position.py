"""Where a loss reads a layer: after its ReLU, as everywhere in this package, or before it.

No new kind of layer is needed to look behind a ReLU. A convolution that has each filter twice,
with either sign, gives max(y, 0) and max(-y, 0), and

    y = max(y, 0) - max(-y, 0).

The next layer does not look at the second half: its kernel is 0 there. So the network stays a
table of weights, and everything that runs it runs this one too, at the price of twice the
filters in the layers that are read.
"""

from collections.abc import Callable, Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from nst_numpy.utils.types import FeatureMap, Loss
from nst_numpy.vgg import Network


class Tap(NamedTuple):
    """How to read layers: change the network, read a feature map, change a loss to match."""

    text: str
    network: Callable[[Network, Collection[str]], Network]  # (network, layers) -> network
    read: Callable[[FeatureMap], FeatureMap]  # feature map of that network -> F (N, M)
    loss: Callable[[Loss], Loss]  # loss of F -> loss of the feature map of that network


def signed(network: Network, layers: Collection[str]) -> Network:
    """The network with each filter of these layers in both signs: (K, -K), (b, -b)."""
    weights, twice = {}, False
    for l, (K, b) in network.weights.items():
        if twice:
            K = np.concatenate([K, np.zeros_like(K)], axis=2)  # (3, 3, 2 C, N)
        twice = l in layers
        if twice:
            K, b = np.concatenate([K, -K], axis=3), np.concatenate([b, -b])  # (3, 3, C, 2 N)
        weights[l] = K, b
    return replace(network, weights=weights)


def difference(F: FeatureMap) -> FeatureMap:
    """F before the ReLU from both signs after it: (2 N, M) -> (N, M)."""
    N = F.shape[0] // 2
    return F[:N] - F[N:]


def of_difference(loss: Loss) -> Loss:
    """A loss of F before the ReLU as a loss of both signs after it.

    F = F_1 - F_2, so dL/dF_1 = dL/dF and dL/dF_2 = -dL/dF; of the two, the ReLU lets one pass.
    """

    def both(F: FeatureMap) -> tuple[float, FeatureMap]:
        L, dL_dF = loss(difference(F))
        return L, np.concatenate([dL_dF.T, -dL_dF.T], axis=1).T  # (2 N, M), positions first

    return both


AFTER_RELU = Tap("after", lambda network, layers: network, lambda F: F, lambda loss: loss)
BEFORE_RELU = Tap("before", signed, difference, of_difference)
