"""``nst-numpy conventions``: print the objectives of other implementations as in the paper."""

import argparse
from collections.abc import Iterable, Sequence

from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.networks import load_network
from nst_numpy.networks.build_network import convolutions
from nst_numpy.networks.random_weights import FULL
from nst_numpy.paper.conventions import CONVENTIONS
from nst_numpy.paper.paper_form import in_paper_form
from nst_numpy.transfer.option_values import LARGEST_SIZE, parse_whole_number
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG19

SMALLEST_SIDE = 16  # pixels: four poolings precede conv5_2
DESCRIPTION = """
Print what other implementations of the paper minimize, in their own terms and as alpha and
beta w_l of eqs. 1, 4 and 7 for a picture of the given size, so that they can be compared.
`nst-numpy transfer --convention NAME` uses one of them.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "conventions", help="print the objectives of other implementations", description=DESCRIPTION
    )
    parser.add_argument(
        "--size",
        type=parse_whole_number,
        nargs=2,
        default=(512, 384),
        metavar=("W", "H"),
        help="width and height of the picture (default: 512 384)",
    )
    parser.add_argument(
        "--weights",
        metavar="NAME|FILE",
        help="use the numbers of filters N_l of this network (default: those of VGG-19)",
    )
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print four tables: in the paper's form, as in the source, what is compared, and origin."""
    W, H = arguments.size
    if min(W, H) < SMALLEST_SIDE or max(W, H) > LARGEST_SIZE:
        raise InputError(
            f"--size {W} {H}: each side must have {SMALLEST_SIDE} to {LARGEST_SIZE} pixels. "
            "Smaller pictures have no pixels left at conv5_2."
        )
    widths = _widths(arguments.weights)
    print(f"L = alpha L_content + sum_l beta w_l E_l + tv V, for {W} x {H} pixels")
    print_table(
        ("", "alpha", "beta w_l, in the order of the style layers", "tv V"),
        (_paper_form(name, widths, (H, W)) for name in CONVENTIONS),
    )
    print("\nin each source: F - P, and G / d - A / d, are squared and summed or averaged")
    print_table(
        ("", "content", "G / d", "style, each layer", "total variation"),
        ((n, c.content.text, c.gram.text, c.style.text, c.tv.text) for n, c in CONVENTIONS.items()),
    )
    print("\nwhat is compared")
    print_table(("", "content", "style", "ReLU", "pooling", "pixels"), map(_layers, CONVENTIONS))
    print("\norigin")
    print_table(
        ("", "weights", "start", "optimizer", "iterations", "source"), map(_origin, CONVENTIONS)
    )
    return 0


def _widths(weights: str | None) -> dict[str, int]:
    """Number of filters N_l of each convolution of a network, by default of VGG-19."""
    if weights is None:
        return {l: FULL[int(l[4]) - 1] for l in convolutions(VGG19)}
    return {l: b.size for l, (_, b) in load_network(weights).weights.items()}


def _paper_form(name: str, widths: dict[str, int], shape: tuple[int, int]) -> tuple[str, ...]:
    """alpha, beta w_l and tv of one convention for a picture of shape (H, W)."""
    convention = CONVENTIONS[name]
    for l in (convention.settings["content_layer"], *convention.settings["style_layers"]):
        if l not in widths:
            return name, f"not with this network, which has no {l}"
    alpha, beta_w, tv = in_paper_form(convention, widths, shape)
    weights = " ".join(f"{value:<9.3g}" for value in beta_w.values())
    return name, f"{alpha:.3g}", weights, f"{tv:.3g} {convention.tv.name}" if tv else "0"


def _layers(name: str) -> tuple[str, ...]:
    """Layers, ReLU, pooling and pixel scale of one convention."""
    convention, settings = CONVENTIONS[name], CONVENTIONS[name].settings
    style = " ".join(l.removeprefix("conv") for l in settings["style_layers"])
    pixels = "0..255" if convention.pixels == 1 else f"0..{255 * convention.pixels:g}"
    content = settings["content_layer"].removeprefix("conv")
    relu = "before" if convention.before_relu else "after"
    return name, content, style, relu, settings["pooling"], pixels


def _origin(name: str) -> tuple[str, ...]:
    """Weights, start, optimizer, iterations and source of one convention."""
    convention = CONVENTIONS[name]
    iterations = str(convention.settings.get("iterations", "not stated"))
    optimizer = convention.optimizer
    return name, convention.weights, convention.start, optimizer, iterations, convention.source


def print_table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print rows in columns as wide as their widest cell; rows with fewer cells are messages."""
    table = [head, *rows]
    columns = len(head)
    widths = [max(len(row[i]) for row in table if len(row) == columns) for i in range(columns)]
    for row in table:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=False))
        print("  ".join(cells).rstrip())
