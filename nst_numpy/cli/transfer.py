"""``nst-numpy transfer``: paint the content of one picture in the style of another."""

import argparse
from typing import Any

from nst_numpy.cli import settings_options
from nst_numpy.cli.job_kinds import CONVENTION, STYLIZE
from nst_numpy.cli.messages import one_line
from nst_numpy.cli.report_options import add_report_options, check_report_paths
from nst_numpy.cli.run_job import run_job
from nst_numpy.cli.run_options import add_run_options, open_run_folder
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import check_output
from nst_numpy.paper import CONVENTIONS, stylize_like
from nst_numpy.runs.record import record_job
from nst_numpy.transfer.checks import list_of, unusual_values
from nst_numpy.transfer.option_definition import recorded, resources, without_effect
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.stylize import stylize

DESCRIPTION = """
Minimize alpha L_content + beta L_style over the pixels [Gatys et al. 2015, eq. 7]: keep the
features of one layer as in CONTENT, and match the correlations between features (Gram matrices)
of several layers with those of STYLE.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "transfer", help="paint one picture in the style of another", description=DESCRIPTION
    )
    settings_options.add_pictures(parser, StylizeSettings)
    settings_options.add_output(parser)
    add_convention(parser)
    add_report_options(parser)
    add_run_options(parser)
    settings_options.add_settings(parser, StylizeSettings)
    parser.set_defaults(run=run)


def add_convention(parser: argparse.ArgumentParser) -> None:
    """Add --convention."""
    parser.add_argument(
        "--convention",
        metavar="NAME",
        help=f"minimize the objective of another implementation: {', '.join(CONVENTIONS)}; "
        "explicit options for layers, pooling, start, iterations and --tv override the convention "
        "('nst-numpy conventions' lists them)",
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the job, write the picture, and print why the job stopped."""
    given = settings_options.settings_given(arguments, StylizeSettings)
    files = input_files(given)
    check_output(arguments.output, inputs=files)
    check_report_paths(arguments.output, arguments.report, arguments.frames, inputs=files)
    budget, output = resources(given, StylizeSettings), arguments.output
    if arguments.convention:
        settings = {"name": arguments.convention, **given}
        settings = {n: value for n, value in settings.items() if n not in budget}
        iterations = CONVENTION.iterations(settings)
        notes: list[str] = []
        run_folder = open_run_folder(arguments, record_job(CONVENTION.name, settings))
        run_job(run_folder, stylize_like, {**settings, **budget}, output, iterations, notes=notes)
    else:
        complete = StylizeSettings(**given)
        settings = recorded(complete)
        notes = printed(without_effect(complete) + unusual_values(complete), arguments)
        iterations = STYLIZE.iterations(settings)
        run_folder = open_run_folder(arguments, record_job(STYLIZE.name, settings))
        run_job(run_folder, stylize, {**settings, **budget}, output, iterations, notes=notes)
    return 0


def printed(warnings: list[str], arguments: argparse.Namespace) -> list[str]:
    """Warnings as lines for the terminal, with options as they are typed."""
    return [one_line(warning, arguments.typed) for warning in warnings]


def input_files(given: dict[str, Any]) -> list[Any]:
    """The files among the given settings, which must not be overwritten."""
    names = ("content", "style", "init", "weights", "content_mask", "style_mask")
    return [file for name in names for file in list_of(given.get(name))]
