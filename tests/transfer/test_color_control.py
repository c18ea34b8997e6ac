"""The photograph's colors, three ways."""

import numpy as np
import pytest

from nst_numpy import stylize
from nst_numpy.images.color import chroma, color_moments, gray, luminance
from nst_numpy.transfer.color_control import COLORS, gray_derivative, recolored


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 20, 28, 3)).astype(np.float32)


def job(pictures, network, **settings):
    """The loss and the last picture as it is before it is rounded and clipped."""
    seen = []
    quick = {"size": 28, "iterations": 3, "weights": network, "dtype": np.float64}
    quick |= {"normalized": False, "callback": lambda i, x, L, terms: seen.append(x)}
    return stylize(*pictures, **{**quick, **settings}), seen[-1]


@pytest.mark.parametrize("color", ["keep", "luminance"])
@pytest.mark.parametrize("init", ["content", "noise"])
def test_the_chroma_is_the_photographs(pictures, small_network, color, init):
    """Exactly, but for rounding, as long as nothing is clipped."""
    result, x = job(pictures, small_network, color=color, init=init)
    assert np.allclose(chroma(x), chroma(pictures[0]), atol=1e-4)
    assert not np.allclose(luminance(x), luminance(pictures[0]), atol=1)
    assert np.array_equal(result.picture, np.clip(np.rint(x), 0, 255))


def test_luminance_alone_is_a_job_on_gray_pictures(pictures, small_network):
    """The content's colors change nothing but the colors of the result."""
    how = {"color": "luminance", "preconditioner": "none"}
    _, first = job(pictures, small_network, **how)
    _, second = job([gray(pictures[0]), pictures[1]], small_network, **how)
    assert np.allclose(luminance(first), luminance(second), atol=1e-2)


def test_what_starts_gray_stays_gray(rng):
    """The projected derivative is gray, and along gray steps it is the derivative."""
    dL_dx, step = rng.standard_normal((2, 5, 6, 3))
    projected = gray_derivative(dL_dx)
    assert (projected == projected[..., :1]).all()
    along = gray(step)
    assert np.isclose(np.sum(projected * along), np.sum(dL_dx * along), rtol=1e-12)


def test_a_luminance_style_has_the_photographs_mean_and_deviation(rng):
    p, a = rng.uniform(60, 120, (20, 28, 3)), 0.3 * rng.uniform(0, 255, (9, 28, 3))
    same, (style,), chroma = recolored("luminance", p, [a])
    assert np.array_equal(same, gray(p))
    assert chroma is p
    assert np.allclose(style, gray(style), rtol=1e-12)
    assert np.isclose(luminance(style).mean(), luminance(p).mean(), rtol=1e-6)
    assert np.isclose(luminance(style).std(), luminance(p).std(), rtol=1e-6)
    one, other = (luminance(each) for each in (style, a))
    assert np.corrcoef(one.ravel(), other.ravel())[0, 1] > 1 - 1e-6


@pytest.mark.parametrize("color", ["match", "match-pca", "match-symmetric"])
def test_matched_styles_have_the_photographs_color_moments(pictures, color):
    """Every one of several styles; the photograph itself is left alone."""
    p, a = pictures[0], pictures[1, :9]
    same, styles, chroma = recolored(color, p, [a, a / 2])
    assert chroma is None
    assert same is p
    for style in styles:
        for one, other in zip(color_moments(style), color_moments(p), strict=True):
            assert np.allclose(one, other, rtol=1e-3, atol=1e-2)


def test_colors_are_the_styles_by_default(pictures, small_network):
    results = [job(pictures, small_network, color=color)[1] for color in (None, *COLORS)]
    assert all(not np.allclose(results[0], other, atol=1e-3) for other in results[1:])
