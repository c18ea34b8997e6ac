"""Evaluate an objective and its derivative with respect to the pixels.

`nst_numpy.objective.total_loss` evaluates the paper's own sum; read it first. Every other sum of
terms, and every sum in tiles, is evaluated here.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from nst_numpy import vgg
from nst_numpy.losses import content_loss
from nst_numpy.losses.moments import Sums, pull_back
from nst_numpy.losses.spatial_guidance import Slopes, guided_pull_back, loss_by_region
from nst_numpy.objective import Targets, total_loss
from nst_numpy.transfer.color_control import gray_derivative
from nst_numpy.transfer.encoder import (
    Encoder,
    TileMaps,
    add_by_region,
    backward_tile,
    forward_tile,
    sums_of_part,
    tiles_of,
)
from nst_numpy.transfer.weighted_terms import (
    ContentTerm,
    LayerTerm,
    Objective,
    PixelTerm,
    StyleTerm,
)
from nst_numpy.utils.types import Array, ByLayer, FeatureMap, Image, Terms
from nst_numpy.vgg import Observer


def evaluate(
    objective: Objective, x: Image, observer: Observer | None = None
) -> tuple[float, Image, Terms]:
    """Value, derivative and terms of an objective.

    Parameters
    ----------
    objective : Objective
    x : (H, W, 3) array, dtype of the network
        The generated image, red, green, blue, 0..255.
    observer : callable, optional
        ``observer("activations" or "derivative", layer, array)`` for each layer of each pass
        (`nst_numpy.vgg.forward`, `nst_numpy.vgg.backward`).

    Returns
    -------
    L : float
    dL_dx : (H, W, 3) array, dtype of the network
    values : dict of str to float
        The weighted terms by name; L is their sum.
    """
    if objective.is_paper_sum and observer is None:
        L, dL_dx, values = paper_sum(objective, x)
    else:
        L, dL_dx, values = sum_of_terms(objective, x, observer)
    return L, gray_derivative(dL_dx) if objective.luminance_only else dL_dx, values


def term_gradient(objective: Objective, x: Image, name: str) -> Image:
    """Derivative of the terms of one name with respect to the pixels: (H, W, 3)."""
    return evaluate(single_term(objective, name), x)[1]


def single_term(objective: Objective, name: str) -> Objective:
    """The objective with only the terms of that name."""
    return replace(objective, terms=tuple(t for t in objective.terms if t.name == name))


def paper_sum(objective: Objective, x: Image) -> tuple[float, Image, Terms]:
    """The paper's own sum by `nst_numpy.objective.total_loss`; see `Objective.is_paper_sum`."""
    encoder, terms = objective.encoder, objective.terms
    style = {t.layer: t for t in terms if isinstance(t, StyleTerm)}
    content = {t.layer: t for t in terms if isinstance(t, ContentTerm)}
    M = vgg.positions(encoder.network, x.shape, style)
    A = {l: gram_matrix(t, M[l], x.dtype) for l, t in style.items()}
    P = {l: t.P for l, t in content.items()}
    targets = Targets(P, A, encoder.pooling, encoder.padding)
    alpha = next((t.weight for t in content.values()), 0.0)
    w = {l: t.weight for l, t in style.items()}  # beta w_l
    tv = next((t.weight for t in terms if isinstance(t, PixelTerm)), 0.0)
    return total_loss(x, targets, encoder.network, alpha, 1.0, w, tv)


def gram_matrix(term: StyleTerm, M: int, dtype: np.dtype[np.floating]) -> Array:
    """A = M S_a, the Gram matrix of the style for an image with M positions: (N, N)."""
    (a,) = term.a
    assert a is not None  # a term without masks has one target
    return (M * a.S).astype(dtype)


def sum_of_terms(
    objective: Objective, x: Image, observer: Observer | None = None
) -> tuple[float, Image, Terms]:
    """L = sum_t weight_t loss_t, and its derivative with respect to the pixels.

        dL/dx = sum_l (dF^l/dx)^T sum_(t at l) weight_t dloss_t/dF^l
                + sum_(t at x) weight_t dloss_t/dx

    Losses of moments need two steps: the moments of all positions give dL/dmu and dL/dS, and these
    are pulled back to dL/dF. In tiles, the first step is a forward pass of its own. The derivatives
    with respect to the pixels add up over the tiles.

    Parameters and results are those of `evaluate`.
    """
    at_layers = [t for t in objective.terms if not isinstance(t, PixelTerm)]
    at_pixels = [t for t in objective.terms if isinstance(t, PixelTerm)]
    dL_dx, values = layer_sum(objective.encoder, at_layers, x, observer)
    for t in at_pixels:
        value, derivative = t.loss(x)
        values.append((t.name, t.weight * value))
        dL_dx += t.weight * derivative
    by_name: Terms = dict.fromkeys((t.name for t in objective.terms), 0.0)
    for name, value in values:
        by_name[name] += value
    return float(np.sum(list(by_name.values()))), dL_dx, by_name


def layer_sum(
    encoder: Encoder, terms: Sequence[LayerTerm], x: Image, observer: Observer | None = None
) -> tuple[Image, list[tuple[str, float]]]:
    """The terms at layers: their derivative with respect to the pixels, and (name, value) pairs."""
    dL_dx, values = np.zeros_like(x), list[tuple[str, float]]()
    if not terms:
        return dL_dx, values
    layers = list(dict.fromkeys(t.layer for t in terms))
    cut = tiles_of(encoder, x, layers)
    sums = style_sums(encoder, terms, x, observer) if len(cut) > 1 else None
    for tile in cut:
        maps = forward_tile(encoder, x, layers, tile, observer)
        if tile is cut[0]:
            sums = sums or [part_sums(t, maps) for t in terms]
            style_values, slopes = zip(*map(weighted_slopes, terms, sums), strict=True)
            values += zip((t.name for t in terms), style_values, strict=True)
        dL_dF, tile_values = tile_derivatives(terms, slopes, maps)
        values += tile_values
        dL_dx[tile.start : tile.stop] += backward_tile(encoder, dL_dF, maps, observer)
        del maps  # frees the tape before the next tile
    return dL_dx, values


def style_sums(
    encoder: Encoder, terms: Sequence[LayerTerm], x: Image, observer: Observer | None
) -> list[list[Sums]]:
    """Sums by region over all tiles, for each term; empty for terms that need none."""
    layers = {t.layer for t in terms if isinstance(t, StyleTerm)}
    found: list[list[Sums]] = [[] for _ in terms]
    for tile in tiles_of(encoder, x, layers) if layers else []:
        maps = forward_tile(encoder, x, layers, tile, observer)
        parts = [part_sums(t, maps) for t in terms]
        del maps  # frees the feature maps before the next tile
        found = [add_by_region(*pair) for pair in zip(found, parts, strict=True)]
    return found


def part_sums(term: LayerTerm, maps: TileMaps) -> list[Sums]:
    """Sums by region over the positions of a tile; empty for a term that needs none."""
    if not isinstance(term, StyleTerm):
        return []
    part = maps.windows[term.layer].part
    T = None if term.masks is None else term.masks[:, part]
    return sums_of_part(maps.F[term.layer], T)


def weighted_slopes(term: LayerTerm, found: list[Sums]) -> tuple[float, list[Slopes | None]]:
    """Value of a style term and its derivatives dL/dmu and dL/dS by region, with its weight."""
    if not isinstance(term, StyleTerm):
        return 0.0, []
    w = term.weight
    L, slopes = loss_by_region(found, term.a, term.loss)
    weighted = [s and (w * s[0], None if s[1] is None else w * s[1]) for s in slopes]
    return w * L, weighted


def tile_derivatives(
    terms: Sequence[LayerTerm], slopes: Sequence[list[Slopes | None]], maps: TileMaps
) -> tuple[ByLayer, list[tuple[str, float]]]:
    """dL/dF of a tile by layer, and (name, value) pairs; each F is removed once it is used."""
    dL_dF: ByLayer = {}
    values = []
    for l in list(maps.F):
        F, part = maps.F.pop(l), maps.windows[l].part  # (N, positions)
        for term, slope in zip(terms, slopes, strict=True):
            if term.layer == l:
                value, derivative = term_derivative(term, slope, F, part)
                values.append((term.name, value))
                dL_dF[l] = derivative if l not in dL_dF else dL_dF[l] + derivative
    return dL_dF, values


def term_derivative(
    term: LayerTerm, slopes: list[Slopes | None], F: FeatureMap, part: slice
) -> tuple[float, FeatureMap]:
    """Value and derivative of a term for the positions of a tile, with its weight.

    The value of a style term is that of all tiles together, which `weighted_slopes` has: here 0.
    """
    if isinstance(term, StyleTerm):
        if term.masks is None and slopes[0] is not None:
            return 0.0, pull_back(F, 1.0, *slopes[0])
        assert term.masks is not None  # only a region can be missing
        return 0.0, guided_pull_back(F, term.masks[:, part], slopes)
    if isinstance(term, ContentTerm):
        value, derivative = content_loss(F, term.P[:, part])
    else:
        value, derivative = term.loss(F)
    derivative *= term.weight  # both losses return a new array
    return term.weight * value, derivative
