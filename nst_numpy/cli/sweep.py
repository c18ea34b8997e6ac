"""``nst-numpy sweep``: run all combinations of option values, on all cores or a Dask cluster."""

import argparse
from pathlib import Path
from typing import Any

from nst_numpy.cli import grid_options, settings_options
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import write_picture
from nst_numpy.paper import stylize_like
from nst_numpy.sweeps import Sweep, contact_sheet, cross_product, write_results
from nst_numpy.transfer.option_definition import recorded_defaults
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.stylize import stylize

DESCRIPTION = """
Transfer with all combinations of the given values. Every option of `nst-numpy transfer` takes one
value or several, separated by spaces. A value that is itself a list contains commas, as in
--style-layers conv1_1 conv1_1,conv2_1. Writes each picture with its settings and final losses,
results.csv, results.json and a contact sheet, sheet.png. The exit code is 1 if a cell failed.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "sweep", help="run all combinations of option values", description=DESCRIPTION
    )
    for name in ("content", "style"):
        parser.add_argument(
            f"--{name}",
            nargs="+",
            required=True,
            metavar="FILE",
            help=f"pictures that give the {name}",
        )
    grid_options.add_grid_options(parser)
    parser.add_argument(
        "--convention",
        nargs="+",
        metavar="NAME",
        help="minimize the objective of other implementations; see 'nst-numpy conventions'",
    )
    settings_options.add_settings(parser, StylizeSettings, grid_options.job_options(), lists=True)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Run the sweep; write the tables and the contact sheet."""
    folder, sweep = Path(arguments.output), sweep_from(arguments)
    records = grid_options.run_cells(sweep.cells, arguments)
    write_results(folder / "results.json", records)
    write_picture(folder / "sheet.png", contact_sheet(sweep, records, folder))
    return grid_options.print_summary(records, [folder / "sheet.png", folder / "results.csv"])


def sweep_from(arguments: argparse.Namespace) -> Sweep:
    """The sweep that the options describe."""
    lists = lists_of(arguments)
    if arguments.convention:
        return cross_product("stylize_like", stylize_like, lists)
    return cross_product("stylize", stylize, lists)


def lists_of(arguments: argparse.Namespace) -> dict[str, list[Any]]:
    """The values of each setting; with conventions, only of those that the user gave."""
    given = settings_options.settings_given(arguments, StylizeSettings)
    names = ("content", "style", *grid_options.job_options())
    lists = {name: values for name, values in given.items() if name in names}
    if arguments.convention:
        return {**lists, "name": arguments.convention}
    defaults = recorded_defaults(StylizeSettings)
    return {**{name: [value] for name, value in defaults.items() if name in names}, **lists}
