"""A blended target: the mixture of the styles, and when it is the same as blended losses."""

import numpy as np
import pytest
from helpers.agreement import relative_error
from helpers.style_losses import statistics_and_loss

from nst_numpy import InputError
from nst_numpy.losses import STYLE_LOSSES, blend

QUADRATIC = ["gram", "mmd-linear", "mmd-polynomial"]


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_two_equal_styles_are_one(rng, name):
    statistics, loss = statistics_and_loss(name)
    F, a = rng.random((4, 9)), statistics(rng.random((4, 7)))
    L, dL_dF = loss(F, blend([a, a], [0.5, 0.5]))
    assert np.isclose(L, loss(F, a)[0], rtol=1e-10)
    assert relative_error(dL_dF, loss(F, a)[1]) < 1e-10


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_a_blend_is_the_statistic_of_all_points_together(rng, name):
    """Of styles of 6 and 3 positions at weights 2 and 1, that is of both side by side."""
    statistics, loss = statistics_and_loss(name)
    F, F_1, F_2 = rng.random((4, 9)), rng.random((4, 6)), rng.random((4, 3))
    both = loss(F, statistics(np.hstack([F_1, F_2])))
    blended = loss(F, blend([statistics(F_1), statistics(F_2)], [2, 1]))
    assert np.isclose(blended[0], both[0], rtol=1e-10)
    assert relative_error(blended[1], both[1]) < 1e-10


@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_quadratic_losses_blend_as_their_targets_do(rng, name):
    """Up to a constant: the same derivative, the same difference of values; the others do not."""
    statistics, loss = statistics_and_loss(name)
    styles = [statistics(rng.random((4, M))) for M in (5, 7)]
    w = [0.3, 0.7]
    values, derivatives = [], []
    for F in rng.random((2, 4, 9)):
        losses = [loss(F, a) for a in styles]
        one = loss(F, blend(styles, w))
        values.append(one[0] - sum(w_s * L for w_s, (L, _) in zip(w, losses, strict=True)))
        mixed = sum(w_s * d for w_s, (_, d) in zip(w, losses, strict=True))
        derivatives.append(relative_error(one[1], mixed))
    same = np.isclose(values[0], values[1], rtol=1e-8) and max(derivatives) < 1e-10
    assert same == (name in QUADRATIC)
    assert values[0] < 0  # the constant: what the styles differ by


@pytest.mark.parametrize(
    ("weights", "sentence"),
    [
        ([0, 0], "sum to zero"),
        ([1], "2 styles and 1 weights"),
        ([2, -1], "at least 0, got 2, -1"),
        ([np.nan, 1], "at least 0, got nan"),
    ],
)
def test_weights_that_do_not_fit_are_an_error(rng, weights, sentence):
    statistics, _ = statistics_and_loss("gram")
    with pytest.raises(InputError, match=sentence):
        blend([statistics(F) for F in rng.random((2, 4, 9))], weights)
