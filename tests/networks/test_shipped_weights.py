"""The network that ships with the package: location, size, normalization."""

import subprocess
import sys
from pathlib import Path

import numpy as np

from nst_numpy import vgg
from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.networks import load_network
from nst_numpy.networks.shipped_weights import shipped_weights_path

REPOSITORY = Path(__file__).resolve().parents[2]


def test_tiny_is_found_in_a_checkout():
    """Without installing the package."""
    program = (
        "import sys; sys.meta_path = [f for f in sys.meta_path if 'ditable' not in str(f)];"
        "import importlib.util as u; print(u.find_spec('nst_numpy.weights'));"
        "from nst_numpy.networks import load_network; print(load_network('tiny').layers[-1])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, capture_output=True, text=True
    )
    assert done.stdout.split() == ["None", "conv5_1"], done.stderr


def test_tiny_is_small_and_thin():
    network = load_network("tiny")
    assert shipped_weights_path("tiny.h5").stat().st_size <= 4_000_000
    assert [network.weights[f"conv{i}_1"][1].size for i in range(1, 6)] == [24, 48, 96, 192, 384]


def test_weights_of_tiny_are_contiguous():
    """Whatever axes were transposed while reading them."""
    for K, b in load_network("tiny").weights.values():
        assert K.flags.c_contiguous and b.flags.c_contiguous


def test_tiny_is_normalized():
    """Mean activations are one over the training pictures, and close to one over others."""
    network = load_network("tiny")
    assert network.normalized
    pictures = [sample_picture(name, 128) for name in (*CONTENTS, *STYLES)]
    runs = [vgg.forward(network, p, network.weights)[0] for p in pictures]
    for l in network.weights:
        F = np.concatenate([F[l] for F in runs], axis=1)
        assert 0.5 < np.median(F.mean(axis=1)) < 2, l
