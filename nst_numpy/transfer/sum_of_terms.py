"""Any weighted sum of losses on layers and pixels, for all that goes beyond the paper.

`nst_numpy.objective.total_loss` is the paper's own sum and the one to read first.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from nst_numpy import vgg
from nst_numpy.utils.types import ByLayer, Image, Loss, Objective, Terms
from nst_numpy.vgg import Network


@dataclass(frozen=True)
class Term:
    """One weighted loss.

    Attributes
    ----------
    name : str
        ``"content conv4_2"``, ``"tv"``, ...
    layer : str or None
        The layer whose feature map it looks at, or None for the picture itself.
    weight : float
    loss : callable
        ``loss(F) -> (value, dF)`` of a feature map (N, M), or of the picture (H, W, 3).
    """

    name: str
    layer: str | None
    weight: float
    loss: Loss


def sum_of_terms(
    x: Image,
    terms: Sequence[Term],
    network: Network,
    pooling: str = "average",
    padding: str = "zero",
) -> tuple[float, Image, Terms]:
    """L = sum_t weight_t loss_t, and its derivative with respect to the pixels.

        dL/dx = sum_l (dF^l/dx)^T sum_(t at l) weight_t dloss_t/dF^l
                + sum_(t at x) weight_t dloss_t/dx

    Parameters
    ----------
    x : (H, W, 3) array, dtype of the network
        Red, green, blue, 0..255.
    terms : sequence of Term
        At least one on a layer.
    network : nst_numpy.vgg.Network
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}

    Returns
    -------
    L : float
    dL_dx : (H, W, 3) array, dtype of the network
    values : dict of str to float
        The weighted terms by name; L is their sum.
    """
    F, tape = vgg.forward(network, x, {t.layer for t in terms if t.layer}, pooling, padding)
    values: Terms = {}
    dL_dF: ByLayer = {}
    dL_dpixels: Image | float = 0.0
    for term in terms:
        value, derivative = term.loss(F[term.layer] if term.layer else x)
        values[term.name] = values.get(term.name, 0.0) + term.weight * value
        derivative = x.dtype.type(term.weight) * derivative
        if term.layer:
            dL_dF[term.layer] = dL_dF.get(term.layer, 0) + derivative
        else:
            dL_dpixels = dL_dpixels + derivative
    del F  # its memory is wanted on the way back
    dL_dx = vgg.backward(network, dL_dF, tape, pooling, padding) + dL_dpixels
    return float(np.sum(list(values.values()))), dL_dx, values


def loss_of(
    terms: Sequence[Term], network: Network, pooling: str = "average", padding: str = "zero"
) -> Objective:
    """f(x) = (L, dL_dx, values) of `sum_of_terms`; in f(x, only=name) the others weigh nothing."""

    def f(x: Image, only: str | None = None) -> tuple[float, Image, Terms]:
        kept = [t if only in (None, t.name) else replace(t, weight=0.0) for t in terms]
        return sum_of_terms(x, kept, network, pooling, padding)

    return f
