"""What the general sum takes is known before, and what does not fit is refused."""

import re
import tracemalloc

import numpy as np
import pytest

from nst_numpy import InputError, stylize
from nst_numpy.controls.room import sum_bytes
from nst_numpy.memory import MEGABYTE, SCRATCH
from nst_numpy.networks import random_network
from nst_numpy.start import MARGIN

NETWORK = random_network((4, 4, 4, 4, 4))
STYLE = tuple(f"conv{block}_1" for block in range(1, 6))
SETTINGS = {"weights": NETWORK, "normalized": False, "iterations": 13}
HALVES = np.repeat([0, 1], 150)[None, :].repeat(240, axis=0)
MASKS = {"content_mask": HALVES, "style_mask": HALVES}


@pytest.mark.parametrize(
    ("settings", "v", "regions"),
    [
        ({"style_loss": "wasserstein"}, ["conv4_2"], 0),
        ({"content_layer": ("conv1_2", "conv2_1")}, ["conv1_2", "conv2_1"], 0),
        (MASKS, ["conv4_2"], 2),
    ],
)
def test_a_job_takes_what_is_predicted(rng, settings, v, regions):
    p, a = rng.uniform(0, 255, (2, 240, 300, 3)).astype(np.float32)
    stylize(p, a, size=300, **{**SETTINGS, **settings, "iterations": 1})
    tracemalloc.start()
    stylize(p, a, size=300, **SETTINGS, **settings)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    shape = 240 + 2 * MARGIN, 300 + 2 * MARGIN
    predicted = sum_bytes(NETWORK, [shape, shape], v, STYLE, "lbfgs", regions) - SCRATCH
    assert 0.8 < predicted / peak < 1.3


def test_a_job_that_would_need_strips_is_refused_with_a_size_that_fits(rng):
    p = rng.uniform(0, 255, (24, 30, 3))
    budget = {"memory": (SCRATCH + 40 * MEGABYTE) / MEGABYTE, "style_loss": "covariance"}
    with pytest.raises(InputError, match="with style_loss a job is not cut into strips") as refused:
        stylize(p, p, size=900, **SETTINGS, **budget)
    fits = int(re.search(r"--size of (\d+) would fit", str(refused.value))[1])
    with pytest.raises(InputError, match="would fit"):
        stylize(p, p, size=fits + 1, **SETTINGS, **budget)
    stylize(p, p, size=fits, **{**SETTINGS, "iterations": 1}, **budget)
