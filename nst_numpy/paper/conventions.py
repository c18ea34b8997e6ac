"""The objectives of other implementations, one row each (`nst_numpy.paper.paper_form`)."""

from functools import partial

from nst_numpy.losses.total_variation import (
    BELOW,
    RIGHT,
    power_variation,
    squared_differences,
    total_variation,
)
from nst_numpy.paper.paper_form import NEAR_MEAN, Convention, Factor, Smoothing
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS
from nst_numpy.utils.errors import unknown_name
from nst_numpy.utils.types import Image


def mean_variation(x: Image) -> tuple[float, Image]:
    """Mean squared differences down and to the right, and the derivative.

        V = mean (x_{i+1,j} - x_ij)^2 + mean (x_{i,j+1} - x_ij)^2

    Parameters and results are those of `nst_numpy.losses.total_variation`.
    """
    return squared_differences(x, [(pair, 1 / max(1, x[pair[0]].size)) for pair in (BELOW, RIGHT)])


RAW = Factor("G", lambda **_: 1)
PER_POSITION = Factor("G / M", lambda M, **_: M)
PER_ELEMENT = Factor("G / (N M)", lambda N, M, **_: N * M)
NO_SMOOTHING = Smoothing("none", "", lambda H, W: 0.0, total_variation)


def find_convention(name: str) -> Convention:
    """The row of that name; raises `InputError` if there is none."""
    if name not in CONVENTIONS:
        raise unknown_name("convention", name, tuple(CONVENTIONS))
    return CONVENTIONS[name]


PAPER_LAYERS = {
    "content_layer": "conv4_2",
    "style_layers": PAPER_STYLE_LAYERS,
    "preconditioner": "none",
}

# Each factor is printed as its source has it; sum and mean run over the elements of F or of G.
CONVENTIONS = {
    "paper": Convention(
        source="Gatys, Ecker, Bethge 2015",
        weights="VGG-19, normalized",
        content=Factor("1e-3 / 2 sum", lambda **_: 1e-3 / 2),
        style=Factor("1/5 / (4 N^2 M^2) sum", lambda N, M, n, **_: 1 / n / (4 * N**2 * M**2)),
        gram=RAW,
        tv=NO_SMOOTHING,
        start="white noise",
        optimizer="gradient descent",
        settings=PAPER_LAYERS | {"pooling": "average", "init": "white-noise", "normalized": True},
        released_activations=False,
    ),
    "gatys": Convention(
        source="leongatys/PytorchNeuralStyleTransfer, the authors' notebook",
        weights="VGG-19, Caffe's",
        content=Factor("mean", lambda N, M, **_: 1 / (N * M)),
        style=Factor("1e3 / N^2 mean", lambda N, **_: 1e3 / N**2 / N**2),
        gram=PER_POSITION,
        tv=NO_SMOOTHING,
        start="content",
        optimizer="L-BFGS",
        settings=PAPER_LAYERS
        | {"pooling": "max", "init": "content", "normalized": False, "iterations": 500},
    ),
    "neural-style": Convention(
        source="jcjohnson/neural-style",
        weights="VGG-19, Caffe's",
        content=Factor("5 mean", lambda N, M, **_: 5 / (N * M)),
        style=Factor("100 mean", lambda N, **_: 100 / N**2),
        gram=PER_ELEMENT,
        # Its value is left out of the loss there, its derivative is not: here both are there.
        tv=Smoothing(
            "1e-3 / 2 sum of squares, of pixels 0..256",
            "power_variation, power 1",
            lambda H, W: 1e-3 * H * W * 256**2,
            partial(power_variation, power=1.0),
        ),
        start="gray, noise of 0.001",
        optimizer="L-BFGS",
        settings=PAPER_LAYERS
        | {
            "pooling": "max",
            "init": NEAR_MEAN,
            "normalized": False,
            "iterations": 1000,
        },
        pixels=256 / 255,
        start_deviation=0.001,
    ),
    "anishathalye": Convention(
        source="anishathalye/neural-style",
        weights="VGG-19, MatConvNet's",
        content=Factor("5 mean", lambda N, M, **_: 5 / (N * M)),
        style=Factor("500 / 5 mean", lambda N, n, **_: 500 / n / N**2),
        gram=PER_ELEMENT,
        tv=Smoothing("100 mean of squares", "mean_variation", lambda H, W: 100.0, mean_variation),
        start="gray, noise of 0.256",
        optimizer="Adam",
        # Its poolings give an odd last row a position of its own; here it is left out,
        # as everywhere in this package.
        settings=PAPER_LAYERS
        | {"pooling": "max", "init": NEAR_MEAN, "normalized": False, "iterations": 1000},
        start_deviation=0.256,
    ),
    "keras": Convention(
        source="the Keras example by F. Chollet",
        weights="VGG-19, Caffe's",
        content=Factor("2.5e-8 sum", lambda **_: 2.5e-8),
        style=Factor(  # 3 and the picture's own pixels, where the paper has the layer's N and M
            "1e-6 / 5 / (4 3^2 (H W)^2) sum",
            lambda n, pixels, **_: 1e-6 / n / (4 * 3**2 * pixels**2),
        ),
        gram=RAW,
        tv=Smoothing(
            "1e-6 sum of squares^1.25",
            "power_variation, power 1.25",
            lambda H, W: 1e-6 * 2 * H * W * 255**2.5,
            power_variation,
        ),
        start="content",
        optimizer="gradient descent",
        settings=PAPER_LAYERS
        | {"content_layer": "conv5_2", "pooling": "max", "init": "content"}
        | {"normalized": False, "iterations": 4000},
    ),
    "pytorch": Convention(
        source="the PyTorch tutorial by A. Jacq",
        weights="VGG-19, torchvision's",
        content=Factor("mean", lambda N, M, **_: 1 / (N * M)),
        style=Factor("1e6 mean", lambda N, **_: 1e6 / N**2),
        gram=PER_ELEMENT,
        tv=NO_SMOOTHING,
        start="content",
        optimizer="L-BFGS",
        settings={
            "content_layer": "conv2_2",
            "preconditioner": "none",
            "style_layers": ("conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"),
            "pooling": "max",
            "init": "content",
            "normalized": False,
            "iterations": 300,
        },
        before_relu=True,
        released_activations=False,  # torchvision's VGG has mean activations near 1
    ),
}
