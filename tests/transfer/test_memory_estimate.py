"""What a job needs is known before."""

import tracemalloc

import numpy as np
import pytest

from nst_numpy import stylize, targets, total_loss, vgg
from nst_numpy.networks import random_network
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.paper import reconstruct, stylize_like
from nst_numpy.paper.tap_position import signed
from nst_numpy.transfer.build_loss_terms import content_terms, style_terms
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import sum_of_terms
from nst_numpy.transfer.masks import Regions
from nst_numpy.transfer.memory_estimate import (
    Load,
    code_bytes,
    evaluation_bytes,
    job_bytes,
    tiled_bytes,
)
from nst_numpy.transfer.recipe import STYLE_LAYERS
from nst_numpy.transfer.weighted_terms import Objective

W = {f"conv{block}_1": 0.2 for block in range(1, 6)}
TAPS = {*W, "conv4_2"}
NETWORK = random_network((4, 4, 4, 4, 4))
HALVES = np.repeat([0, 1], 100)[None, :].repeat(160, axis=0)
MASKS = {"content_mask": HALVES, "style_mask": HALVES}
PAPER = {"style_layers": list(W), "padding": "zero"}
SETTINGS = {"size": 200, "weights": NETWORK, "normalized": False}


@pytest.mark.parametrize("shape", [(600, 500), (500, 644)])
@pytest.mark.parametrize("widths", [(16, 32, 64, 128, 128), (8, 8, 32, 64, 64)])
@pytest.mark.parametrize("padding", ["zero", "reflect"])
def test_an_evaluation_takes_what_is_predicted(rng, shape, widths, padding):
    """Against the peak of NumPy's own allocations."""
    network = random_network(widths)
    p, a, x = rng.uniform(0, 255, (3, *shape, 3)).astype(np.float32)
    goal = targets(p, a, network, ["conv4_2"], list(W), padding=padding)
    job = x, goal, network, 1e-3, 1.0, W
    total_loss(*job)  # once before: the kernels get their room
    peak = peak_of(lambda: total_loss(*job))
    load = Load(network, ["conv4_2"], W, "lbfgs", padding)
    assert 0.8 < evaluation_bytes(load, shape) / peak < 1.25


@pytest.mark.parametrize("rows", [None, 64])
@pytest.mark.parametrize(
    ("style_loss", "content_layers", "regions", "padding"),
    [
        ("gram", ["conv4_2"], 0, "zero"),
        ("mmd-linear", ["conv4_2"], 0, "reflect"),
        ("wasserstein", ["conv1_2", "conv2_1"], 0, "zero"),
        ("gram", ["conv1_2", "conv2_1"], 2, "zero"),
        ("covariance", ["conv4_2"], 2, "zero"),
        ("covariance", ["conv4_2"], 2, "replicate"),
    ],
)
def test_every_sum_takes_what_is_predicted(rng, style_loss, content_layers, regions, padding, rows):
    """The general sum of terms, with masks, whole and in tiles."""
    network, shape = random_network((16, 32, 64, 64, 64)), (500, 300)
    p, a, x = rng.uniform(0, 255, (3, *shape, 3)).astype(np.float32)
    M = vgg.positions(network, shape, W)
    T = {l: rng.random((2, M[l]), np.float32) for l in W}
    encoder = Encoder(network, padding=padding, tile_rows=rows)
    terms = (
        *content_terms(p, encoder, dict.fromkeys(content_layers, 0.5), 1e-3, "squared"),
        *style_terms([a], encoder, style_loss, [1.0], W, Regions(2, T, [T]) if regions else None),
    )
    objective = Objective(encoder, terms)
    sum_of_terms(objective, x)  # once before: the kernels get their room
    peak = peak_of(lambda: sum_of_terms(objective, x))
    load = Load(network, content_layers, W, "lbfgs", padding, regions=regions)
    assert 0.85 < tiled_bytes(load, shape, rows) / peak < 1.3


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_a_job_takes_what_is_predicted(rng, optimizer):
    """With few filters, so that vectors count: without one of them it would be below 0.92."""
    p, a = rng.uniform(0, 255, (2, 160, 200, 3)).astype(np.float32)
    load = Load(NETWORK, ["conv4_2"], W, optimizer)
    job = {**SETTINGS, "optimizer": optimizer} | PAPER
    assert_predicted(load, [(160, 200)] * 2, lambda n: stylize(p, a, iterations=n, **job), 0.92)


@pytest.mark.parametrize(
    ("settings", "load"),
    [
        ({"style_layers": STYLE_LAYERS}, {"w": STYLE_LAYERS}),
        ({"padding": "reflect"}, {"padding": "reflect", "margin": 0}),
        ({"style_loss": "wasserstein"}, {}),
        ({"style_loss": "mmd-gaussian"}, {}),
        ({"content_layer": ("conv1_2", "conv2_1")}, {"v": ["conv1_2", "conv2_1"]}),
        (MASKS, {"regions": 2}),
        ({"color": "luminance", "average": 5}, {"vectors": 2}),
    ],
)
def test_so_does_one_with_controls(rng, settings, load):
    p, a = rng.uniform(0, 255, (2, 160, 200, 3)).astype(np.float32)
    settings = SETTINGS | PAPER | settings
    load = Load(NETWORK, **{"v": ["conv4_2"], "w": list(W), "optimizer": "lbfgs"} | load)
    assert_predicted(load, [(160, 200)] * 2, lambda n: stylize(p, a, iterations=n, **settings))


@pytest.mark.parametrize("layers", [(["conv1_1"], []), ([], ["conv1_1", "conv2_1"])])
def test_so_does_a_reconstruction(rng, layers):
    p = rng.uniform(0, 255, (160, 200, 3)).astype(np.float32)
    load = Load(NETWORK, *layers, "lbfgs")
    assert_predicted(
        load, [(160, 200)], lambda n: reconstruct(p, *layers, iterations=n, seed=1, **SETTINGS)
    )


def test_so_does_a_convention_that_looks_before_the_relu(rng):
    p, a = rng.uniform(0, 255, (2, 160, 200, 3)).astype(np.float32)
    w = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"]
    load = Load(signed(NETWORK, w), ["conv2_2"], w, "lbfgs", margin=0)
    assert_predicted(
        load, [(160, 200)] * 2, lambda n: stylize_like("pytorch", p, a, iterations=n, **SETTINGS)
    )


def test_a_large_style_counts():
    load = Load(NETWORK, ["conv4_2"], W, "lbfgs")
    small, large = (job_bytes(load, [(300, 60), (side, side)]) for side in (300, 900))
    assert large > small


def assert_predicted(load, shapes, job, least=0.85):
    """Against the peak of Python's own allocations, of a job that runs for n iterations."""
    job(1)  # once before: the kernels get their room
    peak = peak_of(lambda: job(13))
    assert least < (job_bytes(load, shapes) - code_bytes(load)) / peak < 1.3


def peak_of(work):
    """Bytes."""
    tracemalloc.start()
    work()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak
