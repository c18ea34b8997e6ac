"""Guarded calls of a student's function, and the messages of failed tests."""

import numpy as np
import pytest

import nst_numpy
from nst_numpy.classroom import FailedTestError, guarded, numeric_derivative, require, same
from nst_numpy.classroom.blocked_functions import WITHHELD
from nst_numpy.classroom.guarded_call import withheld
from nst_numpy.losses.gram import gram

F = np.array([[1.0, 2.0], [3.0, 4.0]])


def forever(F):
    while True:
        try:
            F = F + 0
        except Exception:
            continue


def overwrites(F):
    F *= 2
    return F


def stops(F):
    return F[5]


@pytest.mark.parametrize(
    ("function", "sentence"),
    [
        (nst_numpy.gram, "gram calls the package's own gram, which is withheld"),
        (lambda F: nst_numpy.losses.gram.gram(F), "which is withheld"),
        (lambda F: nst_numpy.kernels.gram(F.astype(np.float32)), "which is withheld"),
        (forever, "did not return within 0.1 s"),
        (overwrites, "changes its argument 1"),
        (stops, "stopped with IndexError in the line `return F[5]`"),
    ],
)
def test_each_failure_of_a_function_is_reported_in_a_sentence(function, sentence):
    with pytest.raises(FailedTestError) as failure:
        guarded("gram", function, seconds=0.1)(F.copy())
    assert sentence in str(failure.value)


def test_a_function_that_exceeded_the_limit_is_not_called_again():
    function = guarded("gram", lambda F: forever(F), seconds=0.05)
    for sentence in ("did not return within", "exceeded the time limit earlier"):
        with pytest.raises(FailedTestError, match=sentence):
            function(F)


def test_a_guarded_call_returns_the_result_of_the_function():
    pair = guarded("content_loss", lambda F, P: (1.0, F - P), results=2)(F, 2 * F)
    assert pair[0] == 1.0
    assert same(pair[1], -F)
    with pytest.raises(FailedTestError, match="should return 2 values; it returned 1"):
        guarded("content_loss", lambda F, P: 1.0, results=2)(F, F)


@pytest.mark.parametrize("name", WITHHELD)
def test_withheld_functions_are_restored_after_an_error(name):
    before = gram.__code__
    with pytest.raises(ZeroDivisionError), withheld(WITHHELD[name]):
        1 / 0  # noqa: B018
    assert gram.__code__ is before
    assert same(gram(F), F @ F.T)


def test_same_compares_shapes_and_relative_sizes():
    assert same([[1.0]], np.array([[1.0 + 1e-10]]))
    assert not same([1.0], [[1.0]])
    assert not same(1.0, 1.001)
    assert same(1e8, 1e8 + 0.1)
    assert not same(None, 1.0)
    assert not same(np.nan, 1.0)


def test_numeric_derivative_of_a_cubic(rng):
    x = rng.normal(size=(2, 3))
    assert same(numeric_derivative(lambda x: np.sum(x**3), x), 3 * x**2, 1e-8)


def test_a_failed_test_shows_the_input_and_the_result():
    with pytest.raises(FailedTestError) as failure:
        require(False, "G is symmetric.", got=F, F=2 * F, M=3)
    assert str(failure.value).splitlines() == [
        "G is symmetric.",
        "  for F = [[2. 4.]",
        "           [6. 8.]]",
        "  for M = 3",
        "  got [[1. 2.]",
        "       [3. 4.]]",
    ]
    assert failure.value._render_traceback_() == [f"Not yet: {failure.value}"]
