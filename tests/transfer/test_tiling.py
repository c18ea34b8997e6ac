"""Tiles give the same as the whole picture."""

from dataclasses import replace

import numpy as np
import pytest
from helpers.agreement import relative_error

from nst_numpy import InputError, gram, targets, total_loss, vgg
from nst_numpy.images.masks import masks
from nst_numpy.losses import MOMENT_LOSSES
from nst_numpy.losses.moments import moments_of
from nst_numpy.transfer.build_loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.encoder import Encoder, feature_maps, layer_sums
from nst_numpy.transfer.evaluation import evaluate
from nst_numpy.transfer.masks import Regions, masks_below, poolings
from nst_numpy.transfer.tiling import grid, tiles
from nst_numpy.transfer.weighted_terms import Objective, untileable

W = {f"conv{block}_1": 0.2 for block in range(1, 6)}


def test_the_halo_is_what_the_deepest_layer_sees(small_network, rng):
    """A pixel beyond the halo does not change a feature; one within it does."""
    network = small_network
    step, halo = grid(network, W)
    assert (step, halo) == (16, 80)
    x = rng.uniform(0, 255, (400, 16, 3))
    row = 208 // step
    before = vgg.forward(network, x, {"conv5_1"})[0]["conv5_1"].reshape(-1, 25, 1)
    x[: row * step - halo] = 0
    after = vgg.forward(network, x, {"conv5_1"})[0]["conv5_1"].reshape(-1, 25, 1)
    assert relative_error(after[:, row:], before[:, row:]) < 1e-12
    assert not np.allclose(after[:, row - 1], before[:, row - 1])


@pytest.mark.parametrize("H", [16, 17, 47, 100, 333])
@pytest.mark.parametrize("rows", [1, 16, 50, 400, None])
def test_tiles_cover_every_row_once(small_network, H, rows):
    cut = tiles(H, rows, small_network, W)
    assert [row for tile in cut for row in range(tile.top, tile.bottom)] == list(range(H))
    for factor in (1, 2, 4, 8, 16):
        own = [tile.own_rows(factor) for tile in cut]
        assert [row for s in own for row in range(s.start, s.stop)] == list(range(H // factor))
        in_window = [tile.rows_in_window(factor) for tile in cut]
        assert [s.stop - s.start for s in in_window] == [s.stop - s.start for s in own]
    assert all(tile.top % 16 == 0 and tile.start % 16 == 0 for tile in cut)


@pytest.mark.parametrize("H", [16, 100, 333, 1000])
@pytest.mark.parametrize("rows", [1, 16, 50, 128, 400])
def test_tiles_have_the_requested_rows_and_their_windows_one_halo_more(small_network, H, rows):
    """Rows are rounded down to positions of conv5_1, 16 pixels; the halo is 80 pixels."""
    cut, size = tiles(H, rows, small_network, W), max(16, rows // 16 * 16)
    assert all(tile.bottom - tile.top == size for tile in cut[:-1])
    assert cut[-1].bottom - cut[-1].top < size + 16
    for tile in cut:
        assert tile.start == max(0, tile.top - 80)
        assert tile.stop == min(H, tile.bottom + 80)
        assert tile.H == H


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("shape", [(300, 20), (259, 33)])
@pytest.mark.parametrize("content_layer", ["conv4_2", "conv3_1"])
def test_the_papers_sum_in_tiles_is_that_of_the_whole_picture(
    small_network, rng, pooling, shape, content_layer
):
    p, x = rng.uniform(0, 255, (2, *shape, 3))
    a = rng.uniform(0, 255, (240, 30, 3))
    goal = targets(p, a, small_network, [content_layer], list(W), pooling)
    alpha = 0.3 / goal.P[content_layer].size
    L, dL_dx, terms = total_loss(x, goal, small_network, alpha, 1.0, W, 0.5)
    encoder = Encoder(small_network, pooling, tile_rows=64)
    in_tiles = Objective(
        encoder,
        (
            *content_terms(p, encoder, {content_layer: 1.0}, 0.3, "squared"),
            *style_terms([a], encoder, "gram", [1.0], W),
            *pixel_terms(p, 0.0, 0.5, "squared"),
        ),
    )
    L_tiles, dL_dx_tiles, terms_tiles = evaluate(in_tiles, x)
    assert np.isclose(L_tiles, L, rtol=1e-12)
    assert relative_error(dL_dx_tiles, dL_dx) < 1e-12
    assert terms_tiles == pytest.approx(terms, rel=1e-12)


def objectives(encoder, p, styles, loss_name, regions=None, luminance_only=False):
    """All controls on the whole picture and in tiles, the targets too."""
    for rows in (None, 48):
        how = replace(encoder, tile_rows=rows)
        shares = np.arange(1, len(styles) + 1)
        terms = (
            *content_terms(p, how, {"conv2_1": 0.25, "conv4_2": 0.75}, 0.3, "squared"),
            *style_terms(styles, how, loss_name, shares, W, regions),
            *pixel_terms(p, 3.0, 0.5, "nine-point"),
        )
        yield Objective(how, terms, luminance_only)


def assert_tiles_equal_whole_image(whole, in_tiles, x):
    L, dL_dx, values = evaluate(whole, x)
    L_tiles, dL_dx_tiles, values_tiles = evaluate(in_tiles, x)
    assert np.isclose(L_tiles, L, rtol=1e-10)
    assert relative_error(dL_dx_tiles, dL_dx) < 1e-9
    assert values_tiles == pytest.approx(values, rel=1e-10)
    assert np.abs(dL_dx).min() < np.abs(dL_dx).max()


@pytest.mark.parametrize("loss_name", MOMENT_LOSSES)
def test_tiles_equal_whole_image_with_every_loss(small_network, rng, loss_name):
    """With two styles of other sizes and two content layers."""
    p, x = rng.uniform(0, 255, (2, 203, 21, 3))
    styles = [rng.uniform(0, 255, (170, 30, 3)), rng.uniform(0, 255, (64, 64, 3))]
    pair = objectives(Encoder(small_network), p, styles, loss_name)
    assert_tiles_equal_whole_image(*pair, x)


@pytest.mark.parametrize("loss_name", ["gram", "mean-variance", "wasserstein"])
def test_tiles_equal_whole_image_with_regions(small_network, rng, loss_name):
    """Three regions: one in the first rows only, one that is empty at the deepest layers."""
    p, x = rng.uniform(0, 255, (2, 203, 21, 3))
    a, labels = rng.uniform(0, 255, (170, 32, 3)), np.zeros((203, 21), int)
    labels[:60], labels[100:104, :4] = 1, 2
    labels_a = np.repeat([0, 1, 2, 0], 8)[None].repeat(170, axis=0)

    def below(labels):
        channels = masks(labels, [0, 1, 2]).astype(np.float64)
        return {l: masks_below(channels, poolings(small_network, l)) for l in W}

    regions = Regions(3, below(labels), [below(labels_a)])
    pair = objectives(Encoder(small_network), p, [a], loss_name, regions)
    assert_tiles_equal_whole_image(*pair, x)


@pytest.mark.parametrize("padding", ["reflect", "replicate"])
@pytest.mark.parametrize("luminance_only", [False, True])
def test_tiles_equal_whole_image_with_padding_and_luminance(
    small_network, rng, padding, luminance_only
):
    """The tile's own rows never see what lies beyond the window's border."""
    p, a, x = rng.uniform(0, 255, (3, 200, 20, 3))
    encoder = Encoder(small_network, "max", padding)
    pair = objectives(encoder, p, [a], "covariance", luminance_only=luminance_only)
    assert_tiles_equal_whole_image(*pair, x)


@pytest.mark.parametrize("padding", vgg.PADDINGS)
def test_targets_in_tiles_equal_targets(small_network, rng, padding):
    """P and A, with a style of another size, against the paper's own targets."""
    p, a = rng.uniform(0, 255, (200, 20, 3)), rng.uniform(0, 255, (131, 37, 3))
    goal = targets(p, a, small_network, ["conv4_2", "conv1_2"], list(W), "average", padding)
    encoder = Encoder(small_network, "average", padding, tile_rows=64)
    P = feature_maps(encoder, p, ["conv4_2", "conv1_2"])
    M = vgg.positions(small_network, p.shape, W)
    for l in P:
        assert relative_error(P[l], goal.P[l]) < 1e-12
    for l, (sums,) in layer_sums(encoder, a, W).items():
        assert relative_error(M[l] * moments_of(sums).S, goal.A[l]) < 1e-12


def test_sums_by_tiles_are_those_of_the_whole_picture(small_network, rng):
    x = rng.uniform(0, 255, (275, 18, 3))
    F, _ = vgg.forward(small_network, x, list(W))
    for l, (sums,) in layer_sums(Encoder(small_network, tile_rows=48), x, W).items():
        assert F[l].shape[1] == sums.M
        assert relative_error(sums.second, gram(F[l])) < 1e-12
        assert relative_error(sums.first, F[l].sum(axis=1)) < 1e-12


def test_terms_that_need_the_whole_picture_are_rejected_in_tiles(small_network, rng):
    a = rng.uniform(0, 255, (32, 32, 3))
    encoder = Encoder(small_network, tile_rows=16)
    terms = style_terms([a], encoder, "mmd-gaussian", [1.0], W)
    assert len(untileable(terms)) == 1
    with pytest.raises(InputError, match=r"computed in tiles: .*the Gaussian MMD"):
        Objective(encoder, terms)
    assert not untileable(style_terms([a], encoder, "wasserstein", [1.0], W))
