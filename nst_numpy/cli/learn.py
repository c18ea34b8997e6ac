"""``nst-numpy learn``: the assignments for one person, without nbgrader."""

import argparse
import os
from pathlib import Path

from nst_numpy.classroom.assignments import (
    ASSIGNMENTS,
    assignment_path,
    blank,
    is_test,
    read_notebook,
    source_cells,
    write_notebook,
)
from nst_numpy.classroom.course_folder import STUDENT_GUIDE
from nst_numpy.classroom.run_notebook import NOT_WRITTEN, restore_locked_cells, run_cells
from nst_numpy.cli.messages import print_aligned
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.transfer.option_values import parse_whole_number
from nst_numpy.utils.errors import InputError

FOLDER = "nst-learn"
DESCRIPTION = """
Write the notebook of an assignment into a folder, for Jupyter or any editor that opens notebooks.
With --check, run its tests on your answers. An existing notebook is never overwritten.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser("learn", help="exercises for self-study", description=DESCRIPTION)
    parser.add_argument(
        "number",
        type=parse_whole_number,
        choices=range(1, len(ASSIGNMENTS) + 1),
        metavar="N",
        help="1 Gram matrix and content loss, 2 style loss, 3 forward and backward passes of the "
        "layers, 4 a gradient checker, 5 the complete style transfer",
    )
    parser.add_argument(
        "--folder",
        default=FOLDER,
        metavar="DIR",
        help="folder of the notebook (default: %(default)s)",
    )
    parser.add_argument("--check", action="store_true", help="run the tests on your answers")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Write or check the notebook; return 1 if a test fails."""
    number, folder = arguments.number, Path(arguments.folder)
    path = folder / f"{ASSIGNMENTS[number - 1]}.ipynb"
    if arguments.check:
        return _check(path, number)
    if os.path.lexists(path):
        print_aligned(f"{path} exists and is not changed.")
    else:
        _write(path)
        print_aligned(f"{path}: open it, for example with: jupyter lab {path}")
    option = "" if arguments.folder == FOLDER else f" --folder {arguments.folder}"
    print_aligned(f"To check your answers: nst-numpy learn {number}{option} --check")
    return 0


def _write(path: Path) -> None:
    """Write the student's version of an assignment, and the guide for students."""
    guide = assignment_path(STUDENT_GUIDE).read_text("utf-8")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        write_notebook(path, blank(source_cells(path.stem)))
        (path.parent / STUDENT_GUIDE).write_text(guide, "utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror}.") from error


def _check(path: Path, number: int) -> int:
    """Run the tests of an assignment on a student's notebook and print the result of each."""
    if not os.path.lexists(path):
        raise InputError(f"There is no {path} yet. To write it: nst-numpy learn {number}.")
    source = blank(source_cells(path.stem))
    cells, missing = restore_locked_cells(read_notebook(path)[0], source)
    outcomes = run_cells(cells) | dict.fromkeys(missing, "This cell is missing in the notebook.")
    tests = [cell["metadata"]["nbgrader"] for cell in source if is_test(cell)]
    reached = 0
    for mark in tests:
        failure = outcomes.pop(mark["grade_id"])
        reached += 0 if failure else mark["points"]
        outcome = "passed" if failure is None else f"NOT YET: {failure}"
        for line in f"{mark['grade_id']:24}{outcome}".splitlines():
            print_aligned(line)
    for cell, error in outcomes.items():
        if error != NOT_WRITTEN:
            for line in f"{cell:24}raised {error}".splitlines():
                print_aligned(line)
    total = sum(mark["points"] for mark in tests)
    print_aligned(f"{reached} of {total} points from the tests in the notebook")
    return 0 if reached == total else 1
