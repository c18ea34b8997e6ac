"""Every optimizer of the table, on functions whose minimum is known."""

import itertools

import numpy as np
import pytest

from nst_numpy.optimizers import OPTIMIZERS

SEARCHING = [name for name in OPTIMIZERS if name != "adam"]  # only they never take a step upward

every_optimizer = pytest.mark.parametrize("minimize", OPTIMIZERS.values(), ids=OPTIMIZERS)


def bowl(center, curvature):
    """f = 1/2 sum_i c_i (x_i - m_i)^2 and its derivative."""
    return lambda x: (0.5 * np.sum(curvature * (x - center) ** 2), curvature * (x - center))


@every_optimizer
def test_the_minimum_in_a_box_is_found(rng, minimize):
    """Where the bowl's center lies outside, the minimum is the nearest point of the box."""
    center = rng.uniform(-100, 355, (4, 5, 3))
    curvature = rng.uniform(0.1, 10, center.shape)
    x, _ = minimize(bowl(center, curvature), np.full(center.shape, 127.0), (0, 255), _ignore, 400)
    assert np.allclose(x, np.clip(center, 0, 255), atol=1e-3)


@every_optimizer
@pytest.mark.parametrize("scale", [1e-12, 1.0, 1e12])
def test_the_scale_of_the_loss_does_not_stop_it(rng, minimize, scale):
    """SciPy's own tolerances would end a tiny or a huge loss after a few steps."""
    center = rng.uniform(0, 255, 30)
    x, _ = minimize(
        bowl(center, scale * rng.uniform(0.1, 10, 30)), np.zeros(30), (0, 255), _ignore, 400
    )
    assert np.allclose(x, center, atol=1e-3)


@every_optimizer
@pytest.mark.parametrize("scale", [1e-32, 1e32])
def test_nor_does_one_whose_squares_no_float32_can_hold(rng, minimize, scale):
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
    assert reason == "All 12 iterations done."


@pytest.mark.parametrize("name", SEARCHING)
def test_a_loss_that_is_searched_only_falls(rng, name):
    center, losses = rng.uniform(0, 255, 40), []
    f_and_g = bowl(center, rng.uniform(0.01, 100, 40))
    OPTIMIZERS[name](f_and_g, np.zeros(40), (0, 255), lambda i, x, f: losses.append(f), 30)
    assert len(losses) == 31
    assert all(later < earlier for earlier, later in itertools.pairwise(losses))


@every_optimizer
def test_a_start_at_the_minimum_is_told(minimize):
    x, reason = minimize(bowl(np.full(3, 5.0), 1.0), np.full(3, 5.0), (0, 255), _ignore, 10)
    assert x.tolist() == [5, 5, 5]
    assert "derivative is zero" in reason


@every_optimizer
def test_the_caller_type_is_kept(rng, minimize):
    center = rng.uniform(0, 255, 8).astype(np.float32)

    def f_and_g(x):
        assert x.dtype == np.float32
        return bowl(center, np.float32(1))(x)

    x, _ = minimize(f_and_g, np.zeros(8, np.float32), (0, 255), _ignore, 20)
    assert x.dtype == np.float32


def _ignore(iteration, x, f):
    pass
