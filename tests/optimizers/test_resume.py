"""Interrupted anywhere and gone on = never stopped, to the bit, for every optimizer."""

import copy

import numpy as np
import pytest

from nst_numpy import InputError
from nst_numpy.optimizers import OPTIMIZERS, averaged

BOX = (0, 255)
OWN = [name for name in OPTIMIZERS if name != "lbfgsb"]  # SciPy cannot be handed its history


def valleys(x):
    """Bent valleys side by side, some minima outside of the box, in the type of x."""
    a, b = x[::2] / 100, x[1::2] / 100
    f = np.sum((1 - a) ** 2 + 10 * (b - a * a) ** 2 + 0.1 * b)
    df_da = -2 * (1 - a) - 40 * a * (b - a * a)
    g = np.stack([df_da, 20 * (b - a * a) + x.dtype.type(0.1)], axis=1).ravel() / 100
    return float(f), g


def path(minimize, iterations, x0, stop=None, state=None):
    """(x, reason) of a run, all points seen, and copies of all states."""
    points, states = [], []

    def record(k, x, f):
        points.append((k, f, x.copy()))

    def keep(state):
        states.append(copy.deepcopy(state))
        if len(states) - 1 == stop:
            raise KeyboardInterrupt

    try:
        end = minimize(valleys, x0, BOX, record, iterations, checkpoint=keep, state=state)
    except KeyboardInterrupt:
        end = None
    return end, points, states


def same(first, second):
    """Whether two runs, or parts of them, agree to the bit."""
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    return first == second


@pytest.mark.parametrize("span", [1, 4])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OWN)
def test_interrupted_at_every_iteration_and_resumed_is_uninterrupted(rng, name, dtype, span):
    minimize = OPTIMIZERS[name] if span == 1 else averaged(OPTIMIZERS[name], span)
    x0 = rng.uniform(0, 255, 40).astype(dtype)
    end, points, states = path(minimize, 14, x0)
    assert len(points) == len(states) == 15
    for stop in range(15):
        _, before, kept = path(minimize, 14, x0, stop)
        resumed, after, later = path(minimize, 14, None, state=kept[-1])
        assert same(resumed, end)
        assert same(before + after, points)
        assert same(kept + later, states)


@pytest.mark.parametrize("name", OWN)
def test_a_run_that_could_not_go_on_cannot_when_it_is_resumed(name):
    """It stops at the minimum, where float32 knows no lower loss."""
    (x, reason), _, states = path(OPTIMIZERS[name], 2000, np.full(2, 90, np.float32))
    (x_again, reason_again), seen, _ = path(OPTIMIZERS[name], 2000, None, state=states[-1])
    assert len(states) < 2000 or name == "adam"
    assert same((x_again, reason_again, seen), (x, reason, []))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_state_is_made_of_plain_values_that_are_not_overwritten(rng, name):
    """What was handed out is at the end what it was."""
    kept, copies = [], []

    def keep(state):
        kept.append(state)
        copies.append(copy.deepcopy(state))

    x0 = rng.uniform(0, 255, 40)
    OPTIMIZERS[name](valleys, x0, BOX, lambda *_: None, 12, checkpoint=keep)
    assert same(kept, copies)
    assert all(plain(state) for state in kept)


def plain(value):
    if isinstance(value, dict):
        return all(type(k) is str and plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(plain(v) for v in value)
    return value is None or type(value) in (bool, int, float, str, np.ndarray)


@pytest.mark.parametrize("name", [name for name in OWN if name != "adam"])
def test_more_iterations_than_at_first_are_those_of_the_longer_run(rng, name):
    x0 = rng.uniform(0, 255, 40)
    _, _, states = path(OPTIMIZERS[name], 5, x0)
    resumed, _, _ = path(OPTIMIZERS[name], 9, None, state=states[-1])
    assert same(resumed, path(OPTIMIZERS[name], 9, x0)[0])


def test_adam_goes_on_with_its_own_number_of_iterations_only(rng):
    _, _, states = path(OPTIMIZERS["adam"], 5, rng.uniform(0, 255, 40))
    with pytest.raises(InputError, match="begun with 5 cannot go on with 9"):
        path(OPTIMIZERS["adam"], 9, None, state=states[2])


def test_the_adapter_to_scipy_goes_on_from_the_same_point_and_says_so(rng):
    minimize, x0 = OPTIMIZERS["lbfgsb"], rng.uniform(0, 255, 40)
    _, before, states = path(minimize, 20, x0, stop=8)
    with pytest.warns(UserWarning, match="fresh one"):
        (x, reason), after, _ = path(minimize, 20, None, state=states[-1])
    assert [k for k, _, _ in before + after] == list(range(21))
    assert reason == "All 20 iterations done."
    assert valleys(x)[0] < before[-1][1]
    (x, reason), after, _ = path(minimize, 8, None, state=states[-1])  # nothing is left to do
    assert same((x, reason, after), (before[-1][2], "All 8 iterations done.", []))
