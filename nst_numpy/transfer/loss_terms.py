"""From settings to the terms of `nst_numpy.transfer.sum_of_terms.sum_of_terms`."""

from collections.abc import Sequence
from functools import partial
from typing import Any

from nst_numpy import vgg
from nst_numpy.losses import (
    STYLE_LOSSES,
    VARIATIONS,
    blend,
    content_loss,
    guided_loss,
    guided_statistics,
    laplacian_loss,
)
from nst_numpy.losses.moments import Moments
from nst_numpy.transfer.masks import Regions
from nst_numpy.transfer.sum_of_terms import Term, loss_of
from nst_numpy.utils.types import Array, Image, Objective
from nst_numpy.vgg import Network

CONTENT_LOSSES = ("squared", "laplacian")
# Eq. 1 per element over the Laplacian loss, where jobs with the pictures that ship end: 5 and
# 8. Rounded, so that one ratio keeps about as much of the photograph by either loss.
PER_RATIO = 10.0


def sum_loss(
    p: Image,
    styles: Sequence[Image],
    network: Network,
    v: dict[str, float],
    w: dict[str, float],
    share: Array,
    regions: Regions | None,
    ratio: float,
    pooling: str,
    padding: str = "zero",
    *,
    style_loss: str,
    content_loss: str,
    laplacian: float,
    tv: float,
    tv_kind: str,
) -> Objective:
    """f(x) = (L, dL_dx, terms) of all terms together (`nst_numpy.transfer.sum_of_terms.loss_of`).

    Parameters
    ----------
    p : (H, W, 3) array, dtype of the network
        Content image.
    styles, network, v, w, share, regions, ratio, pooling, padding
        As in `content_terms` and `style_terms`.
    style_loss, content_loss, laplacian, tv, tv_kind
        As in `nst_numpy.transfer.stylize.stylize`.

    Returns
    -------
    callable
    """
    terms = [
        *content_terms(p, network, v, ratio, content_loss, pooling, padding),
        *style_terms(styles, network, style_loss, share, w, regions, pooling, padding),
        *picture_terms(p, laplacian, tv, tv_kind),
    ]
    return loss_of(terms, network, pooling, padding)


def content_terms(
    p: Image,
    network: Network,
    v: dict[str, float],
    ratio: float,
    kind: str,
    pooling: str,
    padding: str = "zero",
) -> list[Term]:
    """The content loss: v_l alpha_l L_content of each layer, or the Laplacian loss in its place.

    Departs from Gatys et al.: the paper has one content layer. As in
    `nst_numpy.transfer.stylize.paper_loss`, alpha_l = ratio / (N_l M_l), so that layers of different
    sizes count alike.

    Parameters
    ----------
    p : (H, W, 3) array, dtype of the network
        Content image.
    network : nst_numpy.vgg.Network
    v : dict of str to float
        Weight of each content layer.
    ratio : float
        alpha / beta per element.
    kind : {"squared", "laplacian"}
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}

    Returns
    -------
    list of Term
    """
    if kind == "laplacian":
        return [laplacian_term(p, PER_RATIO * ratio)]
    P, _ = vgg.forward(network, p, v, pooling, padding)
    return [
        Term(f"content {l}", l, v[l] * ratio / P[l].size, partial(content_loss, P=P[l])) for l in v
    ]


def style_terms(
    styles: Sequence[Image],
    network: Network,
    name: str,
    share: Array,
    w: dict[str, float],
    regions: Regions | None,
    pooling: str,
    padding: str = "zero",
) -> list[Term]:
    """The style loss: w_l times a loss of the family, of all styles as one, by region if any.

    Parameters
    ----------
    styles : list of (H, W, 3) arrays, dtype of the network
    network : nst_numpy.vgg.Network
    name : str
        One of `nst_numpy.losses.STYLE_LOSSES`.
    share : sequence of float
        Weight of each style, more than 0 for one of them at least.
    w : dict of str to float
        Weight of each style layer.
    regions : nst_numpy.transfer.masks.Regions or None
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}

    Returns
    -------
    list of Term
    """
    statistics, loss = STYLE_LOSSES[name]
    kept: dict[str, list[Any]] = {l: [] for l in w}  # by layer, one for each style
    for s, a in enumerate(styles):
        F, _ = vgg.forward(network, a, w, pooling, padding)
        for l in w:
            found = guided_statistics(F[l], regions.styles[s][l]) if regions else statistics(F[l])
            kept[l].append(found)
    if not regions:
        return [Term(f"style {l}", l, w[l], partial(loss, a=blend(kept[l], share))) for l in w]
    return [
        Term(
            f"style {l}",
            l,
            w[l],
            partial(guided_loss, T=regions.content[l], a=blend_regions(kept[l], share), loss=loss),
        )
        for l in w
    ]


def blend_regions(kept: Sequence[Sequence[Moments | None]], share: Array) -> list[Moments | None]:
    """`blend` region by region, of those styles that have the region; None where none has.

    Parameters
    ----------
    kept : list of lists of R Moments or None
        One list for each style.
    share : sequence of float
    """
    return [
        blend(*zip(*there, strict=True))
        if (there := [(a, w_s) for a, w_s in zip(region, share, strict=True) if a and w_s])
        else None
        for region in zip(*kept, strict=True)
    ]


def picture_terms(p: Image, laplacian: float, tv: float, tv_kind: str) -> list[Term]:
    """What looks at the pixels: the Laplacian loss and the total variation, if they weigh."""
    terms = [laplacian_term(p, laplacian)] if laplacian else []
    return [*terms, *([Term("tv", None, tv, VARIATIONS[tv_kind])] if tv else [])]


def laplacian_term(p: Image, weight: float) -> Term:
    """The Laplacian loss to the photograph."""
    return Term("laplacian", None, weight, partial(laplacian_loss, p=p))
