"""Rows of the losses of feature maps and of pixels."""

from functools import partial

import numpy as np

from nst_numpy import layers
from nst_numpy.gradcheck.layer_rows import off_the_kink
from nst_numpy.gradcheck.row import DerivativeRow
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
from nst_numpy.utils.types import Array, Loss

N, M = 4, 9


def paper_loss_rows(rng: np.random.Generator) -> list[DerivativeRow]:
    """The paper's losses, by themselves and behind a ReLU."""
    x = off_the_kink(rng.standard_normal((N, M)))  # before the ReLU: some of it negative
    P = layers.relu(rng.standard_normal((N, M)))
    A = P @ P.T
    content, style_layer = partial(content_loss, P=P), partial(style_layer_loss, A=A)

    def style(F: Array) -> tuple[float, Array]:
        L, dL_dF, _ = style_loss({"l": F}, {"l": A}, {"l": 0.2})
        return L, dL_dF["l"]

    return [
        DerivativeRow("content_loss", "eqs. 1, 2", content, x),
        DerivativeRow("content_loss and relu", "eq. 2 with its mask", behind_relu(content), x),
        DerivativeRow("style_layer_loss", "eqs. 3, 4, 6", style_layer, x),
        DerivativeRow(
            "style_layer_loss and relu", "eq. 6 with its mask", behind_relu(style_layer), x
        ),
        DerivativeRow("style_loss", "eq. 5", style, x),
    ]


def behind_relu(loss: Loss) -> Loss:
    """The loss of F = relu(x) as a loss of x."""

    def f_and_g(x: Array) -> tuple[float, Array]:
        F = layers.relu(x)
        L, dL_dF = loss(F)
        return L, layers.relu_backward(dL_dF, F > 0)

    return f_and_g


def style_loss_rows(rng: np.random.Generator) -> list[DerivativeRow]:
    """The other style losses, and the losses by region."""
    F, F_a = rng.random((N, M)), rng.random((N, M + 2))
    T, T_a = rng.random((2, M)), rng.random((2, M + 2))
    a, by_region = moments(F_a), region_moments(F_a, T_a)
    losses: dict[str, Loss] = {
        f"style loss {name}": partial(loss_of_feature_map, loss, a=a)
        for name, loss in MOMENT_LOSSES.items()
    }
    losses["style loss mmd-gaussian"] = partial(gaussian_mmd_loss, a=points(F_a))
    rows = [DerivativeRow(name, "", loss, F) for name, loss in losses.items()]
    guided = partial(guided_loss, T=T, a=by_region)
    return [*rows, DerivativeRow("guided_loss", "eq. 4 by region", guided, F)]


def pixel_loss_rows(rng: np.random.Generator) -> list[DerivativeRow]:
    """The losses of pixels."""
    x, p = rng.uniform(0, 255, (2, 9, 7, 3))
    rows = [DerivativeRow(f"variation {name}", "", loss, x) for name, loss in VARIATIONS.items()]
    laplacian = partial(laplacian_loss, p=p, poolings=(0, 1))
    return [*rows, DerivativeRow("laplacian_loss", "", laplacian, x)]
