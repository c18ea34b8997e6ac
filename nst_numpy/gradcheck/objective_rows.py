"""Rows of whole objectives, from the pixels through a network and back."""

from dataclasses import dataclass, replace

import numpy as np

from nst_numpy import vgg
from nst_numpy.gradcheck.row import DerivativeRow
from nst_numpy.objective import targets, total_loss
from nst_numpy.paper.convention_objective import convention_objective
from nst_numpy.paper.conventions import CONVENTIONS
from nst_numpy.transfer.build_loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate
from nst_numpy.transfer.masks import Regions
from nst_numpy.transfer.weighted_terms import Objective
from nst_numpy.utils.types import Array, Image, Shape
from nst_numpy.vgg import Network

TO_PIXELS = "eq. 7, to the pixels"


@dataclass(frozen=True)
class Pictures:
    """Content p, two styles a and b of other sizes, and the generated image x."""

    p: Image
    a: Image
    b: Image
    x: Image


def objective_rows(network: Network, pooling: str, rng: np.random.Generator) -> list[DerivativeRow]:
    """The paper's objective, and the general sum of terms with each control."""
    network = network.astype(np.float64)
    shapes = (33, 38, 3), (36, 35, 3), (40, 33, 3), (33, 38, 3)
    pictures = Pictures(*(rng.uniform(0, 255, shape) for shape in shapes))
    layers = [l for l in network.weights if l.endswith("_1")]
    plain = Encoder(network, pooling)
    regions = random_regions(network, layers, pictures, rng)
    jobs = {
        "all terms": sum_objective(plain, pictures, layers),
        "by region": sum_objective(plain, pictures, layers, regions),
        "padding reflect": sum_objective(replace(plain, padding="reflect"), pictures, layers),
        "padding replicate": sum_objective(replace(plain, padding="replicate"), pictures, layers),
        "in tiles": sum_objective(replace(plain, tile_rows=16), pictures, layers, regions),
        "before the ReLU": before_relu_objective(plain, pictures),
    }
    return [
        paper_row(network, pooling, layers, pictures),
        *(_row(name, objective, pictures.x) for name, objective in jobs.items()),
        luminance_row(sum_objective(plain, pictures, layers), pictures.x[:, :, 0]),
    ]


def paper_row(
    network: Network, pooling: str, style_layers: list[str], pictures: Pictures
) -> DerivativeRow:
    """The paper's own sum, evaluated by `total_loss`."""
    known = list(network.weights)
    content_layer = "conv4_2" if "conv4_2" in known else known[-1]
    w = {l: 1 / len(style_layers) for l in style_layers}
    goal = targets(pictures.p, pictures.a, network, [content_layer], style_layers, pooling)

    def f_and_g(x: Array) -> tuple[float, Array]:
        return total_loss(x, goal, network, 1e-3, 1.0, w, 1.0)[:2]

    return DerivativeRow(f"total_loss ({pooling} pooling)", TO_PIXELS, f_and_g, pictures.x)


def sum_objective(
    encoder: Encoder, pictures: Pictures, layers: list[str], regions: Regions | None = None
) -> Objective:
    """A sum with two styles, several content layers, and all losses of pixels."""
    w = {l: 1 / len(layers) for l in layers}
    terms = (
        *content_terms(pictures.p, encoder, w, 1.0, "squared"),
        *style_terms([pictures.a, pictures.b], encoder, "covariance", [1, 2], w, regions),
        *pixel_terms(pictures.p, 1.0, 1.0, "nine-point"),
    )
    return Objective(encoder, terms)


def before_relu_objective(encoder: Encoder, pictures: Pictures) -> Objective:
    """The convention that reads layers before the ReLU, on the first layers."""
    first = list(encoder.network.weights)[:3]
    convention = CONVENTIONS["pytorch"]
    return convention_objective(convention, pictures.p, pictures.a, encoder, first[-1], first)


def random_regions(
    network: Network, layers: list[str], pictures: Pictures, rng: np.random.Generator
) -> Regions:
    """Two regions with random shares at each layer."""

    def masks(shape: Shape) -> dict[str, Array]:
        M = vgg.positions(network, shape, layers)
        return {l: rng.uniform(0.5, 1.0, (2, M[l])) for l in layers}

    styles = [masks(picture.shape) for picture in (pictures.a, pictures.b)]
    return Regions(2, masks(pictures.p.shape), styles)


def luminance_row(objective: Objective, g: Array) -> DerivativeRow:
    """The loss of gray pictures x = g (1, 1, 1) as a function of g (H, W)."""
    objective = replace(objective, luminance_only=True)

    def f_and_g(g: Array) -> tuple[float, Array]:
        L, dL_dx, _ = evaluate(objective, np.repeat(g[:, :, None], 3, axis=2))
        return L, dL_dx.sum(axis=2)  # (H, W)

    return DerivativeRow("sum, luminance only", TO_PIXELS, f_and_g, g)


def _row(name: str, objective: Objective, x: Image) -> DerivativeRow:
    """The row of one objective."""
    return DerivativeRow(f"sum, {name}", TO_PIXELS, lambda x: evaluate(objective, x)[:2], x)
