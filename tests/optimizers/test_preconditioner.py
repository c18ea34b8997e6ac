"""The preconditioner S is symmetric positive definite, and equals a change of variables."""

import copy

import numpy as np
import pytest

from nst_numpy import InputError
from nst_numpy.optimizers import OPTIMIZERS, lbfgs
from nst_numpy.optimizers.lbfgs import add_pair, search_direction, two_loop
from nst_numpy.optimizers.preconditioner import (
    color_covariance,
    matrix_power,
    pixel_preconditioner,
    precondition,
    shaped_noise,
)
from nst_numpy.utils.threads import use_threads

FREE = (-np.inf, np.inf)
SHAPES = [(6, 8, 3), (7, 5, 3), (4, 9, 3), (1, 6, 3), (5, 1, 3)]
PRECONDITIONED = [name for name, row in OPTIMIZERS.items() if row.preconditioned]


def style(kind):
    """A style picture whose color covariance is regular or singular."""
    a = np.random.default_rng(1).uniform(0, 255, (9, 8, 3))
    return {
        "colorful": a,
        "black": np.zeros_like(a),
        "uniform": np.full_like(a, 77.7),
        "one color": a[..., :1] * [1.0, 0.5, 0.0],
        "gray": a[..., :1].repeat(3, -1),
    }[kind]


STYLES = ["colorful", "black", "uniform", "one color", "gray"]


def matrix_of(S):
    """S as a matrix: its products with all unit vectors."""
    n = np.prod(S.shape)
    return np.stack([precondition(S, e.reshape(S.shape)).ravel() for e in np.eye(n)], axis=1)


@pytest.mark.parametrize("kind", STYLES)
@pytest.mark.parametrize("shape", SHAPES)
def test_S_is_symmetric_and_positive_definite(shape, kind):
    S = matrix_of(pixel_preconditioner(shape, 0.5, 0.5, [style(kind)]))
    assert np.allclose(S, S.T, rtol=0, atol=1e-12)
    assert np.linalg.eigvalsh(S).min() > 0.05
    assert np.isclose(np.trace(S), len(S), rtol=1e-12)


@pytest.mark.parametrize("exponent", [0.25, 0.5, 1.0])
@pytest.mark.parametrize("shape", SHAPES)
def test_the_square_of_the_root_is_S(shape, exponent):
    S = pixel_preconditioner(shape, exponent, 0.5, [style("colorful")])
    T, T_inverse = matrix_power(S, 1 / 2), matrix_power(S, -1 / 2)
    assert np.allclose(matrix_of(T) @ matrix_of(T), matrix_of(S), rtol=0, atol=1e-12)
    assert np.allclose(matrix_of(T) @ matrix_of(T_inverse), np.eye(np.prod(shape)), atol=1e-12)


@pytest.mark.parametrize("shape", [(16, 24, 3), (15, 25, 3)])
def test_waves_are_scaled_by_a_power_of_their_frequency(shape):
    """S multiplies a cosine of f cycles per pixel by a number proportional to |f|^-2p."""
    H, W, _ = shape
    S = pixel_preconditioner(shape, 0.5, 0.0)
    rows, columns = np.mgrid[:H, :W]
    gains = []
    for k, l in [(1, 0), (0, 3), (4, 5), (2, -6)]:
        wave = np.cos(2 * np.pi * (k * rows / H + l * columns / W))[..., None].repeat(3, 2)
        gain = precondition(S, wave)[0, 0, 0]
        assert np.allclose(precondition(S, wave), gain * wave, rtol=0, atol=1e-10)
        gains.append(gain * np.hypot(k / H, l / W))
    assert np.allclose(gains, gains[0], rtol=1e-10)
    assert np.allclose(precondition(S, np.ones(shape)), gains[0] * max(H, W), rtol=1e-10)


def test_exponent_and_mixing_zero_give_the_identity(rng):
    g = rng.standard_normal((7, 6, 3))
    assert np.allclose(precondition(pixel_preconditioner(g.shape, 0, 0), g), g, rtol=1e-10)
    assert precondition(None, g) is g


@pytest.mark.parametrize("shape", [(32, 48, 3), (33, 47, 3)])
def test_float32_stays_float32_and_does_not_depend_on_the_threads(rng, shape):
    S = pixel_preconditioner(shape, styles=[style("colorful")])
    g, results = rng.standard_normal(shape), []
    for n in (1, 2, 3):
        with use_threads(n):
            results.append(precondition(S, g.astype(np.float32)))
    assert results[0].dtype == np.float32
    assert all(np.array_equal(result, results[0]) for result in results)
    assert np.allclose(results[0], precondition(S, g), rtol=1e-4, atol=1e-5)
    assert precondition(S, g).dtype == np.float64


def test_the_color_covariance_is_the_mean_of_those_of_the_styles(rng):
    a, b = rng.uniform(0, 255, (5, 6, 3)), rng.uniform(0, 99, (7, 4, 3))
    C = sum(np.cov(each.reshape(-1, 3).T, bias=True) for each in (a, b))
    assert np.allclose(color_covariance([a, b]), 3 * C / np.trace(C), rtol=1e-12)


@pytest.mark.parametrize("kind", ["black", "uniform"])
def test_a_style_without_variation_does_not_mix_colors(kind):
    assert np.array_equal(color_covariance([style(kind).astype(np.float32)]), np.eye(3))
    assert np.array_equal(color_covariance([]), np.eye(3))


def quadratic(rng, size):
    """A strictly convex quadratic and its gradient."""
    root = rng.standard_normal((size, size))
    B, c = root @ root.T / size + 0.1 * np.eye(size), rng.standard_normal(size)

    def f_and_g(x):
        g = B @ (x.ravel() - c)
        return float(0.5 * (x.ravel() - c) @ g), g.reshape(x.shape)

    return f_and_g


def nonquadratic(rng, size):
    """A quadratic of a nonlinear function of x, and its gradient."""
    A, c = rng.standard_normal((size, size)) / np.sqrt(size), rng.standard_normal(size)

    def f_and_g(x):
        u = A @ x.ravel()
        F = u + 0.3 * np.sin(2 * u) - c
        g = A.T @ (F * (1 + 0.6 * np.cos(2 * u)))
        return float(0.5 * F @ F), g.reshape(x.shape)

    return f_and_g


@pytest.mark.parametrize("function", [quadratic, nonquadratic])
@pytest.mark.parametrize("shape", [(6, 4, 3), (5, 7, 3)])
def test_lbfgs_with_S_is_lbfgs_with_the_identity_in_z(rng, function, shape):
    """x = T z, and the gradient with respect to z is T^T g."""
    f_and_g = function(rng, int(np.prod(shape)))
    S = pixel_preconditioner(shape, 0.5, 0.5, [style("colorful")])
    T, T_inverse = matrix_power(S, 1 / 2), matrix_power(S, -1 / 2)

    def in_z(z):
        f, g = f_and_g(precondition(T, z))
        return f, precondition(T, g)

    x0, xs, zs = rng.standard_normal(shape), [], []
    lbfgs(f_and_g, x0, FREE, lambda k, x, f: xs.append((x, f)), 15, preconditioner=S)
    z0 = precondition(T_inverse, x0)
    lbfgs(in_z, z0, FREE, lambda k, z, f: zs.append((z, f)), 15)
    assert len(xs) == len(zs) == 16
    for (x, f), (z, f_of_z) in zip(xs, zs, strict=True):
        assert np.allclose(x, precondition(T, z), rtol=0, atol=1e-6)
        assert np.isclose(f, f_of_z, rtol=1e-6)


def test_the_secant_equation_holds_with_S(rng):
    """H y = s for the newest pair, and H is symmetric."""
    pairs, shape = [], (4, 5, 3)
    S = pixel_preconditioner(shape, styles=[style("one color")])
    for s in rng.standard_normal((3, *shape)):
        pairs = add_pair(pairs, s, 2 * s + 0.1 * s**3)
    s, y, _ = pairs[-1]
    assert np.allclose(two_loop(y, pairs, S), s, rtol=1e-9, atol=1e-12)
    u, v = rng.standard_normal((2, *shape))
    assert np.isclose(np.sum(u * two_loop(v, pairs, S)), np.sum(v * two_loop(u, pairs, S)))


def boxed(rng, shape, dtype=np.float64):
    """A quadratic whose center lies partly outside of 0..255, with coupled neighbors."""
    center = rng.uniform(-100, 355, shape).astype(dtype)

    def f_and_g(x):
        e = x - center
        step = e - np.roll(e, 1, axis=1)
        g = e + 3 * (step - np.roll(step, -1, axis=1))
        return 0.5 * float(np.sum(e * e, dtype=float) + 3 * np.sum(step * step, dtype=float)), g

    return f_and_g


@pytest.mark.parametrize("name", PRECONDITIONED)
def test_the_bounds_hold_and_the_minimum_is_that_of_the_identity(rng, name):
    f_and_g, shape = boxed(rng, (5, 6, 3)), (5, 6, 3)
    minimize = OPTIMIZERS[name].minimize
    S = pixel_preconditioner(shape, styles=[style("colorful")])

    def record(k, x, f):
        assert x.min() >= 0
        assert x.max() <= 255

    x0 = np.full(shape, 127.0)
    x, _ = minimize(f_and_g, x0, (0, 255), record, 600, preconditioner=S)
    best, _ = lbfgs(f_and_g, x0, (0, 255), record, 600)
    assert ((best == 0) | (best == 255)).sum() > 5
    assert np.allclose(x, best, atol=1e-2)


def test_an_element_on_a_bound_moves_with_its_area(rng):
    """Its own gradient points outward, but less than those of its neighbors point inward."""
    shape = (16, 16, 3)
    S, g = pixel_preconditioner(shape, 0.5, 0.0), np.full(shape, -1.0)
    x = np.full(shape, 100.0)
    x[8, 8], g[8, 8] = 0.0, 0.1
    d = search_direction(x, g, (0, 255), [], S)
    assert d[8, 8].min() > 0
    assert np.sum(g * d) < 0
    assert not search_direction(x, g, (0, 255), [])[8, 8].any()


def test_the_direction_is_one_of_descent_at_the_bounds(rng):
    """Whatever share of the elements lies on a bound."""
    shape = (9, 8, 3)
    S = pixel_preconditioner(shape, 1.0, 0.9, [style("one color")])
    for share in np.linspace(0, 1, 30):
        x, g = rng.uniform(0, 255, shape), rng.standard_normal(shape) - rng.uniform(0, 2)
        x[rng.random(shape) < share] = 255
        d = search_direction(x, g, (0, 255), [], S)
        moves = (x < 255) | (d < 0)
        assert np.sum((g * d)[moves]) < 0 or not d.any()


@pytest.mark.parametrize("name", PRECONDITIONED)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_resuming_with_S_is_exact_to_the_last_bit(rng, name, dtype):
    shape, minimize = (5, 7, 3), OPTIMIZERS[name].minimize
    f_and_g, states, points = boxed(rng, shape, dtype), [], []
    S = pixel_preconditioner(shape, styles=[style("colorful")])

    def run(start):
        points.clear()
        return minimize(
            f_and_g,
            start,
            (0, 255),
            lambda k, x, f: points.append((f, x.tobytes())),
            14,
            preconditioner=S,
            checkpoint=lambda state: states.append(copy.deepcopy(state)),
        )

    x, reason = run(rng.uniform(0, 255, shape).astype(dtype))
    assert x.dtype == dtype
    whole, states_of_whole = list(points), list(states)
    for k, state in enumerate(states_of_whole):
        resumed, reason_again = run(copy.deepcopy(state))
        assert np.array_equal(resumed, x)
        assert (points, reason_again) == (whole[k + 1 :], reason)


@pytest.mark.parametrize("name", PRECONDITIONED)
def test_a_start_at_the_minimum_is_reported_with_S(name):
    """Also if the bounds hold some elements: -P S P g is zero although -S g is not."""
    x0 = np.full((4, 5, 3), 100.0)
    x0[:2] = 255

    def f_and_g(x):
        e = x - np.where(x0 == 255, 300, 100)
        return 0.5 * float(np.sum(e * e)), e

    S = pixel_preconditioner(x0.shape)
    x, reason = OPTIMIZERS[name].minimize(
        f_and_g, x0, (0, 255), lambda *_: None, 5, preconditioner=S
    )
    assert np.array_equal(x, x0)
    assert "nothing to improve" in reason


@pytest.mark.parametrize("name", [name for name in OPTIMIZERS if name not in PRECONDITIONED])
def test_other_optimizers_reject_a_preconditioner(rng, name):
    S, x0 = pixel_preconditioner((4, 4, 3)), np.zeros((4, 4, 3))
    job = boxed(rng, x0.shape), x0, (0, 255), lambda *_: None, 5
    with pytest.raises(InputError, match="does not support a preconditioner"):
        OPTIMIZERS[name].minimize(*job, preconditioner=S)


@pytest.mark.parametrize("shape", [(64, 96, 3), (65, 47, 3)])
def test_shaped_noise_has_the_spectrum_of_S(shape):
    """Its mean is 0, its standard deviation 1, and its amplitude falls with the frequency as S."""
    S = pixel_preconditioner(shape, 0.5, 0.0)
    noise = shaped_noise(S, seed=3)
    assert np.allclose(noise.mean(axis=(0, 1)), 0, atol=1e-12)
    assert np.isclose(noise.std(), 1)
    assert np.array_equal(noise, shaped_noise(S, seed=3))
    f = np.hypot(np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1]))[..., None]
    flat = np.mean(np.abs(np.fft.rfft2(noise, axes=(0, 1))) * f, axis=2, keepdims=True)
    low, high = (f > 0.04) & (f < 0.08), (f > 0.32) & (f < 0.48)
    assert np.isclose(flat[low].mean(), flat[high].mean(), rtol=0.1)


def test_shaped_noise_has_the_colors_of_S():
    S = pixel_preconditioner((64, 64, 3), 0.5, 0.9, [style("one color")])
    noise = shaped_noise(S, seed=0)
    assert np.corrcoef(noise.reshape(-1, 3).T)[0, 1] > 0.5
    assert noise[..., 0].std() > 2 * noise[..., 2].std()
