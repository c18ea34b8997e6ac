"""Build the terms of an objective from pictures and plain values."""

from collections.abc import Sequence
from functools import partial

from nst_numpy.losses import (
    MOMENT_LOSSES,
    VARIATIONS,
    Moments,
    blend,
    empty_regions,
    laplacian_loss,
)
from nst_numpy.losses.mmd import gaussian_mmd_loss, points
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.masks import Regions
from nst_numpy.transfer.targets import map_targets, moment_targets
from nst_numpy.transfer.weighted_terms import ContentTerm, FeatureMapTerm, PixelTerm, StyleTerm
from nst_numpy.utils.types import Array, Image

CONTENT_LOSSES = ("squared", "laplacian")
GAUSSIAN_REASON = "the Gaussian MMD (`style_loss` mmd-gaussian)"  # not in tiles
# Eq. 1 per element over the Laplacian loss, where jobs with the sample pictures end: 5 and 8.
# Rounded, so that one ratio keeps about as much of the photograph with either loss.
PER_RATIO = 10.0


def why_untileable(loss_name: str) -> str:
    """Why a job with this style loss cannot be computed in tiles; empty if it can."""
    return "" if loss_name in MOMENT_LOSSES else GAUSSIAN_REASON


def content_terms(
    p: Image, encoder: Encoder, layer_weights: dict[str, float], ratio: float, kind: str
) -> tuple[ContentTerm | PixelTerm, ...]:
    """The content loss: eq. 1 at each layer, or the Laplacian loss in its place.

    Departs from Gatys et al.: the paper has one content layer. Besides, eq. 1 is a sum over the
    N M elements of F and eq. 4 is not, so one alpha / beta would give another balance at each
    size and width. Here alpha_l = v_l ratio / (N_l M_l): the ratio weighs the content loss per
    element.

    Parameters
    ----------
    p : (H, W, 3) array, dtype of the network
        Content image.
    encoder : Encoder
    layer_weights : dict of str to float
        v_l of each content layer.
    ratio : float
        alpha / beta per element.
    kind : {"squared", "laplacian"}

    Returns
    -------
    tuple of ContentTerm, or one PixelTerm
    """
    if kind == "laplacian":
        return (laplacian_term(p, PER_RATIO * float(ratio)),)
    P = map_targets(p, encoder, layer_weights)
    return tuple(
        ContentTerm(f"content {l}", l, float(v) * float(ratio) / P[l].size, P[l])
        for l, v in layer_weights.items()
    )


def style_terms(
    styles: Sequence[Image],
    encoder: Encoder,
    loss_name: str,
    shares: Sequence[float] | Array,
    w: dict[str, float],
    regions: Regions | None = None,
) -> tuple[StyleTerm | FeatureMapTerm, ...]:
    """The style loss: w_l times a loss at each layer, of all styles blended, by region if any.

    Parameters
    ----------
    styles : sequence of (H, W, 3) arrays, dtype of the network
        The sizes may differ.
    encoder : Encoder
    loss_name : str
        One of `nst_numpy.losses.STYLE_LOSSES`.
    shares : sequence of float
        Weight of each style, at least one of them more than 0.
    w : dict of str to float
        Weight of each style layer.
    regions : nst_numpy.transfer.masks.Regions, optional
        Only for losses of moments.

    Returns
    -------
    tuple of StyleTerm or FeatureMapTerm
    """
    if loss_name not in MOMENT_LOSSES:
        return gaussian_terms(styles, encoder, shares, w)
    loss = MOMENT_LOSSES[loss_name]
    masks = regions.styles if regions else [None] * len(styles)
    kept = [moment_targets(a, encoder, w, T) for a, T in zip(styles, masks, strict=True)]
    terms = []
    for l in w:
        T = regions.content[l] if regions else None
        a = blend_regions([each[l] for each in kept], shares)
        empty = [] if T is None else empty_regions(T)
        targets = tuple(None if r in empty else a_r for r, a_r in enumerate(a))
        terms.append(StyleTerm(f"style {l}", l, float(w[l]), loss, targets, T))
    return tuple(terms)


def blend_regions(
    kept: Sequence[Sequence[Moments | None]], shares: Sequence[float] | Array
) -> list[Moments | None]:
    """`blend` by region, over the styles that have the region; None where no style has it.

    Parameters
    ----------
    kept : sequence of sequences of R Moments or None
        One for each style.
    shares : sequence of float
        Weight of each style.
    """
    blended: list[Moments | None] = []
    for region in zip(*kept, strict=True):
        there = [(a, s) for a, s in zip(region, shares, strict=True) if a is not None and s]
        blended.append(blend([a for a, _ in there], [s for _, s in there]) if there else None)
    return blended


def gaussian_terms(
    styles: Sequence[Image],
    encoder: Encoder,
    shares: Sequence[float] | Array,
    w: dict[str, float],
) -> tuple[FeatureMapTerm, ...]:
    """The Gaussian MMD at each layer; it needs whole feature maps. As in `style_terms`."""
    kept = []
    for a in styles:
        F = map_targets(a, encoder, w)
        kept.append({l: points(F.pop(l)) for l in w})
    losses = {l: partial(gaussian_mmd_loss, a=blend([a[l] for a in kept], shares)) for l in w}
    return tuple(
        FeatureMapTerm(f"style {l}", l, float(w[l]), losses[l], GAUSSIAN_REASON) for l in w
    )


def pixel_terms(p: Image, laplacian: float, tv: float, tv_kind: str) -> tuple[PixelTerm, ...]:
    """The losses of pixels that have a weight: Laplacian loss and total variation.

    Parameters
    ----------
    p : (H, W, 3) array
        Content image.
    laplacian, tv : float
        Weights.
    tv_kind : str
        One of `nst_numpy.losses.VARIATIONS`.
    """
    terms = [laplacian_term(p, float(laplacian))] if laplacian else []
    if tv:
        terms.append(PixelTerm("tv", float(tv), VARIATIONS[tv_kind]))
    return tuple(terms)


def laplacian_term(p: Image, weight: float) -> PixelTerm:
    """The Laplacian loss to the content image p (H, W, 3)."""
    return PixelTerm("laplacian", weight, partial(laplacian_loss, p=p))
