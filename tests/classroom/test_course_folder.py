"""A class of ten students in nbgrader: release, submit, autograde, feedback, export.

Takes some minutes and needs the extra ``classroom``.
"""

import copy
import csv
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from helpers.wrong_answers import points, replaced, wrong_answers

from nst_numpy.classroom.assignments import (
    blank,
    grade_id,
    is_test,
    read_notebook,
    source_cells,
    write_notebook,
)
from nst_numpy.cli import main

pytest.importorskip("nbgrader")

# Titles of wrong answers in the tables, one for each of three students.
HAND_IN = {
    "1_gram": ("transposed Gram", "missing 1/2 in the value", "mask with >="),
    "2_style": (
        "missing 1/(N^2 M^2)",
        "step in the direction of the derivative",
        "weights in the value only",
    ),
}
FIRST = {"1_gram": "gram", "2_style": "style_value"}  # the cell that is replaced by harmful code
HARM = {
    "loops": "def {}(*_):\n    while True:\n        pass",
    "hangs": "while True:\n    pass",
    "crashes": "import os\n\nos._exit(1)",
}
BY_HAND = """
from nbgrader.api import Gradebook
with Gradebook("sqlite:///gradebook.db") as book:
    for name, cell, points in (("1_gram", "why_positions", 2), ("2_style", "derivation", 6)):
        grade = book.find_grade(cell, name, name, "solved")
        grade.manual_score, grade.needs_manual_grade = points, False
    book.db.commit()
"""


def ids_of_tests(answer, cells):
    """Tests of the function in the cell that is replaced by harmful code."""
    return [grade_id(cell) for cell in cells if is_test(cell) and f'"{answer}"' in cell["source"]]


def class_of_ten(name):
    """{student: (cells, tests lost)} for one assignment."""
    cells, title = source_cells(name), {t: (wrong, code) for t, wrong, code in wrong_answers(name)}
    everything = list(points(cells))
    students = {"solved": (cells, []), "blank": (blank(cells), everything)}
    for i, each in enumerate(HAND_IN[name]):
        wrong, code = title[each]
        students[f"wrong{i}"] = replaced(cells, {wrong["cell"]: code}), wrong["loses"]
    for student, code in HARM.items():
        lost = everything if student == "crashes" else ids_of_tests(FIRST[name], cells)
        students[student] = replaced(cells, {FIRST[name]: code.format(FIRST[name])}), lost
    bare = [{**cell, "metadata": {}} for cell in copy.deepcopy(cells)]
    students["bare"] = bare, everything
    passing = dict.fromkeys(everything, "pass")
    students["edits"] = replaced(blank(cells), passing), everything
    return students


def run(*command, folder, fails=False):
    """Run Python with the environment's commands on the path; return its output."""
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert fails or done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def nbgrader(*command, folder, fails=False):
    return run("-m", "nbgrader", *command, folder=folder, fails=fails)


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A course folder after all steps, with the first two assignments."""
    folder = tmp_path_factory.mktemp("class") / "course"
    assert main(["classroom", "init", str(folder)]) == 0
    for name in HAND_IN:
        nbgrader("generate_assignment", name, folder=folder)
        for student, (cells, _) in class_of_ten(name).items():
            (folder / "submitted" / student / name).mkdir(parents=True)
            write_notebook(folder / "submitted" / student / name / f"{name}.ipynb", cells)
        # One kernel ends itself, hence exit code 1; the other notebooks are graded.
        limit = "--ExecutePreprocessor.timeout=40"
        nbgrader("autograde", name, limit, folder=folder, fails=True)
    run("-c", BY_HAND, folder=folder)
    for name in HAND_IN:
        nbgrader("generate_feedback", name, folder=folder)
    nbgrader("export", folder=folder)
    return folder


@pytest.mark.parametrize("name", HAND_IN)
def test_every_student_gets_the_points_of_the_rubric(course, name):
    rows = csv.DictReader((course / "grades.csv").read_text("utf-8").splitlines())
    scores = {row["student_id"]: row for row in rows if row["assignment"] == name}
    worth, by_hand = points(source_cells(name)), {"1_gram": 2, "2_style": 6}[name]
    for student, (_, lost) in class_of_ten(name).items():
        got, most = (float(scores[student][key] or 0) for key in ("score", "max_score"))
        expected = sum(worth[test] for test in worth if test not in lost)
        assert most == sum(worth.values()) + by_hand
        assert got == expected + (by_hand if student == "solved" else 0), student


@pytest.mark.parametrize("name", HAND_IN)
def test_the_feedback_states_the_property_that_failed(course, name):
    table = {title: wrong["says"] for title, wrong, _ in wrong_answers(name)}
    messages = {f"wrong{i}": table[title] for i, title in enumerate(HAND_IN[name])}
    messages |= {"loops": f"{FIRST[name]} did not return within", "blank": "is not written yet"}
    for student, sentence in messages.items():
        page = (course / "feedback" / student / name / f"{name}.html").read_text("utf-8")
        assert sentence.replace(">", "&gt;") in page, student


@pytest.mark.parametrize("name", HAND_IN)
def test_the_released_notebook_equals_that_of_learn(course, name):
    cells, _ = read_notebook(course / "release" / name / f"{name}.ipynb")
    ours = blank(source_cells(name))
    assert [cell["source"] for cell in cells] == [cell["source"] for cell in ours]


def test_check_reports_notebooks_that_would_get_zero_points(course, capsys):
    submitted = course / "submitted"
    notebooks = {
        student: str(submitted / student / "1_gram" / "1_gram.ipynb")
        for student in ("solved", "blank", "bare", "hangs", "crashes")
    }
    other = shutil.copy(notebooks["solved"], submitted / "1_gram (1).ipynb")
    command = ["classroom", "check", "--timeout", "20", *notebooks.values(), str(other)]
    assert main(command) == 1
    lines = capsys.readouterr().out.splitlines()
    for line, sentence in zip(
        lines,
        (
            "fine",
            "fine",
            "metadata is missing",
            "cell gram does not finish within 20 s",
            "cell gram ends the kernel",
            "must be named 1_gram.ipynb",
        ),
        strict=True,
    ):
        assert sentence in line
