"""The tables of typical wrong answers to the assignments."""

from pathlib import Path

from nst_numpy.classroom.assignments import grade_id, is_test, read_cells

WRONG = Path(__file__).parents[1] / "classroom" / "wrong"


def wrong_answers(name):
    """(title, {cell, loses, says}, code) of each typical wrong answer to an assignment.

    In the files, a title precedes each cell with code. The header of that cell lists the cell to
    replace (``cell``), the tests that fail (``loses``) and a part of the message (``says``).
    """
    cells = read_cells((WRONG / f"{name}.py").read_text(encoding="utf-8"))
    return [
        (title["source"], code["metadata"]["wrong"], code["source"])
        for title, code in zip(cells[::2], cells[1::2], strict=True)
    ]


def replaced(cells, answers):
    """The cells, with the source of those in ``answers`` replaced."""
    return [{**cell, "source": answers.get(grade_id(cell), cell["source"])} for cell in cells]


def points(cells):
    """{test: points} of an assignment, without the cells graded by hand."""
    return {
        grade_id(cell): cell["metadata"]["nbgrader"]["points"] for cell in cells if is_test(cell)
    }
