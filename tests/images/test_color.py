"""Colors of one picture given to another: the laws that each way keeps."""

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import InputError
from nst_numpy.images import color


@pytest.fixture
def content(rng):
    """Correlated colors, as those of photographs are."""
    return 90 + 40 * rng.normal(size=(9, 8, 3)) @ rng.normal(size=(3, 3))


@pytest.fixture
def style(rng):
    return 120 + 30 * rng.normal(size=(7, 11, 3)) @ rng.normal(size=(3, 3))


def colors(x):
    return x.reshape(-1, 3)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_luminance_and_chroma_add_up_to_the_picture(content, dtype):
    x = content.astype(dtype)
    assert np.allclose(color.gray(x) + color.chroma(x), x, rtol=1e-5)
    assert np.abs(color.luminance(color.chroma(x))).max() < (1e-4 if dtype == np.float32 else 1e-12)
    assert color.luminance(x).dtype == dtype


def test_luminance_of_the_primaries():
    """BT.601; white is white."""
    primaries = np.array([[[255.0, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]])
    assert np.allclose(color.luminance(primaries), [[76.245, 149.685, 29.07, 255]], rtol=1e-12)


def test_kept_color_is_the_photographs(content, rng):
    """Luminance of the one, chroma of the other; U and V of Pillow's matrix say so, too."""
    result = rng.uniform(0, 255, content.shape)
    out = color.keep_color(result, content)
    YCbCr = np.array(
        [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
    )
    Y, Cb, Cr = np.moveaxis(out @ YCbCr.T, 2, 0)
    assert np.abs(Y - color.luminance(result)).max() < 1e-10
    assert np.abs(color.chroma(out) - color.chroma(content)).max() < 1e-10
    assert np.abs(np.stack([Cb, Cr], 2) - (content @ YCbCr.T)[:, :, 1:]).max() < 1e-10


def test_a_result_with_the_photographs_luminance_is_the_photograph(content):
    assert np.abs(color.keep_color(content, content) - content).max() < 1e-10


@pytest.mark.parametrize("how", color.MATCHES)
def test_matched_mean_and_covariance_are_the_contents(style, content, how):
    out = color.match_color(style, content, how)
    assert out.shape == style.shape
    assert relative_error(colors(out).mean(axis=0), colors(content).mean(axis=0)) < 1e-6
    assert (
        relative_error(np.cov(colors(out).T, bias=True), np.cov(colors(content).T, bias=True))
        < 1e-6
    )
    assert np.abs(out - style).max() > 1


@pytest.mark.parametrize("how", color.MATCHES)
def test_a_picture_matched_with_itself_stays(style, how):
    assert np.abs(color.match_color(style, style, how) - style).max() < 1e-8
    assert color.match_color(style.astype(np.float32), style, how).dtype == np.float32


def test_each_way_has_its_own_form(style, content):
    """Lower triangular; symmetric; and no other moves the colors by less than the symmetric."""
    C_s, C_c = color.color_moments(style)[1], color.color_moments(content)[1]
    A = {how: by(C_s, C_c) for how, by in color.MATCHES.items()}
    moved = {how: np.trace((A[how] - np.eye(3)) @ C_s @ (A[how] - np.eye(3)).T) for how in A}
    assert np.allclose(A["cholesky"], np.tril(A["cholesky"]))
    assert np.allclose(A["symmetric"], A["symmetric"].T)
    assert not np.allclose(A["pca"], A["pca"].T)
    assert moved["symmetric"] < min(moved["cholesky"], moved["pca"])


@pytest.mark.parametrize("how", color.MATCHES)
def test_a_gray_or_flat_style_is_given_what_it_can_hold(style, content, how):
    out = color.match_color(color.gray(style), content, how)
    assert np.isfinite(out).all()
    assert np.linalg.matrix_rank(np.cov(colors(out).T, bias=True), tol=1e-6) == 1
    flat = color.match_color(np.full((4, 4, 3), 30.0), content, how)
    assert np.allclose(flat, colors(content).mean(axis=0))


def test_matched_luminance_has_mean_and_deviation_of_the_contents(style, content):
    out, Y = color.match_luminance(style, content), color.luminance(content)
    assert np.allclose(out, color.gray(out))
    assert np.isclose(out.mean(), Y.mean(), rtol=1e-10)
    assert np.isclose(out.std(), Y.std(), rtol=1e-6)
    assert np.corrcoef(out[:, :, 0].ravel(), color.luminance(style).ravel())[0, 1] > 1 - 1e-10


def test_an_unknown_way_is_told(style):
    with pytest.raises(InputError, match="did you mean cholesky"):
        color.match_color(style, style, "cholesk")
