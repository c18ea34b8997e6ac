"""``nst-numpy plan``: what a job will take, before it starts."""

from nst_numpy.cli import options
from nst_numpy.plan import plan

DESCRIPTION = """
Tell what `nst-numpy transfer` of a picture will take in memory and time on this machine, from a
measurement of some seconds.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("plan", help="memory and time of a job", description=DESCRIPTION)
    parser.add_argument("content", metavar="CONTENT", help="picture that gives the content")
    options.add_size(parser)
    options.add_iterations(parser)
    options.add_optimizer(parser)
    options.add_threads(parser)
    options.add_memory(parser)
    options.add_weights(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Print the plan."""
    job = plan(
        arguments.content,
        size=arguments.size,
        weights=arguments.weights,
        optimizer=arguments.optimizer,
        threads=arguments.threads,
        memory=arguments.memory,
    )
    strips = f", in strips of {job.rows} rows" if job.rows else ""
    seconds = job.seconds_per_iteration * arguments.iterations
    print(f"{job.width} x {job.height} pixels{strips}")
    print(f"memory   {job.memory:8.0f} MB above the start of the program")
    print(f"time     {job.seconds_per_iteration:8.2f} s an iteration, {seconds / 60:.1f} minutes")
    return 0
