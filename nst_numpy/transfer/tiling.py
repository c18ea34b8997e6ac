"""The same loss and derivative strip by strip: a picture larger than memory would have it.

A strip of rows is run through the network together with a halo of rows on both sides, as wide as
the deepest layer sees: so the features of the strip's own rows are those of the whole picture.
Content and style losses are sums over positions, so their derivatives add up over the strips; only
the Gram matrices must be known before, which takes a forward pass of its own.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import numpy as np

from nst_numpy import vgg
from nst_numpy.losses import content_loss, gram, style_loss, total_variation
from nst_numpy.objective import Targets
from nst_numpy.utils.types import Array, ByLayer, Image, Tape, Terms
from nst_numpy.vgg import Network


@dataclass(frozen=True)
class Strip:
    """Rows [top, bottom) of a picture of H rows, and the rows [start, stop) that they see."""

    top: int
    bottom: int
    start: int
    stop: int
    H: int

    def rows(self, factor: int) -> slice:
        """The own rows in a layer that is ``factor`` times smaller, from the window's start."""
        bottom = self.H // factor if self.bottom == self.H else self.bottom // factor
        return slice((self.top - self.start) // factor, bottom - self.start // factor)


def strips(H: int, rows: int, network: Network, taps: Collection[str]) -> list[Strip]:
    """Cut H rows into strips of about ``rows``, aligned to the deepest tap's pixels."""
    step, halo = grid(network, taps)
    rows = max(step, rows // step * step)
    tops = range(0, max(1, H // step * step), rows)
    return [
        Strip(top, bottom, max(0, top - halo), min(H, bottom + halo), H)
        for top, bottom in zip(tops, [*tops[1:], H], strict=True)
    ]


def grid(network: Network, taps: Collection[str]) -> tuple[int, int]:
    """Pixels to a position of the deepest tap, and how far it sees, rounded up to such pixels."""
    step, reach = 1, 0
    for l in network.layers[: max(network.layers.index(l) for l in taps) + 1]:
        reach += step  # a convolution sees one more position, a pooling's partner is one further
        step *= 2 if l.startswith("pool") else 1
    return step, -(-reach // step) * step


def features(
    network: Network,
    x: Image,
    taps: Collection[str],
    strip: Strip,
    pooling: str,
    padding: str = "zero",
) -> tuple[ByLayer, dict[str, tuple[int, int, slice]], Tape]:
    """Feature maps of a strip's own rows, their window's shapes and the tape."""
    window = x[strip.start : strip.stop]  # (stop - start, W, 3)
    F, tape = vgg.forward(network, window, taps, pooling, padding)
    own, shapes, factor = {}, {}, 1
    for l, (H, W, _), _ in tape:
        factor *= 2 if l.startswith("pool") else 1
        if l in taps:
            rows = strip.rows(factor)
            shapes[l] = H, W, rows
            own[l] = F.pop(l).T.reshape(H, W, -1)[rows].reshape((rows.stop - rows.start) * W, -1).T
    return own, shapes, tape


def grams(
    network: Network,
    x: Image,
    layers: Collection[str],
    rows: int,
    pooling: str,
    padding: str = "zero",
) -> dict[str, tuple[Array, int]]:
    """{layer: (G, M)} of a whole picture, by strips."""
    G: dict[str, Any] = dict.fromkeys(layers, 0)
    M = dict.fromkeys(layers, 0)
    for strip in strips(x.shape[0], rows, network, layers):
        F, _, _ = features(network, x, layers, strip, pooling, padding)
        for l in layers:
            G[l] = G[l] + gram(F[l])
            M[l] += F[l].shape[1]
    return {l: (G[l], M[l]) for l in layers}


def total_loss_in_strips(
    x: Image,
    targets: Targets,
    network: Network,
    alpha: float,
    beta: float,
    w: dict[str, float],
    tv: float = 0.0,
    pooling: str = "average",
    padding: str = "zero",
    rows: int = 256,
) -> tuple[float, Image, Terms]:
    """`nst_numpy.objective.total_loss` with the memory of ``rows`` rows and their halo.

    Twice the forward passes, and the halo's rows on top, are the price. Same parameters and
    results; equal to rounding.
    """
    taps = {*targets.P, *targets.A}
    whole = grams(network, x, list(targets.A), rows, pooling, padding)
    beta_w = {l: beta * w[l] for l in targets.A}
    dL_dx, terms = np.zeros_like(x), dict.fromkeys((f"content {l}" for l in targets.P), 0.0)
    done = dict.fromkeys(targets.P, 0)
    for strip in strips(x.shape[0], rows, network, taps):
        F, shapes, tape = features(network, x, taps, strip, pooling, padding)
        content = {}
        for l, P in targets.P.items():
            part = slice(done[l], done[l] + F[l].shape[1])
            L_content, content[l] = content_loss(F[l], P[:, part])
            terms[f"content {l}"] += alpha * L_content
            done[l] = part.stop
        _, dL_dF, E = style_loss(F, targets.A, beta_w, whole)
        for l in content:
            dL_dF[l] = alpha * content[l] + dL_dF.get(l, 0)
        dL_dF = {l: in_window(dL_dF[l], *shapes[l]) for l in dL_dF}
        dL_dx[strip.start : strip.stop] += vgg.backward(network, dL_dF, tape, pooling, padding)
    terms |= {f"style {l}": beta_w[l] * E[l] for l in targets.A}
    if tv:
        V, dV_dx = total_variation(x)
        terms["tv"] = tv * V
        dL_dx += tv * dV_dx
    return sum(terms.values()), dL_dx, terms


def in_window(dL_dF: Array, H: int, W: int, rows: slice) -> Array:
    """dL/dF of the own rows, zero in the rest of the window: (N, H W)."""
    N = dL_dF.shape[0]
    window = np.zeros((H, W, N), dL_dF.dtype)
    window[rows] = dL_dF.T.reshape(-1, W, N)
    return window.reshape(H * W, N).T


def targets_in_strips(
    p: Image,
    a: Image,
    network: Network,
    content_layers: Collection[str],
    style_layers: Collection[str],
    pooling: str = "average",
    padding: str = "zero",
    rows: int = 256,
) -> Targets:
    """`nst_numpy.objective.targets` with the memory of ``rows`` rows and their halo."""
    parts: dict[str, list[Array]] = {l: [] for l in content_layers}
    for strip in strips(p.shape[0], rows, network, content_layers):
        F, _, _ = features(network, p, content_layers, strip, pooling, padding)
        for l in content_layers:
            parts[l].append(F[l].T)  # (M, N) of the strip
    P = {l: np.concatenate(parts[l]).T for l in content_layers}  # (N_l, M_l)
    M = vgg.positions(network, p.shape, style_layers)
    whole = grams(network, a, list(style_layers), rows, pooling, padding)
    A = {l: whole[l][0] * (M[l] / whole[l][1]) for l in style_layers}
    return Targets(P, A)
