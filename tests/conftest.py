"""Fixtures of several tests: a small network, a folder with pictures, the real files."""

import os
from pathlib import Path

import numpy as np
import pytest

from nst_numpy import write_picture
from nst_numpy.networks import random_network

# JAX reads these when the first test imports it.
os.environ["JAX_ENABLE_X64"] = "1"
# XLA compiles the objective in 15 s with its optimizations, in 0.7 s without.
os.environ["XLA_FLAGS"] = "--xla_backend_optimization_level=0"

SHARED = Path(__file__).resolve().parents[2] / "shared"
REAL = {
    "network": SHARED / "weights" / "vgg19_16x.h5",
    "content": SHARED / "images" / "tuebingen_neckarfront.jpg",
    "style": SHARED / "images" / "starry_night.jpg",
}


def pytest_collection_modifyitems(items):
    """Skip tests that need the real files where they are missing."""
    for item in items:
        if item.get_closest_marker("real_files") and not all(p.exists() for p in REAL.values()):
            item.add_marker(pytest.mark.skip(reason="the real network and pictures are missing"))


@pytest.fixture
def real():
    return REAL


@pytest.fixture
def rng():
    return np.random.default_rng(0)


@pytest.fixture(scope="session")
def small_network():
    """VGG-19 in full depth with few filters, float64."""
    return random_network(widths=(4, 5, 6, 7, 3)).astype(np.float64)


@pytest.fixture
def folder(tmp_path, rng, monkeypatch):
    """A new working folder with three pictures of 32 x 24 pixels."""
    monkeypatch.chdir(tmp_path)
    for name in ("p.png", "a.png", "b.png"):
        write_picture(name, rng.uniform(0, 255, (24, 32, 3)))
    return tmp_path
