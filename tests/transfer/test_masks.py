"""Masks as the job takes them, brought down as the poolings bring pictures down."""

import numpy as np
import pytest
from PIL import Image

from nst_numpy import InputError, gradcheck, stylize, vgg
from nst_numpy.images.masks import masks
from nst_numpy.losses import MOMENT_LOSSES, guided_loss
from nst_numpy.losses.moments import moments
from nst_numpy.transfer.build_loss_terms import blend_regions, style_terms
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.margin import extend
from nst_numpy.transfer.masks import find_regions, masks_below
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


def test_a_region_that_only_one_of_two_styles_has_gets_the_target_of_that_style(
    pictures, small_network
):
    """Left has the moments of all of the first style, right those of the second."""
    encoder, layers = Encoder(small_network), {"conv1_1": 0.5, "conv3_1": 0.5}
    styles = pictures[1:]
    labels = [HALVES, np.zeros((40, 48), int), np.ones((40, 48), int)]
    regions = find_regions(labels, [0, 1], pictures, pictures, small_network, layers, margin=0)
    for term in style_terms(styles, encoder, "gram", [0.3, 0.7], layers, regions):
        for a_r, a in zip(term.a, styles, strict=True):
            expected = moments(vgg.forward(small_network, a, [term.layer])[0][term.layer])
            assert np.allclose(a_r.S, expected.S, rtol=1e-9)
            assert np.allclose(a_r.mu, expected.mu, rtol=1e-9)


def test_the_order_of_styles_with_their_masks_does_not_matter(pictures, job):
    left, right = np.zeros((40, 48), int), np.ones((40, 48), int)
    apart = job(a=[*pictures[1:]], content_mask=HALVES, style_mask=[left, right])
    swapped = job(a=[*pictures[:0:-1]], content_mask=HALVES, style_mask=[right, left])
    assert np.allclose(apart.losses, swapped.losses, rtol=1e-9)
    assert not np.allclose(apart.losses, job(a=[*pictures[1:]]).losses, rtol=1e-3)


@pytest.mark.parametrize("style_loss", ["gram", "covariance", "wasserstein"])
def test_a_style_with_weight_0_and_its_mask_are_left_out(pictures, job, style_loss):
    a, b = pictures[1:]
    upper = np.repeat([0, 1], 20)[:, None].repeat(48, axis=1)
    how = {"content_mask": HALVES, "style_loss": style_loss}
    alone = job(a=a, style_mask=1 - HALVES, **how)
    both = job(a=[a, b], style_mask=[1 - HALVES, upper], style_blend=(1, 0), **how)
    other = job(a=[b, a], style_mask=[upper, 1 - HALVES], style_blend=(0, 2), **how)
    assert np.allclose(both.losses, alone.losses, rtol=1e-9)
    assert np.allclose(other.losses, alone.losses, rtol=1e-9)


def test_a_style_with_weight_0_does_not_fill_a_region_that_the_other_lacks(pictures, job):
    masks = [np.zeros((40, 48), int), HALVES]
    for blend, style, mask in ((1, 0), [*pictures[1:]], masks), ((1,), pictures[1], masks[:1]):
        with pytest.raises(InputError, match="style mask lacks: #000001"):
            job(a=style, style_mask=mask, style_blend=blend, content_mask=HALVES)


def test_masks_are_continued_into_the_margin_as_pictures_are(small_network, rng):
    """The mirror image: a mask in the pixels of its picture stays there."""
    p, a = rng.uniform(0, 255, (2, 40, 48, 3))
    labels = (rng.uniform(size=(2, 40, 48)) > 0.5).astype(int)
    regions = find_regions([*labels], [0, 1], [p, a], [p, a], small_network, ["conv1_1"])
    pictures = [extend(np.repeat(each[..., None], 3, axis=2)) for each in labels]
    for T, picture in zip((regions.content, *regions.styles), pictures, strict=True):
        assert np.array_equal(T["conv1_1"][1], picture[:, :, 0].ravel())
        assert np.array_equal(T["conv1_1"][0], 1 - picture[:, :, 0].ravel())


@pytest.mark.parametrize("style_loss", sorted(MOMENT_LOSSES))
def test_a_region_of_one_position_has_a_finite_loss_and_derivative(rng, style_loss):
    F, a = rng.random((4, 9)), moments(rng.random((4, 5)))
    T = np.zeros((2, 9))
    T[1, 4], T[0] = 1, 1 - (np.arange(9) == 4)

    def loss(F):
        return guided_loss(F, T, (a, a), MOMENT_LOSSES[style_loss])

    L, dL_dF = loss(F)
    assert np.isfinite(L)
    assert np.isfinite(dL_dF).all()
    assert dL_dF[:, 4].any()
    assert gradcheck(loss, F).passed


def test_regions_are_blended_one_by_one(rng):
    one, other = moments(rng.uniform(0, 1, (3, 9))), moments(rng.uniform(0, 1, (3, 9)))
    first, second, third = blend_regions([[one, None, None], [other, other, None]], [0.5, 0.5])
    assert np.allclose(first.S, (one.S + other.S) / 2)
    assert np.allclose(second.S, other.S)
    assert third is None
    assert blend_regions([[None], [other]], [1, 0]) == [None]


def test_a_mask_of_another_size_is_resized_with_a_warning(job):
    with pytest.warns(Notice, match="content mask has 24 x 20 pixels, its picture 48 x 40"):
        small = job(content_mask=HALVES[::2, ::2], style_mask=HALVES)
    assert np.array_equal(small.losses, job(content_mask=HALVES, style_mask=HALVES).losses)


def test_a_mask_of_half_the_size_may_be_rounded(pictures, job):
    """A picture of 49 x 41 pixels, and masks of 25 x 20 and of 24 x 21."""
    p = np.pad(pictures[0], ((0, 1), (0, 1), (0, 0)), mode="edge")
    for h, w in ((20, 25), (21, 24)):
        mask = np.zeros((h, w), int)
        mask[:, w // 2 :] = 1
        with pytest.warns(Notice, match=f"{w} x {h} pixels, its picture 49 x 41: it was resized"):
            job(p=p, content_mask=mask, style_mask=HALVES)
    wide = np.repeat([0, 1], [15, 14])[None, :].repeat(20, axis=0)
    with pytest.raises(InputError, match="proportions"):
        job(p=p, content_mask=wide, style_mask=HALVES)


def test_masks_are_files_too(tmp_path, job):
    paths = []
    for name, labels in (("p.png", HALVES), ("a.png", 1 - HALVES)):
        paths.append(tmp_path / name)
        Image.fromarray((255 * labels).astype(np.uint8)).save(paths[-1])
    by_file = job(content_mask=paths[0], style_mask=paths[1])
    by_array = job(content_mask=HALVES, style_mask=1 - HALVES)
    assert np.allclose(by_file.losses, by_array.losses, rtol=1e-12)


def test_a_region_that_is_too_small_for_a_layer_gives_a_warning(job):
    dot = np.zeros((40, 48), int)
    dot[20:24, 20:24] = 1  # 16 pixels: one position at conv3_1
    sentence = "#000001 of the content mask is too small for conv4_1, conv4_2, conv4_3, conv5_1:"
    with pytest.warns(Notice, match=sentence):
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
def test_a_mask_that_does_not_fit_is_an_error(job, settings, sentence):
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
