"""Every derivative of the package as one row: what `nst-numpy gradcheck` and the tests check.

A row is ``(name, equation, f_and_g, x)``. A layer's y becomes a scalar through the inner
product with a fixed random r, f(x) = <layer(x), r>, whose derivative is layer_backward(r).
"""

from typing import TypeAlias

import numpy as np

from nst_numpy import layers
from nst_numpy.losses import (
    MOMENT_LOSSES,
    VARIATIONS,
    content_loss,
    guided_loss,
    laplacian_loss,
    loss_of_feature_map,
    moments,
    region_moments,
    style_layer_loss,
    style_loss,
)
from nst_numpy.losses.mmd import gaussian_mmd_loss, points
from nst_numpy.objective import targets, total_loss
from nst_numpy.utils.types import Array, Loss
from nst_numpy.vgg import Network

SHAPE = (9, 7, 4)  # odd, not square
N, M = 4, 9

Row: TypeAlias = tuple[str, str, Loss, Array]


def rows(network: Network, pooling: str = "average", seed: int = 0) -> list[Row]:
    """All checks, in float64.

    Parameters
    ----------
    network : nst_numpy.vgg.Network
        For the whole objective.
    pooling : {"average", "max"}
        In the whole objective.
    seed : int

    Returns
    -------
    list of (str, str, callable, array)
    """
    rng = np.random.default_rng(seed)
    losses = [*_loss_rows(rng), *_family_rows(rng), *_picture_rows(rng)]
    return [*_layer_rows(rng), *losses, _objective_row(network, pooling, rng)]


def _layer_rows(rng: np.random.Generator) -> list[Row]:
    """The layers that have a derivative, each as <layer(x), r>."""
    H, W, C = SHAPE
    x = _off_the_kink(rng.standard_normal(SHAPE))
    K, b = rng.standard_normal((3, 3, C, 5)), rng.standard_normal(5)
    r, r_conv = rng.standard_normal(SHAPE), rng.standard_normal((H, W, 5))
    r_pool, r_pad = rng.standard_normal((H // 2, W // 2, C)), rng.standard_normal((H + 2, W + 2, C))

    def convolution(x: Array) -> tuple[float, Array]:
        return np.sum(layers.convolution(x, K, b) * r_conv), layers.convolution_backward(r_conv, K)

    def pad(padding: str) -> Loss:
        return lambda x: (
            np.sum(layers.pad(x, padding) * r_pad),
            layers.pad_backward(r_pad, padding),
        )

    def relu(x: Array) -> tuple[float, Array]:
        y = layers.relu(x)
        return np.sum(y * r), layers.relu_backward(r, y > 0)

    def average_pool(x: Array) -> tuple[float, Array]:
        dx = layers.average_pool_backward(r_pool, x.shape)
        return np.sum(layers.average_pool(x) * r_pool), dx

    def max_pool(x: Array) -> tuple[float, Array]:
        y, argmax = layers.max_pool(x)
        return np.sum(y * r_pool), layers.max_pool_backward(r_pool, argmax, x.shape)

    return [
        ("convolution", "", convolution, x),
        ("pad reflect", "", pad("reflect"), x),
        ("pad replicate", "", pad("replicate"), x),
        ("relu", "F > 0 in eqs. 2, 6", relu, x),
        ("average_pool", "", average_pool, x),
        ("max_pool", "", max_pool, x),
    ]


def _off_the_kink(x: Array) -> Array:
    """Move what lies near 0, where a ReLU has its kink, away from it."""
    return x + 0.01 * np.sign(x)


def _loss_rows(rng: np.random.Generator) -> list[Row]:
    """The paper's losses, by themselves and behind a ReLU."""
    x = _off_the_kink(rng.standard_normal((N, M)))  # before the ReLU: some of it negative
    P = layers.relu(rng.standard_normal((N, M)))
    A = P @ P.T

    def content(F: Array) -> tuple[float, Array]:
        return content_loss(F, P)

    def style_layer(F: Array) -> tuple[float, Array]:
        return style_layer_loss(F, A)

    def style(F: Array) -> tuple[float, Array]:
        L, dL_dF, _ = style_loss({"l": F}, {"l": A}, {"l": 0.2})
        return L, dL_dF["l"]

    def through_relu(loss: Loss) -> Loss:
        def f_and_g(x: Array) -> tuple[float, Array]:
            F = layers.relu(x)
            L, dL_dF = loss(F)
            return L, layers.relu_backward(dL_dF, F > 0)

        return f_and_g

    return [
        ("content_loss", "eqs. 1, 2", content, x),
        ("content_loss and relu", "eq. 2 with its mask", through_relu(content), x),
        ("style_layer_loss", "eqs. 3, 4, 6", style_layer, x),
        ("style_layer_loss and relu", "eq. 6 with its mask", through_relu(style_layer), x),
        ("style_loss", "eq. 5", style, x),
    ]


def _family_rows(rng: np.random.Generator) -> list[Row]:
    """The other style losses."""
    F, F_a = rng.random((N, M)), rng.random((N, M + 2))
    T, T_a = rng.random((2, M)), rng.random((2, M + 2))
    regions = region_moments(F_a, T_a)

    def style_loss_of(name: str) -> Loss:
        a, loss = moments(F_a), MOMENT_LOSSES[name]
        return lambda F: loss_of_feature_map(loss, F, a)

    def guided(F: Array) -> tuple[float, Array]:
        return guided_loss(F, T, regions)

    def gaussian(F: Array) -> tuple[float, Array]:
        return gaussian_mmd_loss(F, points(F_a))

    family = [(f"style loss {name}", "", style_loss_of(name), F) for name in MOMENT_LOSSES]
    return [
        *family,
        ("style loss mmd-gaussian", "", gaussian, F),
        ("guided_loss", "eq. 4 by region", guided, F),
    ]


def _picture_rows(rng: np.random.Generator) -> list[Row]:
    """The losses of pixels."""
    x, p = rng.uniform(0, 255, (2, 9, 7, 3))

    def laplacian(x: Array) -> tuple[float, Array]:
        return laplacian_loss(x, p, poolings=(0, 1))

    variations = [(f"variation {name}", "", f_and_g, x) for name, f_and_g in VARIATIONS.items()]
    return [*variations, ("laplacian_loss", "", laplacian, x)]


def _objective_row(network: Network, pooling: str, rng: np.random.Generator) -> Row:
    """The whole paper, to the pixels."""
    network = network.astype(np.float64)
    p, a, x = (rng.uniform(0, 255, shape) for shape in ((33, 38, 3), (36, 35, 3), (33, 38, 3)))
    known = list(network.weights)
    style_layers = [l for l in known if l.endswith("_1")]
    content_layer = "conv4_2" if "conv4_2" in known else known[-1]
    w = {l: 1 / len(style_layers) for l in style_layers}
    goal = targets(p, a, network, [content_layer], style_layers, pooling)

    def objective(x: Array) -> tuple[float, Array]:
        return total_loss(x, goal, network, 1e-3, 1.0, w, 1.0)[:2]

    return (f"total_loss ({pooling} pooling)", "eq. 7, to the pixels", objective, x)
