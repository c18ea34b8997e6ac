"""Style losses where variance, rank or scale of the features are extreme."""

import numpy as np
import pytest
from helpers.style_losses import style_loss_between

from nst_numpy import gradcheck, stylize
from nst_numpy.losses import STYLE_LOSSES
from nst_numpy.losses.mmd import points, squared_width

TOLERANCE = 1e-4  # float32 against float64, relative to the derivative or to L / |F|


def degenerate_pairs():
    """Pairs of feature maps (F of the image, F_a of the style) by name: (N, M) and (N, M_a)."""
    rng = np.random.default_rng(0)
    F, F_a = rng.random((6, 40)), rng.random((6, 30))
    levels = np.linspace(0.5, 2, 6)[:, None]
    wide, wide_a = rng.random((24, 5)), rng.random((24, 7))
    return {
        "style of one value": (F, np.tile(levels, 30)),
        "two constants": (np.tile(levels, 40), np.full((6, 30), 0.7)),
        "black style": (F, np.zeros((6, 30))),
        "rank one": (F, levels * rng.random(30)),
        "image of rank one": (levels * rng.random(40), F_a),
        "a filter that is never active": (F * (levels > 0.6), F_a * (levels > 0.6)),
        "fewer positions than filters": (wide, wide_a),
        "one position": (wide[:, :1], wide_a[:, :1]),
        "large": (1e4 * F, 1e4 * F_a),
        "small": (1e-2 * F, 1e-2 * F_a),
    }


PAIRS = degenerate_pairs()


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_derivatives_of_degenerate_styles_pass_gradcheck(name, pair):
    F, F_a = PAIRS[pair]
    step = 1e-5 * np.sqrt(np.mean(F * F))
    assert gradcheck(lambda F: style_loss_between(name, F, F_a), F, step).passed


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_float32_agrees_with_float64_for_degenerate_styles(name, pair):
    F, F_a = (X.astype(np.float32) for X in PAIRS[pair])
    L, dL_dF = style_loss_between(name, F.astype(np.float64), F_a.astype(np.float64))
    L_32, dL_dF_32 = style_loss_between(name, F, F_a)
    scale = max(np.linalg.norm(dL_dF), L / np.linalg.norm(F))
    assert dL_dF_32.dtype == np.float32
    # The Gaussian MMD is a difference of means of numbers near 1.
    rounding = np.finfo(np.float32).eps if name == "mmd-gaussian" else 0
    assert abs(L_32 - L) <= TOLERANCE * L + rounding
    assert np.linalg.norm(dL_dF_32 - dL_dF) <= TOLERANCE * scale


@pytest.mark.parametrize("color", [0, 255, (200, 30, 60)])
@pytest.mark.parametrize("name", STYLE_LOSSES)
def test_a_style_of_one_color_is_transferred(name, color):
    photograph = np.random.default_rng(0).integers(0, 256, (24, 32, 3), dtype=np.uint8)
    style = np.zeros((32, 32, 3), np.uint8) + np.uint8(color)
    job = {"size": 32, "iterations": 15, "ratio": 0, "style_loss": name}
    # With reflection all points of the style are equal, and the Gaussian kernel is nearly 0.
    job["padding"] = "zero" if name == "mmd-gaussian" else "reflect"
    losses = stylize(photograph, style, **job).losses
    assert losses[-1] < 0.5 * losses[0]


def test_the_width_of_a_flat_style_follows_its_mean():
    flat = np.full((3, 7), 5.0)
    assert np.isclose(squared_width(points(flat)), 0.1 * 3 * 25)
    assert np.isclose(squared_width(points(10 * flat)), 0.1 * 3 * 2500)
    assert np.isclose(squared_width(points(0 * flat)), 0.01 * 3)
