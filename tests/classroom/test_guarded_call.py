"""What a student's function meets under guard, and what the test then says."""

import numpy as np
import pytest

import nst_numpy
from nst_numpy.classroom import LawError, guarded, numeric_derivative, require, same
from nst_numpy.classroom.guarded_call import WITHHELD, withheld
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
        (forever, "did not come back within 0.1 s"),
        (overwrites, "changes its argument 1"),
        (stops, "stopped with IndexError in the line `return F[5]`"),
    ],
)
def test_what_goes_wrong_inside_is_told_in_a_sentence(function, sentence):
    with pytest.raises(LawError) as told:
        guarded("gram", function, seconds=0.1)(F.copy())
    assert sentence in str(told.value)


def test_what_did_not_come_back_is_not_waited_for_again():
    function = guarded("gram", lambda F: forever(F), seconds=0.05)
    for sentence in ("did not come back within", "did not come back before"):
        with pytest.raises(LawError, match=sentence):
            function(F)


def test_a_right_function_gives_back_what_it_gives():
    pair = guarded("content_loss", lambda F, P: (1.0, F - P), results=2)(F, 2 * F)
    assert pair[0] == 1.0
    assert same(pair[1], -F)
    with pytest.raises(LawError, match="should return 2 values; it returned 1"):
        guarded("content_loss", lambda F, P: 1.0, results=2)(F, F)


@pytest.mark.parametrize("name", WITHHELD)
def test_the_package_is_whole_again_afterwards(name):
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


def test_a_law_shows_its_input_and_what_was_got():
    with pytest.raises(LawError) as told:
        require(False, "G is symmetric.", got=F, F=2 * F, M=3)
    assert str(told.value).splitlines() == [
        "G is symmetric.",
        "  for F = [[2. 4.]",
        "           [6. 8.]]",
        "  for M = 3",
        "  got [[1. 2.]",
        "       [3. 4.]]",
    ]
    assert told.value._render_traceback_() == [f"Not yet: {told.value}"]
