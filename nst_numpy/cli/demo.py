"""``nst-numpy demo``: a photograph in four styles, from what ships with the package."""

import sys

from nst_numpy.cli import options
from nst_numpy.cli.options import DEFAULTS
from nst_numpy.cli.progress_bar import ProgressBar
from nst_numpy.images import check_output, make_contact_sheet, scaled_size, write_picture
from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.transfer.network_preparation import ready_network
from nst_numpy.transfer.settings import ask
from nst_numpy.transfer.stylize import stylize

DESCRIPTION = """
Paint a photograph in four styles, with the pictures and the network that ship with the package:
no file of yours and no download is needed. Writes a sheet with the photograph, the styles and
the four results.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("demo", help="four styles at once", description=DESCRIPTION)
    parser.add_argument(
        "-o",
        "--output",
        default="nst-demo.png",
        metavar="OUT",
        help="the sheet to write (default: %(default)s)",
    )
    parser.add_argument(
        "--content",
        choices=CONTENTS,
        default=CONTENTS[0],
        help="which photograph (default: %(default)s)",
    )
    options.add_size(parser, default=320)
    options.add_iterations(parser, default=100)
    options.add_threads(parser)
    options.add_memory(parser)
    options.add_network_options(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Make the four pictures and the sheet."""
    check_output(arguments.output)
    settings = {name: value for name, value in vars(arguments).items() if name in DEFAULTS}
    p, *styles = (sample_picture(name) for name in (arguments.content, *STYLES))
    settings["weights"] = ready_network(arguments.weights, arguments.normalized)
    ask(**{**DEFAULTS, **settings, "content": p, "style": styles[0]})
    print("The first run compiles for some seconds before the first bar.", file=sys.stderr)
    results = []
    for name, a in zip(STYLES, styles, strict=True):
        with ProgressBar(arguments.iterations, name) as progress:
            job = {**settings, "content": p, "style": a, "callback": progress}
            results.append(stylize(**job).picture)
    cell = scaled_size(arguments.size, p.shape)
    half = tuple(side // 2 for side in cell)
    palette = make_contact_sheet([styles[:2], styles[2:]], half)
    write_picture(
        arguments.output, make_contact_sheet([[p, *results[:2]], [palette, *results[2:]]], cell)
    )
    print(
        f"{arguments.output}: the photograph, the four styles, and the one in each of the others."
    )
    return 0
