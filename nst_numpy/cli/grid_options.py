"""What the commands with a grid of jobs share: options, progress bar and summary."""

import argparse
from collections.abc import Collection, Sequence
from pathlib import Path

from tqdm import tqdm

from nst_numpy.cli.grid_checks import check_cells, warnings_for
from nst_numpy.cli.messages import print_message, print_result
from nst_numpy.cli.signals import Interrupted
from nst_numpy.sweeps import Cell, Grid, Workers, check_grid, memory_per_cell, run_grid
from nst_numpy.transfer.option_definition import options_of
from nst_numpy.transfer.option_values import parse_above_zero, parse_whole_number
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import ensure_folder
from nst_numpy.utils.types import Record


def job_options(without: Collection[str] = ()) -> list[str]:
    """Names of the options of a job of `nst-numpy transfer`, except resources and those named."""
    defined = options_of(StylizeSettings)
    left_out = {"content", "style", "threads", "memory", *without}
    return [n for n, option in defined.items() if option.command_line and n not in left_out]


def add_grid_options(parser: argparse.ArgumentParser) -> None:
    """Add the output folder, and the options of `nst_numpy.sweeps.Workers`."""
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="FOLDER",
        help="folder for the results, created if necessary; cells that are finished there are "
        "not run again",
    )
    parser.add_argument(
        "--jobs",
        type=parse_whole_number,
        metavar="N",
        help="cells to run at once, each with its share of the cores (default: number of cores)",
    )
    parser.add_argument(
        "--threads",
        type=parse_whole_number,
        metavar="N",
        help="threads of each cell (default: cores divided by jobs; 1 with --dask)",
    )
    parser.add_argument(
        "--memory",
        type=parse_above_zero,
        metavar="MB",
        help="memory budget of each cell (default: 0.7 of the free memory for all cells at once)",
    )
    parser.add_argument(
        "--dask",
        metavar="ADDRESS",
        help="run the cells on the workers of this Dask scheduler, for example tcp://host:8786; "
        "they must find the files under the same names",
    )


def run_cells(cells: Sequence[Cell], arguments: argparse.Namespace) -> list[Record]:
    """Check the cells of a grid and their memory, run them with a bar, and return the records."""
    workers = Workers(arguments.jobs, arguments.threads, arguments.dask, arguments.memory)
    grid = check_grid(cells, arguments.output, workers)
    check_cells(cells, memory_per_cell(len(cells), workers))
    for note in warnings_for([cell.settings for cell in cells if cell.kind == "stylize"]):
        print_message(note, arguments.typed)
    ensure_folder(grid.folder)
    return _run_with_bar(grid, arguments.typed)


def _run_with_bar(grid: Grid, typed: dict[str, str]) -> list[Record]:
    """Run a grid with a progress bar; errors of cells are printed at once."""
    with tqdm(total=len(grid.cells), unit="cell", dynamic_ncols=True) as bar:

        def show(record: Record) -> None:
            if record["error"] is not None:
                print_message(f"{record['cell']} failed: {record['error']}", typed)
            bar.update()

        try:
            return run_grid(grid, show)
        except InputError:
            bar.leave = False  # no empty bar above the message
            raise
        except Interrupted as interruption:
            interruption.message = (
                "interrupted. Finished cells are kept; the same command runs the rest."
            )
            raise


def print_summary(records: Sequence[Record], written: Sequence[Path]) -> int:
    """Print what was written and how many cells failed; return the exit code."""
    failed = sum(record["error"] is not None for record in records)
    paths = ", ".join(map(str, written))
    print_result(f"{len(records) - failed} of {len(records)} cells done: {paths}.")
    if failed:
        print_message(f"{failed} of {len(records)} cells failed.")
    return 1 if failed else 0
