"""The options of `nst-numpy transfer` that go beyond the paper: one line of help each."""

from nst_numpy.cli import options
from nst_numpy.cli.options import DEFAULTS
from nst_numpy.losses import STYLE_LOSSES, VARIATIONS
from nst_numpy.transfer.color_control import COLORS
from nst_numpy.transfer.loss_terms import CONTENT_LOSSES
from nst_numpy.vgg import PADDINGS


def add_control_options(parser):
    """Add all of them, in groups of their own."""
    add_styles(parser.add_argument_group("several styles, and their size"))
    add_losses(parser.add_argument_group("losses beside the paper's"))
    add_regions(parser.add_argument_group("regions and colors"))
    add_ways(parser.add_argument_group("the way to the picture"))


def add_styles(group):
    """Add --style-blend, --style-scale and --style-size."""
    group.add_argument(
        "--style-blend",
        type=options.numbers,
        metavar="W,...",
        help="weight of each style; only their ratios count (default: equal)",
    )
    group.add_argument(
        "--style-scale",
        type=options.number,
        default=DEFAULTS["style_scale"],
        metavar="S",
        help="longer side of the styles over --size; 0.5 halves their strokes (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--style-size",
        type=options.whole,
        metavar="PIXELS",
        help="longer side of the styles, instead of --style-scale",
    )


def add_losses(group):
    """Add what says which losses are summed, and their weights."""
    group.add_argument(
        "--style-loss",
        choices=STYLE_LOSSES,
        default=DEFAULTS["style_loss"],
        help="what is compared with the style; gram is the paper (default: %(default)s)",
    )
    group.add_argument(
        "--content-loss",
        choices=CONTENT_LOSSES,
        default=DEFAULTS["content_loss"],
        help="what --ratio weighs: features (squared, the paper) or the pixels' edges (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--content-weights",
        type=options.numbers,
        metavar="W,...",
        help="weight of each of several content layers (default: 1 / number of layers)",
    )
    group.add_argument(
        "--laplacian",
        type=options.number,
        default=DEFAULTS["laplacian"],
        metavar="WEIGHT",
        help="weight of the Laplacian loss beside the content loss: 0.1 keeps edges and fine lines "
        "of the photograph (default: %(default)s)",
    )
    group.add_argument(
        "--tv-kind",
        choices=VARIATIONS,
        default=DEFAULTS["tv_kind"],
        help="which differences between pixels --tv sums (default: %(default)s)",
    )


def add_ways(group):
    """Add --scales, --average and --padding."""
    group.add_argument(
        "--scales",
        type=options.scales,
        default=DEFAULTS["scales"],
        metavar="N|SIZE:ITERATIONS,...",
        help="coarse to fine: paint at N sizes, each half of the next, or at these sizes before "
        "--size, each from the picture of the one before; saves time with --init noise (default: "
        "%(default)s)",
    )
    group.add_argument(
        "--average",
        type=options.whole,
        default=DEFAULTS["average"],
        metavar="N",
        help="the picture is an average over about the last N iterations; 1 is the last one alone "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--padding",
        choices=PADDINGS,
        default=DEFAULTS["padding"],
        help="what convolutions see beyond the border; zero, as VGG was trained, leaves a dark rim "
        "that is put outside of the picture and cut off (default: %(default)s)",
    )


def add_regions(group):
    """Add masks and colors."""
    group.add_argument(
        "--content-mask",
        metavar="FILE",
        help="a picture with a flat color for each region of CONTENT, painted like the regions of "
        "the same color in --style-mask",
    )
    group.add_argument(
        "--style-mask",
        type=options.names,
        metavar="FILE,...",
        help="the same for STYLE, one for each",
    )
    group.add_argument(
        "--color",
        choices=COLORS,
        help="the photograph's colors: put back after (keep), given to the style before (match, "
        "match-pca, match-symmetric), or left out of the transfer (luminance); by default the "
        "style's",
    )
