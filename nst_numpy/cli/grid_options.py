"""What the commands share that do a grid of jobs: options, the bar, the errors."""

import argparse
import sys

from tqdm import tqdm

from nst_numpy.cli import options, transfer
from nst_numpy.cli.job_checks import check_cells, idle
from nst_numpy.cli.messages import one_line, print_message
from nst_numpy.cli.signals import Interrupted
from nst_numpy.sweeps import check_grid, memory_of_each, run_grid
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import ensure_folder


def job_options(without=()):
    """The options of a job of `nst-numpy transfer`, but for those named and for how it is done."""
    parser = argparse.ArgumentParser(add_help=False)
    transfer.add_job_options(parser)
    left_out = {"threads", "memory", *without}
    return [action for action in parser._actions if action.dest not in left_out]


def add_grid_options(parser):
    """Add the options of where and beside what the cells are done."""
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FOLDER",
        help="folder for the results, made if need be; what is done in it is not done again",
    )
    parser.add_argument(
        "--jobs",
        type=options.whole,
        metavar="N",
        help="cells at once, each with its share of the cores (default: as many as cores)",
    )
    parser.add_argument(
        "--threads",
        type=options.whole,
        metavar="N",
        help="threads of each cell (default: cores divided by jobs; 1 with --dask)",
    )
    parser.add_argument(
        "--memory",
        type=options.number,
        metavar="MB",
        help="budget of each cell (default: all cells at once together 0.7 of what is free)",
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="let the workers of this Dask scheduler do the cells, for example tcp://host:8786; "
        "they must find the files under the same names",
    )


def do_cells(cells, arguments):
    """Do a grid with a bar, tell the errors at once, and return the records."""
    how = {name: getattr(arguments, name) for name in ("jobs", "threads", "dask")}
    check_grid(cells, arguments.output, **how)
    each = arguments.jobs, arguments.threads, arguments.memory
    check_cells(cells, None if arguments.dask else memory_of_each(len(cells), *each))
    for note in idle(*(cell.settings for cell in cells if cell.job is stylize)):
        print_message(note, arguments.typed)
    ensure_folder(arguments.output)
    with tqdm(total=len(cells), unit="cell", dynamic_ncols=True) as bar:

        def done(record):
            if record["error"] is not None:
                told = one_line(f"{record['cell']} failed: {record['error']}", arguments.typed)
                bar.write(f"nst-numpy: {told}", file=sys.stderr)
            bar.update()

        how["memory"] = arguments.memory
        try:
            return run_grid(cells, arguments.output, **how, callback=done)
        except InputError:
            bar.leave = False  # no empty bar above the sentence
            raise
        except Interrupted as stop:
            stop.sentence = "interrupted. What is done is kept; the same command does the rest."
            raise


def conclude(records, *written):
    """Say what was written and what failed; return the exit code."""
    failed = sum(record["error"] is not None for record in records)
    print(f"{len(records) - failed} of {len(records)} cells done: {', '.join(map(str, written))}.")
    if failed:
        print(f"nst-numpy: {failed} of {len(records)} cells failed.", file=sys.stderr)
    return 1 if failed else 0
