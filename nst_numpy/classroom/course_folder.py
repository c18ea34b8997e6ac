"""Make an instructor's folder for nbgrader: configuration, assignments with answers, rubric."""

import os
from pathlib import Path

from nst_numpy.classroom.assignments import (
    ASSIGNMENTS,
    Cell,
    assignment_path,
    grade_id,
    is_test,
    source_cells,
    write_notebook,
)
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File

STUDENT_GUIDE = "STUDENTS.md"
GUIDES = ("README.md", STUDENT_GUIDE, "MISCONCEPTIONS.md")
CONFIG = '''"""nbgrader's configuration of this course. Run its commands in this folder."""

import os
from pathlib import Path

c = get_config()  # noqa: F821
c.CourseDirectory.course_id = "nst"
c.CourseDirectory.root = str(Path(__file__).resolve().parent)

# Time limit for grading one cell, in seconds. A cell that exceeds it is stopped, and the next one
# runs. The tests stop a student's function earlier.
c.ExecutePreprocessor.timeout = 90

# A notebook without nbgrader's metadata gets 0 points without a message: see
# `nst-numpy classroom check`.
'''


def make_course_folder(folder: File) -> None:
    """Make a course folder in which nbgrader's commands run.

    Parameters
    ----------
    folder : str or path
        A new folder, or one that has no ``nbgrader_config.py`` and no ``source``.

    Raises
    ------
    InputError
        If the folder contains a course or cannot be written.
    """
    folder = Path(folder)
    present = [name for name in ("nbgrader_config.py", "source") if os.path.lexists(folder / name)]
    if present:
        raise InputError(
            f"{folder} already contains a course ({present[0]}). Give another folder, so that "
            "nothing of yours is overwritten."
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


def rubric() -> str:
    """Markdown text with the points of every graded cell of every assignment."""
    parts = ["# Rubric", "A test gives all of its points or none."]
    for name in ASSIGNMENTS:
        cells = [cell for cell in source_cells(name) if _points(cell)]
        rows = [f"| `{grade_id(cell)}` | {_points(cell)} | {_grading(cell)} |" for cell in cells]
        total = f"| | **{sum(map(_points, cells))}** | |"
        answers = [
            f"`{grade_id(cell)}` by hand:\n\n{cell['source']}"
            for cell in cells
            if not is_test(cell)
        ]
        table = "\n".join(["| cell | points | graded |", "|---|---|---|", *rows, total])
        parts.append("\n\n".join([f"## {name}", table, *answers]))
    return "\n\n".join(parts) + "\n"


def _points(cell: Cell) -> int:
    points: int = cell["metadata"].get("nbgrader", {}).get("points", 0)
    return points


def _grading(cell: Cell) -> str:
    return "by its test" if is_test(cell) else "by hand"
