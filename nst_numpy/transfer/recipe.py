"""The recipe: the defaults that decide how a picture looks, the same for every network.

`benchmarks/RESULTS.md` ("The recipe") has the measurements behind them. They apply to networks
whose mean activations are one, as `nst_numpy.networks.normalize` makes them.
"""

from collections.abc import Sequence

PAPER_STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")

# w_l before they are scaled to sum to 1. Departs from Gatys et al., who use five layers of equal
# weights: the layers between them determine the style better, and higher weights in the first
# blocks give the colors of the painting and less grain.
STYLE_WEIGHTS = {
    "conv1_1": 100.0,
    "conv1_2": 100.0,
    "conv2_1": 30.0,
    "conv2_2": 30.0,
    "conv3_1": 10.0,
    "conv3_2": 10.0,
    "conv3_3": 10.0,
    "conv4_1": 1.0,
    "conv4_2": 1.0,
    "conv4_3": 1.0,
    "conv5_1": 1.0,
}
STYLE_LAYERS = tuple(STYLE_WEIGHTS)
RATIO = 3e-3  # alpha / beta, the content loss per element of its features
TV = 0.3  # weight of the total variation
PADDING = "reflect"  # zeros, as VGG was trained, would act as a black frame
ITERATIONS = 75

# What the paper has in place of the recipe. Its style layers have equal weights.
PAPER_RECIPE = {"style_layers": PAPER_STYLE_LAYERS, "tv": 0.0, "padding": "zero"}


def default_style_weights(layers: Sequence[str]) -> list[float]:
    """w_l of style layers without given weights; they sum to 1.

    Those of the recipe for its layers, equal weights for any others, as in the paper.
    """
    of_recipe = set(layers) == set(STYLE_LAYERS)
    w = [STYLE_WEIGHTS[l] if of_recipe else 1.0 for l in layers]
    return [v / sum(w) for v in w]
