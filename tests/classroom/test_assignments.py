"""Each assignment: its answers pass, a blank one fails, wrong ones lose what the table says."""

import pytest
from helpers.wrong_answers import points, replaced, wrong_answers

from nst_numpy.classroom.assignments import ASSIGNMENTS, blank, grade_id, source_cells
from nst_numpy.classroom.run_notebook import run

TABLE = [
    pytest.param(name, *answer, id=f"{name}: {answer[0]}")
    for name in ASSIGNMENTS
    for answer in wrong_answers(name)
]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_the_answers_pass_and_a_blank_one_fails_everywhere(name):
    cells = source_cells(name)
    assert run(cells) == dict.fromkeys(points(cells))
    failed = {test for test, why in run(blank(cells)).items() if why}
    assert failed >= set(points(cells))


@pytest.mark.parametrize(("name", "title", "wrong", "code"), TABLE)
def test_a_wrong_answer_loses_its_tests_and_is_told_why(name, title, wrong, code):
    cells = source_cells(name)
    outcomes = run(replaced(cells, {wrong["cell"]: code}))
    lost = {test: why for test, why in outcomes.items() if why}
    assert set(lost) == set(wrong["loses"])
    assert wrong["says"] in "\n".join(lost.values())


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_there_are_eight_wrong_answers_and_every_test_catches_one(name):
    answers = [wrong for _, wrong, _ in wrong_answers(name)]
    cells = source_cells(name)
    assert len(answers) >= 8
    assert {wrong["cell"] for wrong in answers} <= {grade_id(cell) for cell in cells}
    assert {test for wrong in answers for test in wrong["loses"]} == set(points(cells))
