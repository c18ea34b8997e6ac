"""Objectives of other implementations in the paper's notation.

Each of them minimizes

    L = sum_l c sum_ij (F_ij - P_ij)^2 + sum_l s sum_ij (G_ij / d - A_ij / d)^2 + tv V(x)

with G = F F^T as in eq. 3, and differs in c, s and d: the divisor of the Gram matrix, sums or
means as losses, and the weights. Comparing with eqs. 1 and 4,

    c sum (F - P)^2 = 2 c L_content                       so alpha = 2 c
    s / d^2 sum (G - A)^2 = 4 N^2 M^2 s / d^2 E_l         so beta w_l = 4 N^2 M^2 s / d^2.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from nst_numpy.utils.types import Loss, Settings

NEAR_MEAN = "near-mean"  # `init` of a convention that starts from noise around the mean color


class Factor(NamedTuple):
    """A factor as written in its source, and its value.

    ``value(N=, M=, n=, pixels=)`` for a layer of N filters and M positions, one of n style
    layers, and a picture of so many pixels.
    """

    text: str
    value: Callable[..., float]


class Smoothing(NamedTuple):
    """Total variation as written in its source: ``weight(H, W)`` times ``variation(x)``."""

    text: str
    name: str  # of the variation
    weight: Callable[[int, int], float]
    variation: Loss


@dataclass(frozen=True)
class Convention:
    """One row of the table.

    Attributes
    ----------
    source : str
        Authors and repository.
    weights : str
        The network that the source uses.
    content, style : Factor
        c and s of this module's equation.
    gram : Factor
        d, what the Gram matrix is divided by.
    tv : Smoothing
    start, optimizer : str
        What the source does, in words. The package's own optimizers minimize the same objective.
    settings : dict
        Arguments of `nst_numpy.transfer.stylize.stylize`, by name.
    pixels : float
        Factor of the pixels 0..255 before the mean is subtracted.
    start_deviation : float, optional
        Standard deviation of the noise around the network's mean color, if the source starts from
        that.
    before_relu : bool
        Whether layers are read before their ReLU (`nst_numpy.paper.tap_position`).
    released_activations : bool
        Whether its weights are meant for the activations of the released VGG, which are in the
        hundreds (`nst_numpy.paper.convention_weights`).
    """

    source: str
    weights: str
    content: Factor
    style: Factor
    gram: Factor
    tv: Smoothing
    start: str
    optimizer: str
    settings: Settings
    pixels: float = 1.0
    before_relu: bool = False
    start_deviation: float | None = None
    released_activations: bool = True


def alpha(convention: Convention, N: int, M: int, pixels: int) -> float:
    """Weight of eq. 1 at a content layer: 2 c."""
    return 2 * convention.content.value(N=N, M=M, pixels=pixels)


def beta_w(convention: Convention, N: int, M: int, pixels: int, n: int) -> float:
    """Weight of eq. 4 at one of n style layers: 4 N^2 M^2 s / d^2."""
    s = convention.style.value(N=N, M=M, n=n, pixels=pixels)
    d = convention.gram.value(N=N, M=M)
    return 4 * N**2 * M**2 * s / d**2


def in_paper_form(
    convention: Convention, widths: dict[str, int], shape: tuple[int, int]
) -> tuple[float, dict[str, float], float]:
    """Weights alpha, {layer: beta w_l} and that of V for a picture of shape (H, W).

    Parameters
    ----------
    convention : Convention
    widths : dict of str to int
        N_l, at least of the convention's layers.
    shape : (int, int)
        H and W.
    """
    H, W = shape
    l_c, style_layers = (convention.settings[key] for key in ("content_layer", "style_layers"))

    def sizes(l: str) -> tuple[int, int, int]:
        halvings = int(l[4]) - 1  # one pooling before each block but the first
        return widths[l], (H >> halvings) * (W >> halvings), H * W

    weights = {l: beta_w(convention, *sizes(l), len(style_layers)) for l in style_layers}
    return alpha(convention, *sizes(l_c)), weights, convention.tv.weight(H, W)
