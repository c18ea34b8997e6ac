"""Losses that read a layer before its ReLU; everywhere else layers are read after it.

A convolution that has each filter twice, with either sign, gives max(y, 0) and max(-y, 0), and

    y = max(y, 0) - max(-y, 0).

The next layer ignores the second half: its kernel is 0 there. So the network remains a table of
weights, and no other kind of layer is needed. The layers that are read have twice the filters.
"""

from collections.abc import Collection
from dataclasses import replace

import numpy as np

from nst_numpy.utils.types import FeatureMap, Loss
from nst_numpy.vgg import Network


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


def before_relu(F: FeatureMap) -> FeatureMap:
    """Feature map before the ReLU from both signs after it: (2 N, M) -> (N, M)."""
    N = F.shape[0] // 2
    return F[:N] - F[N:]


def loss_before_relu(F: FeatureMap, loss: Loss) -> tuple[float, FeatureMap]:
    """A loss of the feature map before the ReLU, as a loss of both signs after it.

    With Y = F_1 - F_2, dL/dF_1 = dL/dY and dL/dF_2 = -dL/dY. At each position the ReLU passes at
    most one of the two.

    Parameters
    ----------
    F : (2 N, M) float32 or float64
        Feature map of a layer of the `signed` network.
    loss : callable
        ``loss(Y) -> (L, dL_dY)`` of the feature map Y (N, M) before the ReLU.

    Returns
    -------
    L : float
    dL_dF : (2 N, M), dtype of F
    """
    L, dL_dY = loss(before_relu(F))
    return L, np.concatenate([dL_dY.T, -dL_dY.T], axis=1).T  # (2 N, M), position by position
