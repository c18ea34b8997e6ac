"""``nst-numpy learn``: the assignments for oneself, without nbgrader."""

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
from nst_numpy.classroom.course_folder import GUIDES
from nst_numpy.classroom.run_notebook import restored, run
from nst_numpy.cli import options
from nst_numpy.utils.errors import InputError

FOLDER = "nst-learn"
DESCRIPTION = """
Put the blank notebook of an assignment into a folder, to be opened in Jupyter or an editor that
knows notebooks; or, with --check, run its tests on what you wrote. That is never overwritten.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("learn", help="exercises for oneself", description=DESCRIPTION)
    parser.add_argument(
        "number",
        type=options.whole,
        choices=range(1, len(ASSIGNMENTS) + 1),
        metavar="N",
        help="1 Gram matrix and content loss, 2 style loss, 3 layers forward and backward, "
        "4 a gradient checker, 5 the whole transfer",
    )
    parser.add_argument(
        "--folder", default=FOLDER, metavar="DIR", help="where (default: %(default)s)"
    )
    parser.add_argument("--check", action="store_true", help="run the tests on what you wrote")
    parser.set_defaults(run=run_learn)


def run_learn(arguments):
    """Put the notebook there, or check it; return 1 if a test fails."""
    name = ASSIGNMENTS[arguments.number - 1]
    path = Path(arguments.folder) / f"{name}.ipynb"
    if arguments.check:
        return _check(path, name, arguments.number)
    if os.path.lexists(path):
        print(f"{path} is there already and stays as it is.")
    else:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            write_notebook(path, blank(source_cells(name)))
            guide = assignment_path(GUIDES[1]).read_text("utf-8")
            (path.parent / GUIDES[1]).write_text(guide, "utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be written: {error.strerror}.") from error
        print(f"{path}: open it, for example with: jupyter lab {path}")
    where = "" if arguments.folder == FOLDER else f" --folder {arguments.folder}"
    print(f"When a part is written: nst-numpy learn {arguments.number}{where} --check")
    return 0


def _check(path, name, number):
    if not os.path.lexists(path):
        raise InputError(f"There is no {path} yet: nst-numpy learn {number} makes it.")
    source = blank(source_cells(name))
    cells, missing = restored(read_notebook(path)[0], source)
    outcomes = run(cells) | dict.fromkeys(missing, "The notebook has no such cell any more.")
    tests = [cell["metadata"]["nbgrader"] for cell in source if is_test(cell)]
    reached = 0
    for mark in tests:
        why = outcomes.pop(mark["grade_id"])
        reached += 0 if why else mark["points"]
        print(f"{mark['grade_id']:24}{'passed' if why is None else 'NOT YET: ' + why}")
    for cell, why in outcomes.items():
        if why != "It is not written yet.":
            print(f"{cell:24}raised {why}")
    total = sum(mark["points"] for mark in tests)
    print(f"{reached} of {total} points by the tests that are in the notebook")
    return 0 if reached == total else 1
