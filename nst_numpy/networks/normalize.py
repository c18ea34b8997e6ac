"""Normalization of the paper: the mean activation of each filter over pictures is one."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from nst_numpy import vgg
from nst_numpy.utils.types import Array, ByLayer, Image, Weights
from nst_numpy.vgg import Network

DEAD = 1e-6  # relative to the mean of the layer; filters below this are not scaled


def normalize(
    network: Network, pictures: Iterable[Image], pooling: str = "average", rare: float | None = None
) -> tuple[Network, dict[str, list[int]]]:
    """Scale the weights so that the mean activation of each filter is one [Gatys et al. 2015].

    Let m_n > 0 be the mean activation F_n of filter n over pictures and positions. ReLU and
    pooling commute with positive factors, max(0, s x) = s max(0, x), so

        K'[..., c, n] = K[..., c, n] m_c(below) / m_n,    b'_n = b_n / m_n

    gives F'_n = F_n / m_n at this layer, and the kernel of the next layer compensates for the
    factor: the network computes the same features up to one factor per filter. This makes the
    losses of different layers and networks comparable, and with them alpha and beta.

    Parameters
    ----------
    network : nst_numpy.vgg.Network
    pictures : iterable of (H, W, 3) arrays, 0..255
        Each at least as large as the deepest layer requires.
    pooling : {"average", "max"}
    rare : float, optional
        Departs from Gatys et al.: a filter whose root mean square exceeds ``rare`` times its mean
        gets the root mean square ``rare`` instead of the mean 1. Otherwise a filter that is active
        at one of a thousand positions would dominate the Gram matrix of its layer.

    Returns
    -------
    network : nst_numpy.vgg.Network
        Of the same type and dtype, marked as normalized.
    dead : dict of str to list of int
        Filters by layer that are almost never active; they are not scaled.

    Examples
    --------
    >>> from nst_numpy.networks import random_network
    >>> picture = np.random.default_rng(0).uniform(0, 255, (32, 32, 3))
    >>> network, dead = normalize(random_network(), [picture])
    >>> F, _ = vgg.forward(network, picture.astype(network.dtype), ["conv1_1"])
    >>> F["conv1_1"].mean(axis=1).round(3)[:3]
    array([1., 1., 1.], dtype=float32)
    """
    means, squares = _moments(network, pictures, pooling)
    weights: Weights = {}
    dead: dict[str, list[int]] = {}
    below: Array = np.ones(3)
    for l, (K, b) in network.weights.items():
        alive = means[l] > DEAD * means[l].mean()
        m = means[l] if rare is None else np.maximum(means[l], np.sqrt(squares[l]) / rare)  # (N,)
        m = np.where(alive, m, 1.0)
        if not alive.all():
            dead[l] = np.flatnonzero(~alive).tolist()
        K = (K * below[:, None] / m).astype(K.dtype)  # (3, 3, C, N)
        weights[l] = K, (b / m).astype(b.dtype)
        below = m
    return replace(network, weights=weights, normalized=True), dead


def _moments(network: Network, pictures: Iterable[Image], pooling: str) -> tuple[ByLayer, ByLayer]:
    """Mean and mean square of each filter over all pictures and positions, in float64."""
    sums = {l: np.zeros((2, b.size)) for l, (_, b) in network.weights.items()}
    counts = dict.fromkeys(network.weights, 0)
    for picture in pictures:
        F, _ = vgg.forward(network, picture.astype(network.dtype), network.weights, pooling)
        for l in F:
            sums[l] += [np.sum(F[l] ** power, axis=1, dtype=np.float64) for power in (1, 2)]
            counts[l] += F[l].shape[1]
    means, squares = ({l: sums[l][power] / counts[l] for l in sums} for power in (0, 1))
    return means, squares
