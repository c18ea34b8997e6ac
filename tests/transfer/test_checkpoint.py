"""A job that is interrupted anywhere and resumed gives the result of an uninterrupted job."""

import copy
import gc
import signal
from dataclasses import replace

import numpy as np
import pytest
from threadpoolctl import threadpool_info

from nst_numpy import InputError, stylize
from nst_numpy.networks import random_network
from nst_numpy.paper import reconstruct_content, stylize_like
from nst_numpy.transfer import prepare_job
from nst_numpy.transfer.checkpoint import tile_rows_to_resume
from nst_numpy.transfer.memory_fit import fit_into_memory
from nst_numpy.utils.errors import Notice
from nst_numpy.utils.threads import number_of_threads

NETWORK = random_network((4, 4, 6, 6, 6))
LAYERS = {"content_layer": "conv3_1", "style_layers": ("conv1_1", "conv2_1", "conv3_1")}
QUICK = {"size": 40, "iterations": 3, "weights": NETWORK, "normalized": False, **LAYERS}
HALVES = np.repeat([0, 1], 20)[None, :].repeat(34, axis=0)  # left and right
JOBS = {
    "plain": (stylize, {}),
    "scales": (stylize, {"scales": 2, "style_size": 30}),
    "average": (stylize, {"average": 3, "scales": 2}),
    "luminance": (stylize, {"color": "luminance"}),
    "keep": (stylize, {"color": "keep", "init": "noise"}),
    "masks": (stylize, {"content_mask": HALVES, "style_mask": HALVES}),
    "sum": (stylize, {"style_loss": "wasserstein", "tv": 1.0, "padding": "reflect"}),
    "float64": (stylize, {"dtype": np.float64}),
    "adam": (stylize, {"optimizer": "adam", "average": 2}),
    "convention": (lambda p, a, **job: stylize_like("neural-style", p, a, **job), {}),
}


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 34, 40, 3))


def paint(pictures, settings, paint=stylize, **more):
    return paint(*pictures, **{**QUICK, **settings, **more})


def states_of(pictures, settings, *by):
    """The result and copies of all states, made when they were handed out."""
    states = []
    keep = {"checkpoint": lambda state: states.append(copy.deepcopy(state))}
    return paint(pictures, settings, *by, **keep), states


def same(first, second):
    """Whether two results agree to the bit, but for the time they took."""
    return (
        np.array_equal(first.picture, second.picture)
        and np.array_equal(first.losses, second.losses)
        and first.terms.keys() == second.terms.keys()
        and all(np.array_equal(first.terms[name], second.terms[name]) for name in first.terms)
        and first.reason == second.reason
        and len(first.earlier) == len(second.earlier)
        and all(map(same, first.earlier, second.earlier))
    )


@pytest.mark.parametrize("name", JOBS)
def test_resumed_from_every_state_is_uninterrupted(pictures, name):
    by, settings = JOBS[name]
    whole, states = states_of(pictures, settings, by)
    last = states[-1]["iteration"]
    seen = []
    for state in states:
        state["seconds"] += 1000
        resumed = paint(pictures, settings, by, state=state, callback=lambda i, *_: seen.append(i))
        assert same(resumed, whole)
        assert resumed.seconds > 1000
    assert last == sum(len(each.losses) - 1 for each in (*whole.earlier, whole))
    if "scales" not in settings:
        assert seen == [i for state in states for i in range(state["iteration"] + 1, last + 1)]


def test_a_reconstruction_is_resumed_too(pictures):
    states, seen, job = [], [], {"size": 40, "iterations": 3, "weights": NETWORK}
    whole = reconstruct_content(pictures[1], "conv2_1", **job, checkpoint=states.append)
    resume = {"state": states[1], "callback": lambda i, *_: seen.append(i)}
    assert same(reconstruct_content(pictures[1], "conv2_1", **job, **resume), whole)
    assert seen == [2, 3]


def test_more_iterations_are_those_of_the_longer_job(pictures):
    _, states = states_of(pictures, {"iterations": 2})
    longer = paint(pictures, {}, iterations=4)
    assert same(paint(pictures, {}, iterations=4, state=states[-1]), longer)


def test_a_state_contains_the_loss_and_the_best_picture_so_far(pictures):
    """The start is the best as long as Adam's first steps, far too large, lead uphill."""
    seen = {}

    def record(iteration, picture, loss, terms):
        seen[iteration] = picture.copy()

    _, states = states_of(pictures, {"optimizer": "adam", "iterations": 6})
    result = paint(pictures, {"optimizer": "adam", "iterations": 6}, callback=record)
    best = [int(np.argmin(result.losses[: i + 1])) for i in range(7)]
    assert best[1] == 0 < best[-1]
    style = result.terms["style conv1_1"]
    for i, state in enumerate(states):
        assert np.array_equal(state["losses"], result.losses[: i + 1])
        assert np.array_equal(state["terms"]["style conv1_1"], style[: i + 1])
        assert np.array_equal(state["picture"], np.rint(seen[best[i]]))
    later = []
    paint(
        pictures, {"optimizer": "adam", "iterations": 6}, state=states[1], checkpoint=later.append
    )
    assert np.array_equal([state["picture"] for state in later], [s["picture"] for s in states[2:]])


@pytest.mark.parametrize(
    ("begun", "gone_on", "sentence"),
    [
        ({}, {"optimizer": "momentum"}, "its optimizer is 'lbfgs', not 'momentum'"),
        ({}, {"average": 2}, "its average is 1, not 2"),
        ({}, {"size": 36}, r"its shape is \[34, 40, 3\], not \[31, 36, 3\]"),
        ({}, {"dtype": np.float64}, "its dtype is 'float32', not 'float64'"),
        ({}, {"scales": 2}, "its scales is 1, not 2"),
        ({"scales": 2}, {"scales": 1}, "its scales is 2, not 1"),
        ({"scales": 2}, {"iterations": 4}, r"its finished scales is \[\[20, 3\]\], not"),
        ({}, {"iterations": 2}, "already at iteration 3, but `iterations` is 2"),
        ({}, {"ratio": 1.0}, "its ratio is 0.003, not 1.0"),
        ({}, {"style_layers": ("conv1_1",)}, "its style_layers is"),
        ({}, {"pooling": "max"}, "its pooling is 'average', not 'max'"),
        ({"optimizer": "adam"}, {"iterations": 4}, "3 iterations cannot be resumed with 4"),
    ],
)
def test_a_state_of_another_job_is_refused(pictures, begun, gone_on, sentence):
    _, states = states_of(pictures, begun)
    with pytest.raises(InputError, match=sentence):
        paint(pictures, {**begun, **gone_on}, state=states[-1])


def test_scipy_resumes_from_the_same_picture_with_a_warning(pictures):
    job = {"optimizer": "lbfgsb"}
    whole, states = states_of(pictures, job)
    with pytest.warns(Notice, match="without the history"):
        resumed = paint(pictures, job, state=states[2])
    assert np.array_equal(resumed.losses[:3], whole.losses[:3])
    assert len(resumed.losses) == 4
    assert resumed.losses[3] < resumed.losses[2]


def test_a_resumed_job_keeps_its_tiles(pictures, monkeypatch):
    """Other tiles would change the last digits, because their sums are rounded differently."""
    monkeypatch.setattr(
        prepare_job, "fit_into_memory", lambda *job: replace(fit_into_memory(*job), tile_rows=16)
    )
    tiled, states = states_of(pictures, {})
    monkeypatch.undo()
    assert not np.array_equal(paint(pictures, {}).losses, tiled.losses)
    assert same(paint(pictures, {}, state=states[1]), tiled)


def test_with_less_memory_a_resumed_job_uses_smaller_tiles_with_a_warning():
    for rows, before in ((None, None), (None, 16), (32, 16), (16, 16)):
        assert tile_rows_to_resume(rows, {"tile_rows": before}) == before
    for rows, before in ((16, None), (16, 32)):
        with pytest.warns(Notice, match="Less memory"):
            assert tile_rows_to_resume(rows, {"tile_rows": before}) == rows


def process():
    """What a job changes for a while."""
    return np.geterr(), number_of_threads(), [each["num_threads"] for each in threadpool_info()]


def test_an_interrupt_in_the_callback_does_not_affect_the_next_job(pictures):
    def interrupt(iteration, *_):
        if iteration == 1:
            raise KeyboardInterrupt

    for optimizer in ("lbfgs", "lbfgsb"):
        job = {"optimizer": optimizer, "threads": 2}
        whole, before = paint(pictures, job), process()
        with pytest.raises(KeyboardInterrupt):
            paint(pictures, job, callback=interrupt)
        assert process() == before
        assert same(paint(pictures, job), whole)


def test_ctrl_c_at_any_moment_does_not_affect_the_next_job(pictures):
    """By a signal, that comes wherever the job happens to be.

    Python prints and ignores an exception in a callback of its garbage collector, such as that of
    hypothesis. So there are no such callbacks here.
    """

    def interrupt(*_):
        raise KeyboardInterrupt

    job = {"threads": 2, "iterations": 3}
    whole, before = paint(pictures, job), signal.signal(signal.SIGALRM, interrupt)
    callbacks, gc.callbacks[:] = gc.callbacks[:], []
    try:
        for k in range(1, 21):
            with pytest.raises(KeyboardInterrupt):
                signal.setitimer(signal.ITIMER_REAL, 0.001 * k)
                for _ in range(100):
                    paint(pictures, job)
            assert same(paint(pictures, job), whole)
    finally:
        gc.callbacks[:] = callbacks
        signal.signal(signal.SIGALRM, before)
