"""The predicted size, memory and time of jobs."""

import numpy as np
import pytest

from nst_numpy import write_picture
from nst_numpy.cli import main
from nst_numpy.networks import random_network
from nst_numpy.paper import plan_like
from nst_numpy.transfer.plan import plan
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS


@pytest.fixture
def content(tmp_path, rng):
    write_picture(tmp_path / "p.png", rng.uniform(0, 255, (30, 40, 3)))
    return tmp_path / "p.png"


def test_memory_and_time_grow_with_the_pixels(content):
    small, large = (plan(content, content, size=size, weights="random") for size in (400, 800))
    assert (small.width, small.height) == (400, 300)
    assert (large.width, large.height) == (800, 600)
    assert small.tile_rows is None
    assert 2 < large.memory / small.memory < 4
    assert large.seconds_per_iteration > small.seconds_per_iteration > 0


def test_a_small_budget_is_met_by_tiles(content):
    network = random_network((48, 8, 8, 8, 8))
    free = plan(content, content, size=800, weights=network)
    tight = plan(content, content, size=800, weights=network, memory=0.9 * free.memory)
    assert free.tile_rows is None
    assert tight.tile_rows is not None
    assert tight.memory <= 0.9 * free.memory


def test_the_time_of_each_scale_is_proportional_to_its_pixels(content):
    job = plan(content, content, size=96, iterations=10, scales=((48, 20),), weights="random")
    assert job.seconds == pytest.approx(job.seconds_per_iteration * (10 + 20 / 4))


def test_several_styles_and_conventions_need_more_memory(content):
    settings = {"size": 96, "weights": "random", "iterations": 2}
    paper = settings | {"style_layers": PAPER_STYLE_LAYERS}
    plain = plan(content, content, **paper)
    more = plan(content, [content, content], style_scale=1.5, **paper)
    like = plan_like("pytorch", content, content, **settings)
    assert min(more.memory, like.memory) > plain.memory


def test_the_command_prints_size_memory_and_time(content, capsys):
    assert main(["plan", str(content), "--size", "100", "--iterations", "60"]) == 0
    printed = capsys.readouterr().out
    assert "100 x 75 pixels" in printed
    assert "MB above the start" in printed
    assert "s per iteration" in printed
    assert main(["plan", str(content), "--size", "4000", "--memory", "300"]) == 2
    assert "--size of " in capsys.readouterr().err
    assert np.isfinite(float(printed.split("time")[1].split()[0]))
