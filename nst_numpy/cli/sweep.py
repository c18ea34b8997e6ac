"""``nst-numpy sweep``: every combination of lists of options, on all cores or a cluster."""

import argparse
from pathlib import Path

from nst_numpy.cli import grid_options
from nst_numpy.images import write_picture
from nst_numpy.paper import stylize_like
from nst_numpy.sweeps import contact_sheet, cross_product, write_results
from nst_numpy.transfer.stylize import stylize

DESCRIPTION = """
Transfer with every combination of the values given. Every option of `nst-numpy transfer` takes
one value or several, separated by spaces; a value that is itself a list has its commas, as in
--style-layers conv1_1 conv1_1,conv2_1. Writes each picture with its settings and final losses,
results.csv, results.json and a contact sheet, sheet.png. Exit code 1 if a cell failed.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "sweep", help="every combination of lists of options", description=DESCRIPTION
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
        help="minimize what other implementations do; see 'nst-numpy conventions'",
    )
    add_lists(parser)
    parser.set_defaults(run=run)


def add_lists(parser):
    """Add every option of a job of `transfer`, with several values where it had one."""
    for action in grid_options.job_options():
        kind = {"type": action.type, "choices": action.choices, "metavar": action.metavar}
        if action.nargs == 0:
            kind = {"type": _flag(action.const), "metavar": "yes|no"}
        parser.add_argument(
            *action.option_strings,
            dest=action.dest,
            nargs="+",
            help=action.help.replace("%(default)s", str(action.default)),
            **kind,
        )


def _flag(value):
    """The type of an option that sets ``value`` where it is yes."""

    def yes_no(text):
        if text not in ("yes", "no"):
            raise argparse.ArgumentTypeError(f"expected yes or no, got {text!r}")
        return value if text == "yes" else not value

    return yes_no


def run(arguments):
    """Do the grid; write the tables and the sheet."""
    folder, lists = Path(arguments.output), lists_of(arguments)
    sweep = cross_product(stylize_like if arguments.convention else stylize, lists)
    records = grid_options.do_cells(sweep.cells, arguments)
    write_results(folder / "results.json", records)
    write_picture(folder / "sheet.png", contact_sheet(sweep, records, folder))
    return grid_options.conclude(records, folder / "sheet.png", folder / "results.csv")


def lists_of(arguments):
    """{argument of the job: its values}; with conventions only what was given beside them."""
    defaults = {action.dest: [action.default] for action in grid_options.job_options()}
    given = {name: getattr(arguments, name) for name in defaults if getattr(arguments, name)}
    pictures = {"content": arguments.content, "style": arguments.style}
    if arguments.convention:
        return pictures | {"name": arguments.convention} | given
    return pictures | defaults | given
