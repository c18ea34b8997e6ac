"""L_total and its derivative with respect to the pixels: the whole paper on one screen.

Step by step in notebooks/07_style_transfer.ipynb.
"""

from collections.abc import Collection
from dataclasses import dataclass

from nst_numpy import vgg
from nst_numpy.losses import content_loss, gram, total_variation
from nst_numpy.losses.gram import style_loss_consuming
from nst_numpy.utils.types import ByLayer, Image, Terms
from nst_numpy.vgg import Network


@dataclass(frozen=True)
class Targets:
    """What the generated image is compared with, and how feature maps are computed for it.

    Attributes
    ----------
    P : dict of str to (N_l, M_l) array
        Feature maps of the content image p by layer.
    A : dict of str to (N_l, N_l) array
        Gram matrices of the style image a by layer.
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}
        Both as in `nst_numpy.vgg.forward`.
    """

    P: ByLayer
    A: ByLayer
    pooling: str = "average"
    padding: str = "zero"


def targets(
    p: Image,
    a: Image,
    network: Network,
    content_layers: Collection[str],
    style_layers: Collection[str],
    pooling: str = "average",
    padding: str = "zero",
) -> Targets:
    """Compute P^l of the content image and A^l of the style image.

    Departs from Gatys et al.: the paper resizes the style image to the content image's
    size. Here the sizes may differ. A is then a sum over another number of positions than
    G, so it is scaled to the M_l of the generated image: G/M_l is compared with
    A/M_l(style). With equal sizes the factor is 1, which is eq. 4 exactly.

    Parameters
    ----------
    p, a : (H, W, 3) array, dtype of the network
        Content and style image, red, green, blue, 0..255. The sizes may differ.
    network : nst_numpy.vgg.Network
    content_layers, style_layers : collection of str
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}

    Returns
    -------
    Targets

    Examples
    --------
    >>> from nst_numpy.networks import load_network
    >>> from nst_numpy.images.samples import sample_picture
    >>> p, a = sample_picture("pagoda", 48), sample_picture("mosaic", 40)
    >>> goal = targets(p, a, load_network("tiny"), ["conv4_2"], ["conv1_1", "conv2_1"])
    >>> list(goal.P), list(goal.A), goal.A["conv1_1"].shape
    (['conv4_2'], ['conv1_1', 'conv2_1'], (24, 24))
    """
    P, _ = vgg.forward(network, p, content_layers, pooling, padding)
    F_a, _ = vgg.forward(network, a, style_layers, pooling, padding)
    M = vgg.positions(network, p.shape, style_layers)
    A = {l: gram(F_a[l]) * (M[l] / F_a[l].shape[1]) for l in style_layers}
    return Targets(P, A, pooling, padding)


def total_loss(
    x: Image,
    targets: Targets,
    network: Network,
    alpha: float,
    beta: float,
    w: dict[str, float],
    tv: float = 0.0,
) -> tuple[float, Image, Terms]:
    """Total loss of an image and its derivative with respect to the pixels.

        L_total = alpha L_content + beta L_style          [Gatys et al. 2015, eq. 7]

    The network is run forward to each layer with a loss. The derivatives of the losses there are
    propagated backward together:

        dL/dx = sum_l (dF^l/dx)^T dL/dF^l.

    Parameters
    ----------
    x : (H, W, 3) array, dtype of the network
        The generated image, red, green, blue, 0..255.
    targets : Targets
    network : nst_numpy.vgg.Network
    alpha, beta : float
        Weights of content and style.
    w : dict of str to float
        Weight of each style layer (the paper: 1/5 each).
    tv : float
        Weight of the total variation, which the paper does not have.

    Returns
    -------
    L : float
    dL_dx : (H, W, 3) array, dtype of the network
    terms : dict of str to float
        The terms whose sum is L: ``"content conv4_2"``, ``"style conv1_1"``, ...

    Examples
    --------
    >>> from nst_numpy.networks import load_network
    >>> from nst_numpy.images.samples import sample_picture
    >>> p, a, network = sample_picture("pagoda", 48), sample_picture("mosaic", 48), load_network()
    >>> goal = targets(p, a, network, ["conv4_2"], ["conv1_1"])
    >>> L, dL_dx, terms = total_loss(p, goal, network, 1e-3, 1.0, {"conv1_1": 1.0})
    >>> terms["content conv4_2"], terms["style conv1_1"] == L  # p has the content of p
    (0.0, True)
    """
    F, tape = vgg.forward(network, x, {*targets.P, *targets.A}, targets.pooling, targets.padding)
    content = {l: content_loss(F[l], P) for l, P in targets.P.items()}
    beta_w = {l: beta * w[l] for l in targets.A}
    beta_L_style, dL_dF, E = style_loss_consuming(F, targets.A, beta_w)
    terms = {f"style {l}": beta_w[l] * E[l] for l in targets.A}

    L_content = 0.0
    for l, (L_content_l, dL_content_dF) in content.items():
        L_content += L_content_l
        dL_dF[l] = alpha * dL_content_dF + dL_dF.get(l, 0)
        terms[f"content {l}"] = alpha * L_content_l

    L_total = alpha * L_content + beta_L_style
    del F, content  # frees their memory before the backward pass
    dL_dx = vgg.backward_consuming(network, dL_dF, tape, targets.pooling, targets.padding)
    if tv:
        V, dV_dx = total_variation(x)
        terms["tv"] = tv * V
        L_total += terms["tv"]
        dL_dx += tv * dV_dx
    return L_total, dL_dx, terms
