"""Every option of a style transfer, defined once.

To add an option: add a field here, use it where the transfer needs it, and test it. The command
line, the keyword of `nst_numpy.stylize`, the check of its value, the record, the sweep and the
reference table follow from the field.
"""

from collections.abc import Sequence
from dataclasses import KW_ONLY, MISSING, dataclass, fields
from typing import Any

import numpy as np
import numpy.typing as npt

from nst_numpy.losses import STYLE_LOSSES, VARIATIONS
from nst_numpy.networks import DEFAULT_NETWORK, NAMED_NETWORKS
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.transfer import option_values as valid
from nst_numpy.transfer.build_loss_terms import CONTENT_LOSSES
from nst_numpy.transfer.color_control import COLORS
from nst_numpy.transfer.inputs import NOISES, STARTS
from nst_numpy.transfer.option_definition import option
from nst_numpy.transfer.option_values import LARGEST_SIZE
from nst_numpy.transfer.recipe import ITERATIONS, PADDING, RATIO, STYLE_LAYERS, TV
from nst_numpy.utils.types import Callback, Checkpoint, File, PictureSource, State
from nst_numpy.vgg import PADDINGS, POOLINGS, Network

MOST_ITERATIONS = 1_000_000  # more would take months: a typing mistake
PRECONDITIONERS = ("color-spectrum", "spectrum", "none")
STYLES = "several styles and their size"
LOSSES = "losses other than the paper's"
REGIONS = "regions and colors"
PATH = "optimization"


def _several_styles(settings: Any) -> bool:
    return isinstance(settings.style, list | tuple) and len(settings.style) > 1


def _has_content_features(settings: Any) -> bool:
    return bool(settings.content_loss != "laplacian")


def is_preconditioned(optimizer: str) -> bool:
    """Whether an optimizer supports a preconditioner."""
    return optimizer in OPTIMIZERS and OPTIMIZERS[optimizer].preconditioned


@dataclass(frozen=True, eq=False)
class StylizeSettings:
    """The settings of `nst_numpy.stylize`, not checked yet; see `nst_numpy.transfer.checks`."""

    content: PictureSource = option(
        MISSING,
        valid.picture(metavar="CONTENT"),
        "picture that gives the content, (H, W, 3) if it is an array, red, green, blue, 0..255",
        with_convention=True,
    )
    style: PictureSource | Sequence[PictureSource] = option(
        MISSING,
        valid.pictures(metavar="STYLE"),
        "picture that gives the style, or several",
        with_convention=True,
    )
    _: KW_ONLY
    size: int = option(
        512,
        valid.whole_number(1, LARGEST_SIZE, "PIXELS"),
        "longer side of the result, in pixels; all pictures are scaled to it",
        with_convention=True,
    )
    iterations: int = option(
        ITERATIONS,
        valid.whole_number(1, MOST_ITERATIONS),
        "largest number of iterations; 60 are often sufficient",
        with_convention=True,
    )
    ratio: float = option(
        RATIO,
        valid.number("R"),
        "alpha / beta, the weight of the content (per element of its features) relative to the "
        "style: ten times more keeps the photograph clearer, ten times less gives more of the "
        "painting, 0 gives a texture",
    )
    tv: float = option(
        TV,
        valid.number(),
        "weight of the total variation, which smooths grain; too much of it softens strokes; the "
        "paper has none",
        with_convention=True,
    )
    content_layer: str | Sequence[str] = option(
        "conv4_2",
        valid.layer_names(one_as_string=True),
        "layer of the content loss, read after its ReLU, or several; lower layers keep more of the "
        "pixels",
        with_convention=True,
        has_effect=_has_content_features,
        no_effect="the Laplacian content loss uses no layer",
    )
    style_layers: Sequence[str] = option(
        STYLE_LAYERS,
        valid.layer_names(),
        "layers of the style loss; lower layers carry color and fine strokes, higher layers larger "
        "forms; the paper has conv1_1, conv2_1, conv3_1, conv4_1 and conv5_1",
        with_convention=True,
    )
    style_weights: Sequence[float] | None = option(
        None,
        valid.optional(valid.number_list()),
        "weight w_l of each style layer, by default decreasing from block to block for the default "
        "layers, and 1 / number of layers for others",
    )
    init: PictureSource = option(
        "content",
        valid.picture(", or one of " + ", ".join(STARTS), metavar="|".join((*STARTS, "FILE"))),
        "image that the optimization starts from: the content, the style, noise with the spectrum "
        "of pictures, or white noise, which is the paper's start and leaves grain; noise needs "
        "more iterations",
        with_convention=True,
    )
    seed: int = option(
        0,
        valid.whole_number(0),
        "seed of the noise",
        with_convention=True,
        has_effect=lambda settings: isinstance(settings.init, str) and settings.init in NOISES,
        no_effect="only --init noise and --init white-noise use a seed",
    )
    optimizer: str = option(
        "lbfgs",
        valid.name_of(OPTIMIZERS),
        "lbfgs is the package's own L-BFGS, which works in float32; lbfgsb is SciPy's L-BFGS-B in "
        "float64, which takes more time and memory; the others are slower and meant for study",
        with_convention=True,
    )
    preconditioner: str = option(
        "color-spectrum",
        valid.name_of(PRECONDITIONERS),
        "preconditioner of the optimizer: color-spectrum uses the spectrum of pictures and the "
        "colors of the style, spectrum only the former; none is plain L-BFGS, which needs up to "
        "twice as many iterations with the defaults",
        with_convention=True,
        has_effect=lambda settings: is_preconditioned(settings.optimizer),
        no_effect="this optimizer does not support a preconditioner",
    )
    threads: int | None = option(
        None,
        valid.optional(valid.whole_number(1)),
        "number of threads, by default NST_NUM_THREADS or all cores; the result does not depend on "
        "it",
        decides_result=False,
        with_convention=True,
    )
    memory: float | None = option(
        None,
        valid.optional(valid.number("MB", above_zero=True)),
        "memory budget in MB, by default 0.7 of the free memory; a picture that needs more is "
        "computed in tiles, which takes more time",
        decides_result=False,
        with_convention=True,
    )
    weights: File | Network = option(
        DEFAULT_NETWORK,
        valid.network(),
        f"the network: {', '.join(NAMED_NETWORKS)}, or a weights file of Keras, PyTorch, "
        "MatConvNet, safetensors, NumPy or this package",
        with_convention=True,
    )
    normalized: bool = option(
        True,
        valid.flag(),
        "scale the weights as in the paper, so that the mean activation of each filter is one",
        flag="--original-weights",
        with_convention=True,
    )
    pooling: str = option(
        "average",
        valid.name_of(POOLINGS),
        "average pooling is the paper's choice, max pooling that of the released VGG",
        with_convention=True,
    )
    style_blend: Sequence[float] | None = option(
        None,
        valid.optional(valid.number_list()),
        "weight of each style, by default equal; only the ratios of the weights count",
        group=STYLES,
        has_effect=_several_styles,
        no_effect="there is one style",
    )
    style_scale: float = option(
        1.0,
        valid.number("S", above_zero=True),
        "longer side of the styles divided by the size; 0.5 halves their strokes",
        group=STYLES,
    )
    style_size: int | None = option(
        None,
        valid.optional(valid.whole_number(1, LARGEST_SIZE, "PIXELS")),
        "longer side of the styles in pixels, instead of a style scale",
        group=STYLES,
    )
    style_loss: str = option(
        "gram",
        valid.name_of(STYLE_LOSSES),
        "distance between the style statistics; gram is the paper's",
        group=LOSSES,
    )
    content_loss: str = option(
        "squared",
        valid.name_of(CONTENT_LOSSES),
        "content loss: squared compares features, as in the paper; laplacian compares the edges "
        "in the pixels",
        group=LOSSES,
    )
    content_weights: Sequence[float] | None = option(
        None,
        valid.optional(valid.number_list()),
        "weight of each content layer, by default 1 / number of layers",
        group=LOSSES,
        has_effect=_has_content_features,
        no_effect="the Laplacian content loss uses no layer",
    )
    laplacian: float = option(
        0.0,
        valid.number(),
        "weight of the Laplacian loss in addition to the content loss; 0.1 keeps edges and fine "
        "lines of the photograph",
        group=LOSSES,
    )
    tv_kind: str = option(
        "squared",
        valid.name_of(VARIATIONS),
        "type of total variation: squared sums squared differences between horizontal and vertical "
        "neighbors, nine-point also those between diagonal ones, power their 1.25th power",
        group=LOSSES,
    )
    content_mask: PictureSource | None = option(
        None,
        valid.optional(valid.picture()),
        "picture with one flat color for each region of the content; a region is painted like the "
        "regions of the same color in the style mask",
        group=REGIONS,
    )
    style_mask: PictureSource | Sequence[PictureSource] | None = option(
        None,
        valid.optional(valid.pictures()),
        "mask of the style, or one mask for each style",
        group=REGIONS,
    )
    color: str | None = option(
        None,
        valid.optional(valid.name_of(COLORS)),
        "how to keep the colors of the content; by default the result has the colors of the style; "
        "keep restores the content's colors after the transfer; match, match-pca and "
        "match-symmetric recolor the style before the transfer; luminance transfers only the "
        "brightness",
        group=REGIONS,
    )
    scales: int | Sequence[tuple[int, int]] = option(
        1,
        valid.scales(),
        "coarse to fine: number of sizes, each half of the next, or size and "
        "iterations of each scale before the last; saves time when starting from noise",
        group=PATH,
    )
    average: int = option(
        1,
        valid.whole_number(1),
        "number of last iterations over which the picture is averaged; 1 uses only the last",
        group=PATH,
    )
    padding: str = option(
        PADDING,
        valid.name_of(PADDINGS),
        "values beyond the border that the convolutions read; zero, as VGG was trained, leaves a "
        "dark rim in a margin, which is cropped",
        group=PATH,
    )
    dtype: npt.DTypeLike = option(
        np.float32,
        valid.float_type(),
        "type of all arithmetic before the optimizer",
        command_line=False,
        with_convention=True,
    )
    callback: Callback | None = option(
        None,
        valid.optional(valid.function()),
        "``callback(iteration, picture, loss, terms)``, called at the start (iteration 0) and "
        "after each iteration",
        decides_result=False,
        command_line=False,
        with_convention=True,
    )
    checkpoint: Checkpoint | None = option(
        None,
        valid.optional(valid.function()),
        "``checkpoint(state)``, called at the start and after each iteration with all that is "
        "needed to resume from there, see `nst_numpy.transfer.optimization.minimize`",
        decides_result=False,
        command_line=False,
        with_convention=True,
    )
    state: State | None = option(
        None,
        valid.optional(valid.state()),
        "state to resume from, with the same settings; the result is the same to the bit as that "
        "of an uninterrupted job, except with SciPy's L-BFGS-B",
        decides_result=False,
        command_line=False,
        with_convention=True,
    )
    gradients: bool = option(
        False,
        valid.flag(),
        "whether the result holds the derivative of each term with respect to the pixels",
        decides_result=False,
        command_line=False,
        with_convention=True,
    )


def with_convention() -> tuple[str, ...]:
    """Names of the options that can be combined with the convention of another implementation."""
    return tuple(
        f.name
        for f in fields(StylizeSettings)
        if "option" in f.metadata and f.metadata["option"].with_convention
    )
