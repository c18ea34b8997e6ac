"""Properties of all optimizers, on functions with a known minimum."""

import itertools

import numpy as np
import pytest

from nst_numpy.optimizers import OPTIMIZERS

DESCENDING = [name for name in OPTIMIZERS if name != "adam"]  # the loss never rises

every_optimizer = pytest.mark.parametrize(
    "minimize", [row.minimize for row in OPTIMIZERS.values()], ids=OPTIMIZERS
)


def bowl(center, curvature):
    """f = 1/2 sum_i c_i (x_i - m_i)^2 and its gradient."""
    return lambda x: (0.5 * np.sum(curvature * (x - center) ** 2), curvature * (x - center))


@every_optimizer
def test_the_minimum_in_a_box_is_found(rng, minimize):
    """If the center lies outside of the box, the minimum is the nearest point of the box."""
    center = rng.uniform(-100, 355, (4, 5, 3))
    curvature = rng.uniform(0.1, 10, center.shape)
    x, _ = minimize(bowl(center, curvature), np.full(center.shape, 127.0), (0, 255), _ignore, 400)
    assert np.allclose(x, np.clip(center, 0, 255), atol=1e-3)


@every_optimizer
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_scale_of_the_loss_does_not_stop_it(rng, minimize, scale):
    """SciPy's default tolerances stop after a few steps if the loss is tiny or huge."""
    center = rng.uniform(0, 255, 30)
    x, _ = minimize(
        bowl(center, scale * rng.uniform(0.1, 10, 30)), np.zeros(30), (0, 255), _ignore, 400
    )
    assert np.allclose(x, center, atol=1e-3)


@every_optimizer
@pytest.mark.parametrize("scale", [1e-32, 1e32])
def test_gradients_whose_squares_exceed_float32_do_not_stop_it(rng, minimize, scale):
    center = rng.uniform(0, 255, 30).astype(np.float32)
    curvature = np.float32(scale) * rng.uniform(0.5, 2, 30).astype(np.float32)

    def f_and_g(x):
        return bowl(center.astype(np.float64), curvature)(x)[0], bowl(center, curvature)(x)[1]

    x, _ = minimize(f_and_g, np.zeros(30, np.float32), (0, 255), _ignore, 200)
    assert np.allclose(x, center, atol=0.1)


@every_optimizer
def test_the_callback_sees_every_iteration_and_the_result_is_the_last(rng, minimize):
    center = rng.uniform(0, 255, 40)
    f_and_g, seen = bowl(center, rng.uniform(0.01, 100, 40)), []

    def record(iteration, x, f):
        assert np.isclose(f, f_and_g(x)[0], rtol=1e-9)
        seen.append((iteration, f))

    x, reason = minimize(f_and_g, np.zeros(40), (0, 255), record, 12)
    assert [iteration for iteration, _ in seen] == list(range(13))
    assert f_and_g(x)[0] == seen[-1][1] < seen[0][1]
    assert reason == "Stopped after 12 iterations (the limit)."


@pytest.mark.parametrize("name", DESCENDING)
def test_the_loss_falls_in_every_iteration(rng, name):
    center, losses = rng.uniform(0, 255, 40), []
    f_and_g = bowl(center, rng.uniform(0.01, 100, 40))
    minimize = OPTIMIZERS[name].minimize
    minimize(f_and_g, np.zeros(40), (0, 255), lambda i, x, f: losses.append(f), 30)
    assert len(losses) == 31
    assert all(later < earlier for earlier, later in itertools.pairwise(losses))


@every_optimizer
def test_a_start_at_the_minimum_is_reported(minimize):
    x, reason = minimize(bowl(np.full(3, 5.0), 1.0), np.full(3, 5.0), (0, 255), _ignore, 10)
    assert x.tolist() == [5, 5, 5]
    assert reason == "The gradient is zero at the start: there is nothing to improve."


@every_optimizer
def test_the_dtype_of_the_start_is_kept(rng, minimize):
    center = rng.uniform(0, 255, 8).astype(np.float32)

    def f_and_g(x):
        assert x.dtype == np.float32
        return bowl(center, np.float32(1))(x)

    x, _ = minimize(f_and_g, np.zeros(8, np.float32), (0, 255), _ignore, 20)
    assert x.dtype == np.float32


def _ignore(iteration, x, f):
    pass
