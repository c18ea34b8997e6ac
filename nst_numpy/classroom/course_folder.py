"""An instructor's folder for nbgrader: configuration, the assignments with answers, the rubric."""

import os
from pathlib import Path

from nst_numpy.classroom.assignments import (
    ASSIGNMENTS,
    assignment_path,
    grade_id,
    is_test,
    source_cells,
    write_notebook,
)
from nst_numpy.utils.errors import InputError

GUIDES = ("README.md", "STUDENTS.md", "MISCONCEPTIONS.md")
CONFIG = '''"""nbgrader's configuration of this course; its commands are run in this folder."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "nst"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# Seconds that one cell may take when it is graded. A cell that does not come back is stopped, and
# the next one is run. A student's function that does not is stopped before, by the tests.
c.ExecutePreprocessor.timeout = 90

# A notebook without nbgrader's marks gets 0 points in silence: see `nst-numpy classroom check`.
'''


def init(folder):
    """Make a course folder that nbgrader's commands work in.

    Parameters
    ----------
    folder : path
        A new folder, or one that has no ``nbgrader_config.py`` and no ``source``.

    Raises
    ------
    InputError
        If there is a course already, or the folder cannot be written.
    """
    folder = Path(folder)
    there = [name for name in ("nbgrader_config.py", "source") if os.path.lexists(folder / name)]
    if there:
        raise InputError(
            f"{folder} holds a course already ({there[0]}); give another folder, so that nothing "
            "of yours is overwritten."
        )
    try:
        for name in ASSIGNMENTS:
            (folder / "source" / name).mkdir(parents=True)
            write_notebook(folder / "source" / name / f"{name}.ipynb", source_cells(name))
        (folder / "nbgrader_config.py").write_text(CONFIG, encoding="utf-8")
        (folder / "RUBRIC.md").write_text(rubric(), encoding="utf-8")
        for name in GUIDES:
            (folder / name).write_text(assignment_path(name).read_text("utf-8"), "utf-8")
    except OSError as error:
        raise InputError(f"{folder} cannot be written: {error.strerror}.") from error


def rubric():
    """Every graded cell of every assignment with its points, as a text in Markdown."""
    parts = ["# Rubric", "A test gives all of its points or none."]
    for name in ASSIGNMENTS:
        cells = [cell for cell in source_cells(name) if _points(cell)]
        rows = [f"| `{grade_id(cell)}` | {_points(cell)} | {_how(cell)} |" for cell in cells]
        total = f"| | **{sum(map(_points, cells))}** | |"
        answers = [
            f"`{grade_id(cell)}` by hand:\n\n{cell['source']}"
            for cell in cells
            if not is_test(cell)
        ]
        table = "\n".join(["| cell | points | graded |", "|---|---|---|", *rows, total])
        parts.append("\n\n".join([f"## {name}", table, *answers]))
    return "\n\n".join(parts) + "\n"


def _points(cell):
    return cell["metadata"].get("nbgrader", {}).get("points", 0)


def _how(cell):
    return "by its test" if is_test(cell) else "by hand"
