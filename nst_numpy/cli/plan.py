"""``nst-numpy plan``: predict memory and time of a job."""

import argparse

from nst_numpy.cli import settings_options
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.cli.transfer import add_convention
from nst_numpy.paper import plan_like
from nst_numpy.transfer.plan import plan
from nst_numpy.transfer.settings import StylizeSettings

DESCRIPTION = """
Predict the memory and the time of `nst-numpy transfer` with the same options on this machine, from
a measurement that takes some seconds.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "plan", help="predict memory and time of a job", description=DESCRIPTION
    )
    settings_options.add_pictures(parser, StylizeSettings, style_count="*")
    add_convention(parser)
    settings_options.add_settings(parser, StylizeSettings)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the predicted size, memory and time."""
    given = settings_options.settings_given(arguments, StylizeSettings)
    given["style"] = given["style"] or [arguments.content]
    job = plan_like(arguments.convention, **given) if arguments.convention else plan(**given)
    tiles = f", in tiles of {job.tile_rows} rows" if job.tile_rows else ""
    print(f"{job.width} x {job.height} pixels{tiles}")
    print(f"memory   {job.memory:8.0f} MB above the start of the program")
    minutes = job.seconds / 60
    print(f"time     {job.seconds_per_iteration:8.2f} s per iteration, {minutes:.1f} minutes")
    return 0
