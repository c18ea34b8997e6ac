"""``nst-numpy sweep``: all combinations of lists of options, on all cores or a Dask cluster."""

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Any

from nst_numpy.cli import grid_options
from nst_numpy.cli.subcommands import Subcommands
from nst_numpy.images import write_picture
from nst_numpy.paper import stylize_like
from nst_numpy.sweeps import Sweep, contact_sheet, cross_product, write_results
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
        "sweep", help="all combinations of lists of options", description=DESCRIPTION
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
    add_lists(parser)
    parser.set_defaults(run=run)


def add_lists(parser: argparse.ArgumentParser) -> None:
    """Add every option of a job of `nst-numpy transfer`, with one value or several."""
    for option in grid_options.job_options():
        is_flag = option.nargs == 0
        parser.add_argument(
            *option.option_strings,
            dest=option.dest,
            nargs="+",
            type=_yes_no(option.const) if is_flag else option.type or str,
            choices=None if is_flag else option.choices,
            metavar="yes|no" if is_flag else option.metavar,
            help=(option.help or "").replace("%(default)s", str(option.default)),
        )


def _yes_no(value: bool) -> Callable[[str], bool]:
    """The type of a flag that stores ``value`` for yes."""

    def parse(text: str) -> bool:
        if text not in ("yes", "no"):
            raise argparse.ArgumentTypeError(f"expected yes or no, got {text!r}")
        return value if text == "yes" else not value

    return parse


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
    defaults = {action.dest: [action.default] for action in grid_options.job_options()}
    given = {name: getattr(arguments, name) for name in defaults if getattr(arguments, name)}
    pictures = {"content": arguments.content, "style": arguments.style}
    if arguments.convention:
        return {**pictures, "name": arguments.convention, **given}
    return {**pictures, **defaults, **given}
