"""``nst-numpy classroom``: a course folder for nbgrader, and a look at what was handed in."""

from nst_numpy.classroom.check_submissions import TIMEOUT, assignments_of, check, import_client
from nst_numpy.classroom.course_folder import init
from nst_numpy.cli import options
from nst_numpy.utils.errors import InputError

DESCRIPTION = """
The five assignments for a class. Everything else is done by nbgrader's own commands; README.md in
the course folder goes through them.
"""
INIT = """
Make a folder for nbgrader: its configuration, the assignments with their answers and tests, the
rubric, and the guides for instructor and students.
"""
CHECK = """
Say of each notebook, before it is graded, what nbgrader would grade as zero in silence: marks or
cells that were removed, another name or kernel, a cell that does not come back. Exit code 1 if
there is such a thing. Runs the notebooks with this Python: no protection against hostile code.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("classroom", help="assignments", description=DESCRIPTION)
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    one = actions.add_parser("init", help="make a course folder", description=INIT)
    one.add_argument("folder", metavar="DIR", help="a new folder")
    one.set_defaults(run=run_init)
    one = actions.add_parser("check", help="look at notebooks handed in", description=CHECK)
    one.add_argument("notebooks", nargs="+", metavar="NOTEBOOK")
    one.add_argument(
        "--course", metavar="DIR", help="course folder, if its assignments were changed"
    )
    one.add_argument(
        "--timeout",
        type=options.whole,
        default=TIMEOUT,
        metavar="SECONDS",
        help="that one cell may take (default: %(default)s)",
    )
    one.add_argument(
        "--no-run", dest="execute", action="store_false", help="look only, run nothing"
    )
    one.set_defaults(run=run_check)


def run_init(arguments):
    """Make the folder and say how to go on."""
    init(arguments.folder)
    print(
        f"{arguments.folder}: a course with five assignments. Go on there with README.md, which "
        "begins with\n\n  nbgrader generate_assignment 1_gram"
    )
    return 0


def run_check(arguments):
    """Look at each notebook; return 1 if one would not be graded as it should."""
    assignments = assignments_of(arguments.course)
    client = import_client() if arguments.execute else None
    bad = 0
    for path in arguments.notebooks:
        try:
            told = check(path, assignments, client, arguments.timeout)
        except InputError as error:
            told = [str(error)]
        print("\n".join(f"{path}: {sentence}" for sentence in told or ["fine"]), flush=True)
        bad += bool(told)
    return 1 if bad else 0
