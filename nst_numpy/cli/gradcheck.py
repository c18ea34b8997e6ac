"""``nst-numpy gradcheck``: check every derivative of the package numerically."""

import argparse
from functools import partial

from nst_numpy.cli import settings_options
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.gradcheck.checker import TOLERANCE
from nst_numpy.gradcheck.row import KERNEL_TOLERANCE, check_row
from nst_numpy.gradcheck.table import rows
from nst_numpy.transfer.option_values import parse_whole_number
from nst_numpy.transfer.prepare_network import prepare_network
from nst_numpy.transfer.settings import StylizeSettings

DESCRIPTION = """
Compare each hand-written derivative with central differences of the function's values in float64:
along a random direction, and along one that is correlated with the gradient. The larger error is
printed. Compare each float32 kernel with the NumPy version in float64. Exit code 1 if one is wrong.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "gradcheck", help="check every derivative numerically", description=DESCRIPTION
    )
    parser.add_argument(
        "--seed",
        type=partial(parse_whole_number, smallest=0),
        default=0,
        metavar="N",
        help="seed for the random points and directions (default: %(default)s)",
    )
    settings_options.add_settings(parser, StylizeSettings, ("weights", "normalized", "pooling"))
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the table; return 1 if a derivative is wrong."""
    given = settings_options.settings_given(arguments, StylizeSettings)
    settings = StylizeSettings("", "", **given)
    network = prepare_network(settings.weights, settings.normalized)
    print(f"{'derivative':30}{'of':22}{'analytic':>16}{'numeric':>16}{'relative':>10}")
    failed = 0
    for row in rows(network, settings.pooling, arguments.seed):
        check = check_row(row, arguments.seed)
        failed += not check.passed
        print(
            f"{row.name:30}{row.equation:22}{check.analytic:16.9g}{check.numeric:16.9g}{check.error:10.1e}"
            f"{'' if check.passed else '  WRONG'}"
        )
    print(
        f"Wrong by more than {TOLERANCE:g} (kernels: {KERNEL_TOLERANCE:g}): {failed} rows."
        if failed
        else f"All derivatives agree within {TOLERANCE:g}, all kernels within {KERNEL_TOLERANCE:g}."
    )
    return 1 if failed else 0
