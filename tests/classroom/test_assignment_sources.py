"""Conversion of assignment sources to notebooks, compared with jupytext and nbgrader."""

import json
import re

import pytest
from helpers.wrong_answers import points, wrong_answers

from nst_numpy import InputError
from nst_numpy.classroom.assignments import (
    ASSIGNMENTS,
    assignment_path,
    blank,
    grade_id,
    read_notebook,
    source_cells,
)
from nst_numpy.classroom.blocked_functions import WITHHELD
from nst_numpy.classroom.course_folder import make_course_folder, rubric


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_cells_equal_those_of_jupytext(name):
    jupytext = pytest.importorskip("jupytext")
    theirs = jupytext.reads(assignment_path(f"{name}.py").read_text("utf-8"), "py:percent").cells
    ours = source_cells(name)
    assert [(c.cell_type, c.source) for c in theirs] == [
        (c["cell_type"], c["source"]) for c in ours
    ]
    for cell, own in zip(theirs, ours, strict=True):
        given = dict(cell.metadata.get("nbgrader", {}))
        assert given.items() <= own["metadata"].get("nbgrader", {}).items()


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_grade_ids_are_unique_and_blank_cells_contain_no_answers(name):
    cells = source_cells(name)
    ids = [grade_id(cell) for cell in cells if grade_id(cell)]
    assert len(set(ids)) == len(ids)
    text = json.dumps(blank(cells))
    assert "SOLUTION" not in text
    assert "HIDDEN" not in text
    assert text.count("raise NotImplementedError()") == sum(
        "### BEGIN SOLUTION" in cell["source"] for cell in cells
    )


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_guarded_exercise_has_a_withheld_entry_and_points_add_up_to_the_announced(name):
    cells = source_cells(name)
    for cell in cells:
        assert set(re.findall(r'guarded\(\s*"(\w+)"', cell["source"])) <= set(WITHHELD)
    announced = int(re.search(r"(\d+) points", cells[0]["source"])[1])
    by_hand = [cell["metadata"].get("nbgrader", {}) for cell in cells if "Rubric" in cell["source"]]
    assert announced == sum(points(cells).values()) + sum(mark["points"] for mark in by_hand)


def test_a_course_folder_is_not_overwritten(tmp_path):
    folder = tmp_path / "course"
    make_course_folder(folder)
    for name in ASSIGNMENTS:
        cells, metadata = read_notebook(folder / "source" / name / f"{name}.ipynb")
        assert cells == source_cells(name)
        assert metadata["kernelspec"]["name"] == "python3"
    assert (folder / "RUBRIC.md").read_text("utf-8") == rubric()
    compile((folder / "nbgrader_config.py").read_text("utf-8"), "nbgrader_config.py", "exec")
    with pytest.raises(InputError, match="already contains a course"):
        make_course_folder(folder)


def test_the_guide_lists_every_misconception_with_its_tests():
    guide = assignment_path("MISCONCEPTIONS.md").read_text("utf-8")
    for name in ASSIGNMENTS:
        for title, wrong, _ in wrong_answers(name):
            tests = ", ".join(f"`{test}`" for test in wrong["loses"])
            assert f"| {title} | {tests} | {wrong['says']} |" in guide
