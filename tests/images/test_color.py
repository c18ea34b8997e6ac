"""Properties of color transfer between pictures."""

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import InputError
from nst_numpy.images import color


@pytest.fixture
def content(rng):
    """Correlated colors, as in photographs."""
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


def test_luminance_of_primaries_matches_bt601():
    """BT.601; the luminance of white is 255."""
    primaries = np.array([[[255.0, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]])
    assert np.allclose(color.luminance(primaries), [[76.245, 149.685, 29.07, 255]], rtol=1e-12)


def test_keep_color_combines_luminance_and_chroma(content, rng):
    """Luminance of the result, chroma of the content; also in Pillow's YCbCr."""
    result = rng.uniform(0, 255, content.shape)
    out = color.keep_color(result, content)
    YCbCr = np.array(
        [[0.299, 0.587, 0.114], [-0.168736, -0.331264, 0.5], [0.5, -0.418688, -0.081312]]
    )
    Y, Cb, Cr = np.moveaxis(out @ YCbCr.T, 2, 0)
    assert np.abs(Y - color.luminance(result)).max() < 1e-10
    assert np.abs(color.chroma(out) - color.chroma(content)).max() < 1e-10
    assert np.abs(np.stack([Cb, Cr], 2) - (content @ YCbCr.T)[:, :, 1:]).max() < 1e-10


def test_keep_color_of_the_content_itself_changes_nothing(content):
    assert np.abs(color.keep_color(content, content) - content).max() < 1e-10


@pytest.mark.parametrize("method", color.MATCH_METHODS)
def test_matched_mean_and_covariance_equal_the_contents(style, content, method):
    out = color.match_color(style, content, method)
    assert out.shape == style.shape
    assert relative_error(colors(out).mean(axis=0), colors(content).mean(axis=0)) < 1e-6
    assert (
        relative_error(np.cov(colors(out).T, bias=True), np.cov(colors(content).T, bias=True))
        < 1e-6
    )
    assert np.abs(out - style).max() > 1


@pytest.mark.parametrize("method", color.MATCH_METHODS)
def test_matching_a_picture_with_itself_changes_nothing(style, method):
    assert np.abs(color.match_color(style, style, method) - style).max() < 1e-8
    assert color.match_color(style.astype(np.float32), style, method).dtype == np.float32


def test_form_of_each_match_matrix(style, content):
    """Cholesky is lower triangular; the symmetric one moves the colors least."""
    C_s, C_c = color.color_moments(style)[1], color.color_moments(content)[1]
    A = {method: matrix(C_s, C_c) for method, matrix in color.MATCH_METHODS.items()}
    moved = {
        method: np.trace((A[method] - np.eye(3)) @ C_s @ (A[method] - np.eye(3)).T) for method in A
    }
    assert np.allclose(A["cholesky"], np.tril(A["cholesky"]))
    assert np.allclose(A["symmetric"], A["symmetric"].T)
    assert not np.allclose(A["pca"], A["pca"].T)
    assert moved["symmetric"] < min(moved["cholesky"], moved["pca"])


@pytest.mark.parametrize("method", color.MATCH_METHODS)
def test_matched_gray_style_stays_gray_and_flat_style_gets_the_mean(style, content, method):
    out = color.match_color(color.gray(style), content, method)
    assert np.isfinite(out).all()
    assert np.linalg.matrix_rank(np.cov(colors(out).T, bias=True), tol=1e-6) == 1
    flat = color.match_color(np.full((4, 4, 3), 30.0), content, method)
    assert np.allclose(flat, colors(content).mean(axis=0))


def test_matched_luminance_has_mean_and_deviation_of_the_content(style, content):
    out, Y = color.match_luminance(style, content), color.luminance(content)
    assert np.allclose(out, color.gray(out))
    assert np.isclose(out.mean(), Y.mean(), rtol=1e-10)
    assert np.isclose(out.std(), Y.std(), rtol=1e-6)
    assert np.corrcoef(out[:, :, 0].ravel(), color.luminance(style).ravel())[0, 1] > 1 - 1e-10


def test_unknown_match_method_is_an_error(style):
    with pytest.raises(InputError, match="did you mean cholesky"):
        color.match_color(style, style, "cholesk")
