"""A resumed run equals an uninterrupted run to the last bit, for every optimizer."""

import copy

import numpy as np
import pytest

from nst_numpy import InputError
from nst_numpy.optimizers import OPTIMIZERS

BOX = (0, 255)
OWN = [name for name in OPTIMIZERS if name != "lbfgsb"]  # SciPy does not accept a history


def valleys(x):
    """The sum of many curved valleys, some with a minimum outside of the box, in x's dtype."""
    a, b = x[::2] / 100, x[1::2] / 100
    f = np.sum((1 - a) ** 2 + 10 * (b - a * a) ** 2 + 0.1 * b)
    df_da = -2 * (1 - a) - 40 * a * (b - a * a)
    g = np.stack([df_da, 20 * (b - a * a) + x.dtype.type(0.1)], axis=1).ravel() / 100
    return float(f), g


def path(name, iterations, x0, stop=None):
    """(x, reason) of a run from a start or a state, all points, and copies of all states."""
    points, states = [], []

    def record(k, x, f):
        points.append((k, f, x.copy()))

    def keep(state):
        states.append(copy.deepcopy(state))
        if len(states) - 1 == stop:
            raise KeyboardInterrupt

    try:
        minimize = OPTIMIZERS[name].minimize
        end = minimize(valleys, x0, BOX, record, iterations, checkpoint=keep)
    except KeyboardInterrupt:
        end = None
    return end, points, states


def same(first, second):
    """Whether two runs, or parts of them, agree to the last bit."""
    if isinstance(first, np.ndarray):
        return first.dtype == second.dtype and np.array_equal(first, second)
    if isinstance(first, list | tuple):
        return len(first) == len(second) and all(map(same, first, second))
    if isinstance(first, dict):
        return first.keys() == second.keys() and all(same(first[k], second[k]) for k in first)
    return first == second


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OWN)
def test_interrupted_at_every_iteration_and_resumed_equals_uninterrupted(rng, name, dtype):
    x0 = rng.uniform(0, 255, 40).astype(dtype)
    end, points, states = path(name, 14, x0)
    assert len(points) == len(states) == 15
    for stop in range(15):
        _, before, kept = path(name, 14, x0, stop)
        resumed, after, later = path(name, 14, kept[-1])
        assert same(resumed, end)
        assert same(before + after, points)
        assert same(kept + later, states)


@pytest.mark.parametrize("name", OWN)
def test_a_run_that_stopped_early_stops_again_when_resumed(name):
    """It stops at the minimum, where float32 has no lower loss."""
    (x, reason), _, states = path(name, 2000, np.full(2, 90, np.float32))
    (x_again, reason_again), seen, _ = path(name, 2000, states[-1])
    assert len(states) < 2000 or name == "adam"
    assert same((x_again, reason_again, seen), (x, reason, []))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_states_are_plain_values_and_never_modified(rng, name):
    kept, copies = [], []

    def keep(state):
        kept.append(state)
        copies.append(copy.deepcopy(state))

    x0 = rng.uniform(0, 255, 40)
    OPTIMIZERS[name].minimize(valleys, x0, BOX, lambda *_: None, 12, checkpoint=keep)
    assert same(kept, copies)
    assert all(plain(state) for state in kept)


def plain(value):
    if isinstance(value, dict):
        return all(type(k) is str and plain(v) for k, v in value.items())
    if isinstance(value, list | tuple):
        return all(plain(v) for v in value)
    return value is None or type(value) in (bool, int, float, str, np.ndarray)


@pytest.mark.parametrize("name", [name for name in OWN if name != "adam"])
def test_a_run_resumed_with_more_iterations_equals_a_longer_run(rng, name):
    x0 = rng.uniform(0, 255, 40)
    _, _, states = path(name, 5, x0)
    resumed, _, _ = path(name, 9, states[-1])
    assert same(resumed, path(name, 9, x0)[0])


def test_adam_cannot_be_resumed_with_another_number_of_iterations(rng):
    _, _, states = path("adam", 5, rng.uniform(0, 255, 40))
    with pytest.raises(InputError, match="started with 5 iterations cannot be resumed with 9"):
        path("adam", 9, states[2])


def test_scipy_lbfgsb_resumes_from_the_same_point_and_warns(rng):
    x0 = rng.uniform(0, 255, 40)
    _, before, states = path("lbfgsb", 20, x0, stop=8)
    with pytest.warns(UserWarning, match="without the history"):
        (x, reason), after, _ = path("lbfgsb", 20, states[-1])
    assert [k for k, _, _ in before + after] == list(range(21))
    assert reason == "Stopped after 20 iterations (the limit)."
    assert valleys(x)[0] < before[-1][1]
    (x, reason), after, _ = path("lbfgsb", 8, states[-1])  # all done
    assert same((x, reason, after), (before[-1][2], "Stopped after 8 iterations (the limit).", []))
