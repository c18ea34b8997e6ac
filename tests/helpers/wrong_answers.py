"""Answers of a class: the tables of typical wrong ones, and how to hand them in."""

from pathlib import Path

from nst_numpy.classroom.assignments import grade_id, is_test, read_cells

WRONG = Path(__file__).parents[1] / "classroom" / "wrong"


def wrong_answers(name):
    """(title, {cell, loses, says}, code) of each typical wrong answer to an assignment.

    In the files a title stands before the cell with the code, whose header says which cell it takes
    the place of, which tests are lost, and what the feedback says.
    """
    cells = read_cells((WRONG / f"{name}.py").read_text(encoding="utf-8"))
    return [
        (title["source"], code["metadata"]["wrong"], code["source"])
        for title, code in zip(cells[::2], cells[1::2], strict=True)
    ]


def replaced(cells, answers):
    """The cells with other code in those that ``answers`` names."""
    return [{**cell, "source": answers.get(grade_id(cell), cell["source"])} for cell in cells]


def points(cells):
    """{test: points} of an assignment, without what a person grades."""
    return {
        grade_id(cell): cell["metadata"]["nbgrader"]["points"] for cell in cells if is_test(cell)
    }
