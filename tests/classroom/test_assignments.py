"""Each assignment: answers pass, blank notebooks fail, wrong answers fail the listed tests."""

import pytest
from helpers.wrong_answers import points, replaced, wrong_answers

from nst_numpy.classroom.assignments import ASSIGNMENTS, blank, grade_id, source_cells
from nst_numpy.classroom.run_notebook import run_cells

TABLE = [
    pytest.param(name, *answer, id=f"{name}: {answer[0]}")
    for name in ASSIGNMENTS
    for answer in wrong_answers(name)
]


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_answers_pass_and_a_blank_notebook_fails_every_test(name):
    cells = source_cells(name)
    assert run_cells(cells) == dict.fromkeys(points(cells))
    failed = {test for test, why in run_cells(blank(cells)).items() if why}
    assert failed >= set(points(cells))


@pytest.mark.parametrize(("name", "title", "wrong", "code"), TABLE)
def test_a_wrong_answer_fails_the_listed_tests_with_the_listed_message(name, title, wrong, code):
    cells = source_cells(name)
    outcomes = run_cells(replaced(cells, {wrong["cell"]: code}))
    lost = {test: why for test, why in outcomes.items() if why}
    assert set(lost) == set(wrong["loses"])
    assert wrong["says"] in "\n".join(lost.values())


@pytest.mark.parametrize("name", ASSIGNMENTS)
def test_every_test_fails_for_one_of_at_least_eight_wrong_answers(name):
    answers = [wrong for _, wrong, _ in wrong_answers(name)]
    cells = source_cells(name)
    assert len(answers) >= 8
    assert {wrong["cell"] for wrong in answers} <= {grade_id(cell) for cell in cells}
    assert {test for wrong in answers for test in wrong["loses"]} == set(points(cells))
