"""Coarse to fine equals one job after another, each starting from the previous picture."""

import numpy as np
import pytest

from nst_numpy import InputError, stylize
from nst_numpy.networks import random_network
from nst_numpy.transfer.multiscale import Scale, scales_of
from nst_numpy.transfer.settings import StylizeSettings

LAYERS = {"content_layer": "conv2_2", "style_layers": ("conv1_1", "conv2_1")}
SETTINGS = {"weights": random_network((4, 4, 6, 6, 6)), **LAYERS}


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 24, 32, 3))


def test_each_scale_has_half_the_size_of_the_next():
    def scales(scales):
        return scales_of(StylizeSettings("p", "a", size=100, iterations=7, scales=scales))

    assert scales(3) == [Scale(25, 7), Scale(50, 7), Scale(100, 7)]
    assert scales(1) == [Scale(100, 7)]
    assert scales([(20, 9), (90, 4)]) == [Scale(20, 9), Scale(90, 4), Scale(100, 7)]


def test_each_scale_starts_from_the_picture_of_the_previous_scale(pictures):
    result = stylize(*pictures, size=32, iterations=3, scales=[(12, 5), (20, 4)], **SETTINGS)
    coarse = stylize(*pictures, size=12, iterations=5, **SETTINGS)
    middle = stylize(*pictures, size=20, iterations=4, init=coarse.picture, **SETTINGS)
    fine = stylize(*pictures, size=32, iterations=3, init=middle.picture, **SETTINGS)
    assert np.array_equal(result.picture, fine.picture)
    assert np.array_equal(result.losses, fine.losses)
    assert [len(scale.losses) for scale in result.earlier] == [6, 5]
    assert np.array_equal(result.earlier[1].picture, middle.picture)
    assert result.seconds > sum(scale.seconds for scale in result.earlier)


def test_the_callback_counts_the_iterations_of_all_scales(pictures):
    seen = []

    def record(iteration, picture, loss, terms):
        seen.append((iteration, picture.shape))

    stylize(*pictures, size=32, iterations=2, scales=2, callback=record, **SETTINGS)
    small, large = (12, 16, 3), (24, 32, 3)
    assert seen == [(i, small) for i in (0, 1, 2)] + [(i, large) for i in (2, 3, 4)]


def test_a_style_size_in_pixels_shrinks_with_the_scale(pictures):
    by_pixels, by_share = (
        stylize(*pictures, size=32, iterations=2, scales=2, **SETTINGS, **style)
        for style in ({"style_size": 16}, {"style_scale": 0.5})
    )
    assert np.array_equal(by_pixels.picture, by_share.picture)


@pytest.mark.parametrize(
    ("scales", "message"),
    [
        (0, "`scales` must be a whole number of at least 1"),
        (2.5, "`scales` must be a whole number"),
        ("3", "`scales` must be a whole number"),
        ([], "`scales` must be a whole number"),
        ([(16, 0)], "pairs of a size and its iterations"),
        ([(16,)], "pairs of a size and its iterations"),
        ([(20, 1), (16, 1)], r"must increase up to 32, got \[20, 16\]"),
        ([(32, 1)], "must increase up to 32"),
        (5, "coarsest of 5 scales has 2 pixels, but the selected layers need at least 3 pixels"),
        (200, "coarsest of 200 scales has 0 pixels"),
    ],
)
def test_invalid_scales_are_refused(pictures, scales, message):
    with pytest.raises(InputError, match=message):
        stylize(*pictures, size=32, iterations=1, scales=scales, **SETTINGS)
