"""``nst-numpy plan``: what a job will take, before it starts."""

from nst_numpy.cli import options, transfer
from nst_numpy.cli.options import DEFAULTS
from nst_numpy.transfer.time_estimate import plan

DESCRIPTION = """
Tell what `nst-numpy transfer` with the same options will take in memory and time on this machine,
from a measurement of some seconds.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("plan", help="memory and time of a job", description=DESCRIPTION)
    parser.add_argument("content", metavar="CONTENT", help="picture that gives the content")
    parser.add_argument(
        "style",
        nargs="*",
        metavar="STYLE",
        help="picture that gives the style, or several (default: one of CONTENT's shape)",
    )
    transfer.add_convention(parser)
    transfer.add_job_options(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Print the plan."""
    arguments.style = arguments.style or [arguments.content]
    settings = {name: value for name, value in vars(arguments).items() if name in DEFAULTS}
    if arguments.convention:
        settings = options.given(arguments)
    job = plan(**settings, convention=arguments.convention)
    strips = f", in strips of {job.rows} rows" if job.rows else ""
    print(f"{job.width} x {job.height} pixels{strips}")
    print(f"memory   {job.memory:8.0f} MB above the start of the program")
    minutes = job.seconds / 60
    print(f"time     {job.seconds_per_iteration:8.2f} s an iteration, {minutes:.1f} minutes")
    return 0
