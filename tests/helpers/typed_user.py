"""A program that uses the package; ``mypy --strict`` checks the types of the results."""

from typing import Any, assert_type

import numpy as np
import numpy.typing as npt

import nst_numpy
from nst_numpy import Network, Result, gradcheck, losses, networks, objective, optimizers, vgg
from nst_numpy.gradcheck.checker import Check
from nst_numpy.images import make_contact_sheet, resize
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate
from nst_numpy.transfer.weighted_terms import FeatureMapTerm, Objective, PixelTerm

Array = npt.NDArray[np.floating[Any]]


def shown(iteration: int, picture: Array, loss: float, terms: dict[str, float]) -> None:
    """A callback."""


def the_job() -> None:
    """A style transfer."""
    p = np.random.default_rng(0).uniform(0, 255, (32, 32, 3))
    result = nst_numpy.stylize(
        p, [p], size=32, iterations=1, weights="random", normalized=False, callback=shown
    )
    assert_type(result, Result)
    assert_type(result.picture, npt.NDArray[np.uint8])
    assert_type(result.losses, npt.NDArray[np.float64])
    assert_type(result.terms, dict[str, npt.NDArray[np.float64]])
    assert_type(result.earlier, tuple[Result, ...])
    assert_type(resize(p, (16, 16)), Array)
    assert_type(make_contact_sheet([[p, result.picture]], (16, 16)), npt.NDArray[np.uint8])


def the_equations() -> None:
    """The losses, the network and the objective."""
    x = np.random.default_rng(0).uniform(0, 255, (16, 16, 3)).astype(np.float32)
    network = networks.random_network(widths=(2, 2, 2, 2, 2))
    assert_type(network, Network)
    F, tape = vgg.forward(network, x, ["conv1_1"])
    assert_type(F, dict[str, Array])
    A = losses.gram(F["conv1_1"])
    assert_type(A, Array)
    assert_type(losses.style_layer_loss(F["conv1_1"], A), tuple[float, Array])
    assert_type(vgg.backward(network, {"conv1_1": F["conv1_1"]}, tape), Array)
    goal = objective.targets(x, x, network, ["conv1_1"], ["conv1_1"])
    found = objective.total_loss(x, goal, network, 1.0, 1.0, {"conv1_1": 1.0})
    assert_type(found, tuple[float, Array, dict[str, float]])
    tv = PixelTerm("tv", 1.0, losses.total_variation)
    style = FeatureMapTerm(
        "style conv1_1", "conv1_1", 1.0, lambda F: losses.style_layer_loss(F, A), "a test"
    )
    found = evaluate(Objective(Encoder(network), (tv, style)), x)
    assert_type(found, tuple[float, Array, dict[str, float]])


def the_tools() -> None:
    """The optimizers and the gradient checker."""

    def square(x: Array) -> tuple[float, Array]:
        return float(np.sum(x * x)), 2 * x

    assert_type(gradcheck(square, np.ones(3)), Check)
    minimize = optimizers.find_optimizer("lbfgs").minimize
    assert_type(minimize(square, np.ones(3), (-1, 1), lambda k, x, f: None, 5), tuple[Array, str])


def main() -> None:
    the_job()
    the_equations()
    the_tools()


if __name__ == "__main__":
    main()
