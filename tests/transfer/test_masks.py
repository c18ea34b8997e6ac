"""Masks as the job takes them, brought down as the poolings bring pictures down."""

import numpy as np
import pytest
from PIL import Image

from nst_numpy import InputError, stylize, vgg
from nst_numpy.images.masks import masks
from nst_numpy.losses.moments import moments
from nst_numpy.transfer.build_loss_terms import blend_regions
from nst_numpy.transfer.masks import masks_below
from nst_numpy.utils.errors import Notice


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (3, 40, 48, 3))


@pytest.fixture
def job(pictures, small_network):
    def do(p=pictures[0], a=pictures[1], **settings):
        quick = {"size": 48, "iterations": 3, "weights": small_network, "dtype": np.float64}
        return stylize(p, a, **{**quick, "normalized": False, "init": pictures[2], **settings})

    return do


EVERYWHERE = np.full((40, 48), 7)
HALVES = np.repeat([0, 1], 24)[None, :].repeat(40, axis=0)  # left and right


@pytest.mark.parametrize("style_loss", ["gram", "covariance", "wasserstein"])
def test_one_region_that_covers_everything_is_no_region(job, style_loss):
    guided = job(content_mask=EVERYWHERE, style_mask=EVERYWHERE, style_loss=style_loss)
    assert np.allclose(guided.losses, job(style_loss=style_loss).losses, rtol=1e-9)


def test_halves_that_change_places_are_the_same_job(job):
    """Names of regions mean nothing."""
    one = job(content_mask=HALVES, style_mask=HALVES)
    other = job(content_mask=1 - HALVES, style_mask=1 - HALVES)
    assert np.allclose(one.losses, other.losses, rtol=1e-12)


def test_each_region_sees_its_own_part_of_the_style(job):
    """Black and white halves, crossed, in conv1_1: the picture becomes white and black."""
    style = np.where(HALVES[..., None], 255.0, 0.0) * np.ones(3)
    gray = np.full((40, 48, 3), 127.0)
    crossed = job(
        *(gray, style),
        content_mask=HALVES,
        style_mask=1 - HALVES,
        style_layers=("conv1_1",),
        ratio=0,
        init=gray,
        iterations=20,
    )
    left, right = crossed.picture[:, :20].mean(), crossed.picture[:, 28:].mean()
    assert left > right + 30


def test_a_region_that_only_one_of_two_styles_has_is_painted_like_that_one(pictures, job):
    """Left like the first style, right like the second: as with one style that is put together."""
    left, right = np.zeros((40, 48), int), np.ones((40, 48), int)
    apart = job(a=[*pictures[1:]], content_mask=HALVES, style_mask=[left, right])
    swapped = job(a=[*pictures[:0:-1]], content_mask=HALVES, style_mask=[right, left])
    assert np.allclose(apart.losses, swapped.losses, rtol=1e-9)
    assert not np.allclose(apart.losses, job(a=[*pictures[1:]]).losses, rtol=1e-3)


def test_regions_are_blended_one_by_one(rng):
    one, other = moments(rng.uniform(0, 1, (3, 9))), moments(rng.uniform(0, 1, (3, 9)))
    first, second, third = blend_regions([[one, None, None], [other, other, None]], [0.5, 0.5])
    assert np.allclose(first.S, (one.S + other.S) / 2)
    assert np.allclose(second.S, other.S)
    assert third is None


def test_a_mask_of_another_size_is_resized_and_told(job):
    with pytest.warns(Notice, match="content mask has 24 x 20 pixels, its picture 48 x 40"):
        small = job(content_mask=HALVES[::2, ::2], style_mask=HALVES)
    assert np.array_equal(small.losses, job(content_mask=HALVES, style_mask=HALVES).losses)


def test_masks_are_files_too(tmp_path, job):
    paths = []
    for name, labels in (("p.png", HALVES), ("a.png", 1 - HALVES)):
        paths.append(tmp_path / name)
        Image.fromarray((255 * labels).astype(np.uint8)).save(paths[-1])
    by_file = job(content_mask=paths[0], style_mask=paths[1])
    by_array = job(content_mask=HALVES, style_mask=1 - HALVES)
    assert np.allclose(by_file.losses, by_array.losses, rtol=1e-12)


def test_a_region_that_is_too_small_for_a_layer_is_told(job):
    dot = np.zeros((40, 48), int)
    dot[20:24, 20:24] = 1  # 16 pixels: one position at conv3_1
    with pytest.warns(Notice, match="#000001 of the content mask is too small for conv4_1, conv5_"):
        result = job(content_mask=dot, style_mask=HALVES)
    assert np.isfinite(result.losses).all()


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"content_mask": HALVES}, "a content mask needs a style mask"),
        ({"style_mask": HALVES}, "a style mask needs a content mask"),
        (
            {"style_mask": [HALVES, HALVES], "content_mask": HALVES},
            "one mask for each of the 1 styles, got 2",
        ),
        ({"style_mask": EVERYWHERE, "content_mask": HALVES}, "style mask lacks: #000000, #0000"),
        ({"style_mask": HALVES, "content_mask": 0 * HALVES}, "content mask lacks: #000001"),
        ({"style_mask": HALVES[0], "content_mask": HALVES}, r"a style mask is a file or an array"),
        ({"style_mask": HALVES, "content_mask": HALVES / 2}, "content mask is a file or an array"),
        ({"style_mask": "no.png", "content_mask": HALVES}, "no picture no.png"),
        (
            {"style_mask": HALVES, "content_mask": np.arange(40 * 48).reshape(40, 48)},
            "content mask has 1920 regions; expected at most 16",
        ),
        (
            {"style_mask": HALVES, "content_mask": HALVES, "style_loss": "mmd-gaussian"},
            "style loss mmd-gaussian does not support masks",
        ),
    ],
)
def test_a_mask_that_does_not_fit_is_told(job, settings, sentence):
    with pytest.raises(InputError, match=f"(?i){sentence}"):
        job(**settings)


def test_masks_below_are_shares_in_the_order_of_the_feature_maps(small_network, rng):
    """The mean over each position's pixels, for the number of positions that VGG has there."""
    labels = rng.integers(0, 3, (37, 50))
    channels = masks(labels, [0, 1, 2])
    positions = vgg.positions(small_network, (37, 50, 3), ["conv1_1", "conv3_1", "conv5_1"])
    for l, poolings in (("conv1_1", 0), ("conv3_1", 2), ("conv5_1", 4)):
        T, side = masks_below(channels, poolings), 2**poolings
        assert T.shape == (3, positions[l])
        assert np.allclose(T.sum(axis=0), 1)
        cell = labels[:side, side : 2 * side]  # of the second position
        assert np.allclose(T[:, 1], [(cell == r).mean() for r in range(3)])


def test_a_region_in_the_row_that_pooling_leaves_out_is_empty():
    labels = np.zeros((5, 4), int)
    labels[4] = 1
    T = masks_below(masks(labels, [0, 1]), 1)
    assert T.tolist() == [[1, 1, 1, 1], [0, 0, 0, 0]]
