"""What a job takes is known before, and a budget is kept."""

import tracemalloc

import numpy as np
import pytest

from nst_numpy import InputError, stylize, targets, total_loss
from nst_numpy.memory import MEGABYTE, SCRATCH, evaluation_bytes, job_bytes, rows_within
from nst_numpy.networks import random_network
from nst_numpy.optimize import OPTIMIZERS
from nst_numpy.start import MARGIN

W = {f"conv{block}_1": 0.2 for block in range(1, 6)}
TAPS = {*W, "conv4_2"}
NETWORK = random_network()


@pytest.mark.parametrize("shape", [(600, 500), (500, 644)])
@pytest.mark.parametrize("widths", [(16, 32, 64, 128, 128), (8, 8, 32, 64, 64)])
@pytest.mark.parametrize("padding", ["zero", "reflect"])
def test_an_evaluation_takes_what_is_predicted(rng, shape, widths, padding):
    """Against the peak of NumPy's own allocations."""
    network = random_network(widths)
    p, a, x = rng.uniform(0, 255, (3, *shape, 3)).astype(np.float32)
    goal = targets(p, a, network, ["conv4_2"], list(W), padding=padding)
    job = x, goal, network, 1e-3, 1.0, W, 0.0, "average", padding
    total_loss(*job)  # once before: the kernels get their room
    tracemalloc.start()
    total_loss(*job)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert 0.8 < evaluation_bytes(network, shape, TAPS, padding) / peak < 1.25


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_job_takes_what_is_predicted(rng, optimizer):
    """Against the peak of Python's own allocations, with few filters, so that vectors count."""
    network, shape = random_network((4, 4, 4, 4, 4)), (400, 500)
    p, a = rng.uniform(0, 255, (2, *shape, 3)).astype(np.float32)
    settings = {"size": 500, "weights": network, "optimizer": optimizer, "normalized": False}
    stylize(p, a, iterations=1, **settings)  # once before: the kernels get their room
    tracemalloc.start()
    stylize(p, a, iterations=13, **settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    shape = [side + 2 * MARGIN for side in shape]
    predicted = job_bytes(network, [shape, shape], "conv4_2", list(W), optimizer) - SCRATCH
    assert 0.8 < predicted / peak < 1.25


def job(height, width, network=NETWORK):
    return network, [(height, width), (300, 300)], "conv4_2", list(W), "lbfgs"


def test_a_budget_decides_on_strips():
    whole = job_bytes(*job(700, 500))
    assert rows_within(*job(700, 500), whole) is None
    rows = rows_within(*job(700, 500), 0.95 * whole)
    assert job_bytes(*job(700, 500), rows) <= 0.95 * whole
    assert job_bytes(*job(700, 500), rows + 16) > 0.95 * whole


def test_a_large_style_counts():
    small, large = ([(300, 60), (side, side)] for side in (300, 900))
    assert _bytes(large) > _bytes(small)


def _bytes(shapes):
    return job_bytes(NETWORK, shapes, "conv4_2", list(W), "lbfgs")


def test_a_job_that_does_not_fit_names_a_size_that_would():
    with pytest.raises(InputError, match=r"needs \d+ MB even strip by strip.*--size of") as e:
        rows_within(*job(1500 + 32, 2000 + 32), 500 * MEGABYTE)
    side = int(str(e.value).split("--size of ")[1].split()[0])
    border = 2 * MARGIN
    rows_within(*job(-(-side * 3 // 4) + border, side + border), 500 * MEGABYTE)
    with pytest.raises(InputError):
        rows_within(*job(side * 15 // 16, side * 5 // 4), 500 * MEGABYTE)
    with pytest.raises(InputError, match="no size fits"):
        rows_within(*job(3000, 4000), 20 * MEGABYTE)


def test_a_job_by_strips_gives_the_same_picture(rng):
    """Also with a style of another size."""
    network = random_network((4, 4, 6, 6, 6)).astype(np.float64)
    p, a = rng.uniform(0, 255, (420, 24, 3)), rng.uniform(0, 255, (420, 30, 3))
    settings = {"size": 420, "iterations": 3, "weights": network, "dtype": np.float64}
    whole = stylize(p, a, **settings)
    shapes = [(420 + 32, 24 + 32), (420 + 32, 30 + 32)]
    budget = job_bytes(network, shapes, "conv4_2", list(W), "lbfgs", rows=64)
    assert rows_within(network, shapes, "conv4_2", list(W), "lbfgs", budget) == 64
    strips = stylize(p, a, memory=budget / MEGABYTE, **settings)
    assert np.allclose(strips.losses, whole.losses, rtol=1e-9)
    assert np.abs(strips.picture.astype(int) - whole.picture).max() <= 1
