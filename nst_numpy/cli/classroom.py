"""``nst-numpy classroom``: make a course folder for nbgrader, and check submitted notebooks."""

import argparse

from nst_numpy.classroom.check_submissions import (
    TIMEOUT,
    Runner,
    check_submission,
    course_assignments,
    import_nbclient,
)
from nst_numpy.classroom.course_folder import make_course_folder
from nst_numpy.cli.messages import print_result
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.transfer.option_values import parse_whole_number
from nst_numpy.utils.errors import InputError

DESCRIPTION = """
The five assignments for a class. All other steps use nbgrader's own commands; README.md in the
course folder explains them.
"""
INIT = """
Make a course folder for nbgrader: its configuration, the assignments with answers and tests, the
rubric, and guides for instructor and students.
"""
CHECK = """
Check submitted notebooks for problems that nbgrader grades as zero without a message: missing
metadata or cells, another name or kernel, a cell that does not finish. Exit code 1 if there is
such a problem. The notebooks are executed with this Python, without protection against hostile
code.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "classroom", help="course folder for nbgrader", description=DESCRIPTION
    )
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    init = actions.add_parser("init", help="make a course folder", description=INIT)
    init.add_argument("folder", metavar="DIR", help="a new folder")
    init.set_defaults(run=run_init)
    check = actions.add_parser("check", help="check submitted notebooks", description=CHECK)
    check.add_argument("notebooks", nargs="+", metavar="NOTEBOOK", help="submitted notebooks")
    check.add_argument(
        "--course",
        metavar="DIR",
        help="course folder, if you changed its assignments (default: the assignments as shipped)",
    )
    check.add_argument(
        "--timeout",
        type=parse_whole_number,
        default=TIMEOUT,
        metavar="SECONDS",
        help="time limit for one cell (default: %(default)s)",
    )
    check.add_argument(
        "--no-run",
        dest="execute",
        action="store_false",
        help="do not execute the notebooks",
    )
    check.set_defaults(run=run_check)


def run_init(arguments: argparse.Namespace) -> int:
    """Make the folder and print the next step."""
    make_course_folder(arguments.folder)
    print_result(
        f"{arguments.folder}: a course with five assignments. Its README.md explains the next "
        "steps. The first one, in this folder, is"
    )
    print("\n  nbgrader generate_assignment 1_gram")
    return 0


def run_check(arguments: argparse.Namespace) -> int:
    """Check each notebook; return 1 if one has a problem."""
    assignments = course_assignments(arguments.course)
    runner = Runner(import_nbclient(), arguments.timeout) if arguments.execute else None
    failed = 0
    for path in arguments.notebooks:
        try:
            problems = check_submission(path, assignments, runner)
        except InputError as error:
            problems = [str(error)]
        for problem in problems or ["fine"]:
            print_result(f"{path}: {problem}")
        failed += bool(problems)
    return 1 if failed else 0
