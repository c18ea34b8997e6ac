"""Strip by strip is the same as the whole picture at once."""

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import gram, targets, total_loss, vgg
from nst_numpy.transfer.tiling import grams, grid, strips, targets_in_strips, total_loss_in_strips

W = {f"conv{block}_1": 0.2 for block in range(1, 6)}


def test_the_halo_is_what_the_deepest_layer_sees(small_network, rng):
    """A pixel further away than the reach does not change a feature; one within it does."""
    network = small_network
    step, halo = grid(network, W)
    x = rng.uniform(0, 255, (400, 16, 3))
    row = 208 // step
    before = vgg.forward(network, x, {"conv5_1"})[0]["conv5_1"].reshape(-1, 25, 1)
    x[: row * step - halo] = 0
    after = vgg.forward(network, x, {"conv5_1"})[0]["conv5_1"].reshape(-1, 25, 1)
    assert step == 16
    assert relative_error(after[:, row:], before[:, row:]) < 1e-12
    assert not np.allclose(after[:, row - 2], before[:, row - 2])


@pytest.mark.parametrize("H", [16, 17, 47, 100, 333])
@pytest.mark.parametrize("rows", [1, 16, 50, 400])
def test_strips_cover_every_row_once(small_network, H, rows):
    cut = strips(H, rows, small_network, W)
    assert [row for s in cut for row in range(s.top, s.bottom)] == list(range(H))
    for factor in (1, 2, 4, 8, 16):
        own = sum(s.rows(factor).stop - s.rows(factor).start for s in cut)
        assert own == H // factor
    assert all(s.top % 16 == 0 and s.start % 16 == 0 for s in cut)


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("shape", [(300, 20), (259, 33)])
@pytest.mark.parametrize("content_layer", ["conv4_2", "conv3_1"])
def test_strips_are_the_whole(small_network, rng, pooling, shape, content_layer):
    p, x = rng.uniform(0, 255, (2, *shape, 3))
    a = rng.uniform(0, 255, (240, 30, 3))
    goal = targets(p, a, small_network, [content_layer], list(W), pooling)
    job = (x, goal, small_network, 1e-3, 2.0, W, 0.5, pooling)
    L, dL_dx, terms = total_loss(*job)
    L_strips, dL_dx_strips, terms_strips = total_loss_in_strips(*job, rows=64)
    assert np.isclose(L_strips, L, rtol=1e-12)
    assert relative_error(dL_dx_strips, dL_dx) < 1e-12
    assert terms_strips == pytest.approx(terms, rel=1e-12)


@pytest.mark.parametrize("padding", ["reflect", "replicate"])
def test_strips_are_the_whole_whatever_the_padding(small_network, rng, padding):
    """What stands beyond a window's border is never seen by the strip's own rows."""
    p, a, x = rng.uniform(0, 255, (3, 200, 20, 3))
    goal = targets(p, a, small_network, ["conv4_2"], list(W), "average", padding)
    in_strips = targets_in_strips(
        p, a, small_network, ["conv4_2"], list(W), "average", padding, rows=64
    )
    assert all(relative_error(in_strips.A[l], goal.A[l]) < 1e-12 for l in W)
    job = (x, goal, small_network, 1e-3, 2.0, W, 0.5, "average", padding)
    L, dL_dx, _ = total_loss(*job)
    L_strips, dL_dx_strips, _ = total_loss_in_strips(*job, rows=64)
    assert np.isclose(L_strips, L, rtol=1e-12)
    assert relative_error(dL_dx_strips, dL_dx) < 1e-12


def test_grams_by_strips_are_those_of_the_whole(small_network, rng):
    x = rng.uniform(0, 255, (275, 18, 3))
    F, _ = vgg.forward(small_network, x, list(W))
    for l, (G, M) in grams(small_network, x, list(W), 48, "average").items():
        assert F[l].shape[1] == M
        assert relative_error(G, gram(F[l])) < 1e-12
