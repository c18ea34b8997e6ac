"""``nst-numpy conventions``: what other implementations minimize, in the paper's letters."""

from nst_numpy.cli import options
from nst_numpy.networks import load_network
from nst_numpy.networks.build_network import convolutions
from nst_numpy.networks.random_weights import FULL
from nst_numpy.paper.conventions import CONVENTIONS
from nst_numpy.paper.notation import in_paper_form
from nst_numpy.transfer.checks import LARGEST_SIZE
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG19

SMALLEST = 16  # pixels: four poolings stand before conv5_2
DESCRIPTION = """
Print what other implementations of the paper minimize: as each has it, and as alpha and beta w_l
of eqs. 1, 4 and 7 for a picture of the given size, so that they can be compared.
`nst-numpy transfer --convention NAME` runs with it.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "conventions", help="what others minimize", description=DESCRIPTION
    )
    parser.add_argument(
        "--size",
        type=options.whole,
        nargs=2,
        default=(512, 384),
        metavar=("W", "H"),
        help="width and height of the picture (default: 512 384)",
    )
    parser.add_argument(
        "--weights",
        metavar="NAME|FILE",
        help="take the widths N_l of this network (default: those of VGG-19)",
    )
    parser.set_defaults(run=run)


def run(arguments):
    """Print three tables: as each has it, what it looks at, and in the paper's form."""
    W, H = arguments.size
    if min(W, H) < SMALLEST or max(W, H) > LARGEST_SIZE:
        raise InputError(
            f"--size {W} {H}: each side must be {SMALLEST} to {LARGEST_SIZE} pixels, so that "
            "something is left of the picture at conv5_2."
        )
    widths = {l: FULL[int(l[4]) - 1] for l in convolutions(VGG19)}
    if arguments.weights:
        network = load_network(arguments.weights)
        widths = {l: b.size for l, (_, b) in network.weights.items()}
    print(f"L = alpha L_content + sum_l beta w_l E_l + tv V, for {W} x {H} pixels")
    table(
        ("", "alpha", "beta w_l, in the order of the style layers", "tv V"),
        [_paper_form(name, widths, (H, W)) for name in CONVENTIONS],
    )
    print("\nas each has it: F - P, G / d and G / d - A / d are squared and summed or averaged")
    table(
        ("", "content", "G / d", "style, each layer", "total variation"),
        [(n, c.content.text, c.gram.text, c.style.text, c.tv.text) for n, c in CONVENTIONS.items()],
    )
    print("\nwhat it looks at")
    table(
        ("", "content", "style", "ReLU", "pooling", "pixels"),
        [_layers(name) for name in CONVENTIONS],
    )
    print("\nwhere it comes from")
    table(
        ("", "weights", "start", "optimizer", "iterations", "source"),
        [_origin(name) for name in CONVENTIONS],
    )
    return 0


def _paper_form(name, widths, shape):
    """alpha, beta w_l and tv of one convention."""
    convention = CONVENTIONS[name]
    looked_at = convention.settings["content_layer"], *convention.settings["style_layers"]
    for l in looked_at:
        if l not in widths:
            return name, f"not with this network, which has no {l}"
    alpha, beta_w, tv = in_paper_form(convention, widths, shape)
    weights = " ".join(f"{value:<9.3g}" for value in beta_w.values())
    return name, f"{alpha:.3g}", weights, f"{tv:.3g} {convention.tv.name}" if tv else "0"


def _layers(name):
    """Layers, ReLU, pooling and pixel scale of one convention."""
    convention, settings = CONVENTIONS[name], CONVENTIONS[name].settings
    style = " ".join(l.removeprefix("conv") for l in settings["style_layers"])
    pixels = "0..255" if convention.pixels == 1 else f"0..{255 * convention.pixels:g}"
    content = settings["content_layer"].removeprefix("conv")
    return name, content, style, convention.taps.text, settings["pooling"], pixels


def _origin(name):
    """Whose it is and what belongs to it."""
    convention = CONVENTIONS[name]
    iterations = convention.settings.get("iterations", "not told")
    optimizer = convention.optimizer
    return name, convention.weights, convention.start, optimizer, iterations, convention.source


def table(head, rows):
    """Print columns as wide as their widest cell."""
    rows = [[str(cell) for cell in row] for row in (head, *rows)]
    columns = len(head)
    widths = [max(len(row[i]) for row in rows if len(row) == columns) for i in range(columns)]
    for row in rows:
        cells = (f"{cell:{width}}" for cell, width in zip(row, widths, strict=False))
        print("  ".join(cells).rstrip())
