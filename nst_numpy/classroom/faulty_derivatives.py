"""Functions with derivatives, some of them wrong, for the gradient checker of assignment 4."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from nst_numpy import layers
from nst_numpy.gradcheck.checker import Check
from nst_numpy.losses import content_loss, style_layer_loss, total_variation
from nst_numpy.utils.types import Array, Loss

SHAPE = (5, 4, 3)  # of images
N, M = 3, 6  # of feature maps

Suspect: TypeAlias = tuple[str, Loss, Array]
LossAndPoint: TypeAlias = tuple[Loss, Array]


@dataclass(frozen=True)
class Pair:
    """A function with a right or wrong derivative.

    Attributes
    ----------
    name : str
    fault : str or None
        What is wrong with the derivative; None if it is right.
    draw : callable
        ``draw(rng) -> (f_and_g, x)``, with a random float64 x away from kinks.
    """

    name: str
    fault: str | None
    draw: Callable[[np.random.Generator], LossAndPoint]


def suspects(seed: int = 0) -> list[Suspect]:
    """Eleven functions with their derivatives, five of which are wrong.

    Parameters
    ----------
    seed : int
        Seed for the order, the names and the points.

    Returns
    -------
    list of (str, callable, array)
        Name, ``f_and_g(x) -> (f, g)``, and a float64 x away from kinks.
    """
    rng = np.random.default_rng(seed)
    shuffled = _shuffled(rng)
    return [(name, *_anonymous(*pair.draw(rng))) for name, pair in shuffled.items()]


def guilty(seed: int = 0) -> dict[str, str]:
    """{name: fault} of the wrong derivatives among ``suspects(seed)``."""
    shuffled = _shuffled(np.random.default_rng(seed))
    return {name: pair.fault for name, pair in shuffled.items() if pair.fault}


def central(f: Callable[[Array], float], x: Array, v: Array, h: float) -> float:
    """(f(x + h v) - f(x - h v)) / (2 h), for students who have not written it yet."""
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


def relative(analytic: float, numeric: float) -> float:
    """Relative difference of two numbers, for students who have not written it yet."""
    return Check(float(analytic), float(numeric)).error


def _shuffled(rng: np.random.Generator) -> dict[str, Pair]:
    """{name of the suspect: pair} in random order."""
    order = enumerate(rng.permutation(len(PAIRS)))
    return {f"{'abcdefghijk'[i]}: {PAIRS[k].name}": PAIRS[k] for i, k in order}


def _anonymous(f_and_g: Loss, x: Array) -> LossAndPoint:
    """Wrap a function whose own name shows whether its derivative is wrong."""
    return lambda x: f_and_g(x), x


def _off_the_kink(x: Array) -> Array:
    return x + 0.01 * np.sign(x)


def _content(rng: np.random.Generator) -> LossAndPoint:
    F, P = rng.normal(size=(2, N, M))
    return lambda F: content_loss(F, P), F


def _content_without_half(rng: np.random.Generator) -> LossAndPoint:
    F, P = rng.normal(size=(2, N, M))
    return lambda F: (2 * content_loss(F, P)[0], F - P), F


def _style(rng: np.random.Generator) -> LossAndPoint:
    F, A = rng.normal(size=(N, M)), np.eye(N)
    return lambda F: style_layer_loss(F, A), F


def _style_a_thousandth_off(rng: np.random.Generator) -> LossAndPoint:
    F, A = 1e-3 * rng.normal(size=(N, M)), 1e-6 * np.eye(N)

    def f_and_g(F: Array) -> tuple[float, Array]:
        E, dE_dF = style_layer_loss(F, A)
        return E, 1.001 * dE_dF

    return f_and_g, F


def _relu(rng: np.random.Generator) -> LossAndPoint:
    x, r = _off_the_kink(rng.normal(size=SHAPE)), rng.normal(size=SHAPE)

    def f_and_g(x: Array) -> tuple[float, Array]:
        y = layers.relu(x)
        return np.sum(y * r), layers.relu_backward(r, y > 0)

    return f_and_g, x


def _relu_without_mask(rng: np.random.Generator) -> LossAndPoint:
    x, P = _off_the_kink(rng.normal(size=(N, M))), rng.normal(size=(N, M))
    return lambda x: content_loss(layers.relu(x), P), x


def _convolution(rng: np.random.Generator) -> LossAndPoint:
    x, K, b, r = _convolution_arguments(rng)
    dx = layers.convolution_backward(r, K)
    return lambda x: (np.sum(layers.convolution(x, K, b) * r), dx), x


def _convolution_not_flipped(rng: np.random.Generator) -> LossAndPoint:
    x, K, b, r = _convolution_arguments(rng)
    wrong = layers.convolution(r, K.transpose(0, 1, 3, 2), np.zeros(3))
    return lambda x: (np.sum(layers.convolution(x, K, b) * r), wrong), x


def _convolution_arguments(rng: np.random.Generator) -> tuple[Array, Array, Array, Array]:
    """x, K, b and dL/dy."""
    x, K = rng.normal(size=SHAPE), rng.normal(size=(3, 3, 3, 3))
    r, b = rng.normal(size=SHAPE), rng.normal(size=3)
    return x, K, b, r


def _max_pool(rng: np.random.Generator) -> LossAndPoint:
    x, r = rng.normal(size=SHAPE), rng.normal(size=(2, 2, 3))

    def f_and_g(x: Array) -> tuple[float, Array]:
        y, argmax = layers.max_pool(x)
        return np.sum(y * r), layers.max_pool_backward(r, argmax, x.shape)

    return f_and_g, x


def _variation(rng: np.random.Generator) -> LossAndPoint:
    return total_variation, rng.uniform(0, 255, SHAPE)


def _variation_one_pixel(rng: np.random.Generator) -> LossAndPoint:
    corner = rng.integers(0, SHAPE[0]), rng.integers(0, SHAPE[1]), rng.integers(0, 3)

    def f_and_g(x: Array) -> tuple[float, Array]:
        V, dV_dx = total_variation(x)
        dV_dx[corner] *= 1.5
        return V, dV_dx

    return f_and_g, rng.uniform(0, 255, SHAPE)


PAIRS = (
    Pair("content loss", None, _content),
    Pair("content loss", "the value lacks its 1/2", _content_without_half),
    Pair("style loss", None, _style),
    Pair("style loss", "the derivative is 0.1 % too large", _style_a_thousandth_off),
    Pair("ReLU", None, _relu),
    Pair("content loss after a ReLU", "the mask is missing", _relu_without_mask),
    Pair("convolution", None, _convolution),
    Pair("convolution", "the kernel is not flipped", _convolution_not_flipped),
    Pair("max pooling", None, _max_pool),
    Pair("total variation", None, _variation),
    Pair(
        "total variation",
        "one entry of the derivative is 1.5 times too large",
        _variation_one_pixel,
    ),
)
FAULTS = tuple(pair.fault for pair in PAIRS if pair.fault)
