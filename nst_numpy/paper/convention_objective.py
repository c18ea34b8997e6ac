"""The objective of another implementation (`nst_numpy.paper.conventions`) for two pictures."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from nst_numpy import vgg
from nst_numpy.losses import content_loss, gram, style_layer_loss
from nst_numpy.losses.gram import gram_loss
from nst_numpy.paper.convention_weights import Sizes, content_weight, style_weight
from nst_numpy.paper.paper_form import Convention
from nst_numpy.paper.tap_position import before_relu, loss_before_relu, signed
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.targets import map_targets, moment_targets
from nst_numpy.transfer.weighted_terms import (
    ContentTerm,
    FeatureMapTerm,
    LayerTerm,
    Objective,
    PixelTerm,
    StyleTerm,
)
from nst_numpy.utils.types import Image
from nst_numpy.vgg import Network

BEFORE_RELU_REASON = "a convention that reads layers before the ReLU"  # not in tiles


def convention_objective(
    convention: Convention,
    p: Image,
    a: Image,
    encoder: Encoder,
    content_layer: str,
    style_layers: Sequence[str],
) -> Objective:
    """The objective of a convention.

    Parameters
    ----------
    convention : nst_numpy.paper.paper_form.Convention
    p, a : (H, W, 3) array, dtype of the network
        Content and style image. As in `nst_numpy.objective.targets`, the sizes may differ.
    encoder : Encoder
        With the network as it was loaded.
    content_layer : str
    style_layers : sequence of str

    Returns
    -------
    Objective
    """
    network = convention_network(convention, encoder.network, [content_layer, *style_layers])
    encoder = replace(encoder, network=network)
    build = terms_before_relu if convention.before_relu else terms_after_relu
    terms = build(convention, p, a, encoder, content_layer, style_layers)
    weight = convention.tv.weight(*p.shape[:2])
    tv = (PixelTerm("tv", float(weight), convention.tv.variation),) if weight else ()
    return Objective(encoder, (*terms, *tv))


def convention_network(convention: Convention, network: Network, layers: Sequence[str]) -> Network:
    """The network as the losses of a convention read it at some layers."""
    network = with_pixels(network, convention.pixels)
    return signed(network, layers) if convention.before_relu else network


def with_pixels(network: Network, s: float) -> Network:
    """The network that sees s x - mean: conv1_1's kernel times s, and the mean divided by s."""
    K, b = network.weights["conv1_1"]
    weights = {**network.weights, "conv1_1": (K * s, b)}
    return replace(network, weights=weights, mean=network.mean / s)


def terms_after_relu(
    convention: Convention,
    p: Image,
    a: Image,
    encoder: Encoder,
    content_layer: str,
    style_layers: Sequence[str],
) -> list[LayerTerm]:
    """Content and style terms of a convention that reads layers after the ReLU."""
    pixels, n = p.shape[0] * p.shape[1], len(style_layers)
    P = map_targets(p, encoder, [content_layer])[content_layer]  # (N, M)
    weight = content_weight(
        convention, encoder.network, content_layer, Sizes(P.shape[0], P.shape[1], pixels)
    )
    terms: list[LayerTerm] = [ContentTerm(f"content {content_layer}", content_layer, weight, P)]
    M = vgg.positions(encoder.network, p.shape, style_layers)
    for l, targets in moment_targets(a, encoder, style_layers).items():
        N = encoder.network.weights[l][1].size
        weight = style_weight(convention, encoder.network, l, Sizes(N, M[l], pixels), n)
        terms.append(StyleTerm(f"style {l}", l, weight, gram_loss, tuple(targets)))
    return terms


def terms_before_relu(
    convention: Convention,
    p: Image,
    a: Image,
    encoder: Encoder,
    content_layer: str,
    style_layers: Sequence[str],
) -> list[LayerTerm]:
    """Content and style terms of a convention that reads layers before the ReLU."""
    pixels, n = p.shape[0] * p.shape[1], len(style_layers)
    P = before_relu(map_targets(p, encoder, [content_layer])[content_layer])  # (N, M)
    losses = {f"content {content_layer}": partial(content_loss, P=P)}
    weight = content_weight(
        convention, encoder.network, content_layer, Sizes(P.shape[0], P.shape[1], pixels)
    )
    weights = {f"content {content_layer}": weight}
    M = vgg.positions(encoder.network, p.shape, style_layers)
    F_a = map_targets(a, encoder, style_layers)
    for l in style_layers:
        F = before_relu(F_a.pop(l))  # (N, M of a)
        losses[f"style {l}"] = partial(style_layer_loss, A=gram(F) * (M[l] / F.shape[1]))
        sizes = Sizes(F.shape[0], M[l], pixels)
        weights[f"style {l}"] = style_weight(convention, encoder.network, l, sizes, n)
    return [
        FeatureMapTerm(
            name,
            name.partition(" ")[2],
            weights[name],
            partial(loss_before_relu, loss=loss),
            BEFORE_RELU_REASON,
        )
        for name, loss in losses.items()
    ]
