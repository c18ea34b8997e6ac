"""Arrays as pictures: gray, opacity, bool, and other ranges than 0..255."""

import numpy as np
import pytest

from nst_numpy import InputError, read_picture, stylize, write_picture
from nst_numpy.images.array_checks import as_picture
from nst_numpy.networks import random_network
from nst_numpy.utils.errors import Notice

RNG = np.random.default_rng(0)
RGBA = RNG.integers(0, 256, (20, 26, 4)).astype(np.uint8)
RGBA[..., 3] = np.where(RGBA[..., 3] < 128, 0, 255)
GRAY = RGBA[..., 0]
ON_WHITE = np.where(RGBA[..., 3:] == 255, RGBA[..., :3], 255)
KINDS = {
    "gray": (GRAY, GRAY[..., None].repeat(3, 2)),
    "gray with one channel": (GRAY[..., None], GRAY[..., None].repeat(3, 2)),
    "gray with opacity": (RGBA[..., [0, 3]], np.where(RGBA[..., 3:] == 255, GRAY[..., None], 255)),
    "RGBA": (RGBA, ON_WHITE),
    "RGBA in floating point": (RGBA.astype(np.float64), ON_WHITE),
    "bool": (GRAY > 99, np.where(GRAY[..., None] > 99, 255, 0)),
    "bool colors": (RGBA[..., :3] > 99, np.where(RGBA[..., :3] > 99, 255, 0)),
    "a list": (RGBA[..., :3].tolist(), RGBA[..., :3]),
    "16 bits of 0..255": (RGBA[..., :3].astype(np.uint16), RGBA[..., :3]),
}


@pytest.mark.parametrize("kind", KINDS)
def test_written_array_is_read_as_the_file_of_its_kind(tmp_path, kind):
    array, expected = KINDS[kind]
    write_picture(tmp_path / "p.png", array)
    assert np.array_equal(read_picture(tmp_path / "p.png"), np.broadcast_to(expected, (20, 26, 3)))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "a list"])
def test_job_accepts_every_kind_of_array(kind):
    """The result is that of the equal RGB array."""
    array, expected = KINDS[kind]
    expected = np.broadcast_to(expected, (20, 26, 3)).astype(np.uint8)
    job = {"size": 26, "iterations": 1, "weights": random_network((2,) * 5), "normalized": False}
    given = stylize(array, array, init=array, **job)
    assert np.array_equal(given.picture, stylize(expected, expected, init=expected, **job).picture)


def test_half_transparent_black_is_gray():
    assert np.allclose(as_picture(np.array([[[0, 0, 0, 51]]])), 204)


@pytest.mark.parametrize("clipped", [False, True])
@pytest.mark.parametrize(
    "array",
    [
        np.full((2, 2), 65535, np.uint16),
        np.full((2, 2, 3), 65535.0),
        np.full((2, 2, 3), 300, np.int32),
        np.full((2, 2, 4), 40000, np.uint16),
    ],
)
def test_levels_of_16_bits_are_an_error_with_advice_to_divide(array, clipped):
    with pytest.raises(InputError, match=r"ranges from .*0 to 65535, divide it by 257 first"):
        as_picture(array, clipped=clipped)


def test_writing_levels_of_16_bits_is_an_error_that_names_the_file(tmp_path):
    with pytest.raises(InputError, match=r"to write to .*p\.png ranges .*divide it by 257"):
        write_picture(tmp_path / "p.png", np.full((2, 2), 9999, np.uint16))
    assert not (tmp_path / "p.png").exists()


def test_small_excess_is_clipped_in_results_and_an_error_in_inputs(tmp_path):
    picture = np.array([[[-20.0, 100, 300]]])
    write_picture(tmp_path / "p.png", picture)
    assert read_picture(tmp_path / "p.png").tolist() == [[[0, 100, 255]]]
    with pytest.raises(InputError, match=r"np\.clip"):
        as_picture(picture)


def test_zeros_to_ones_give_the_same_warning_when_they_are_written(tmp_path):
    with pytest.warns(Notice, match=r"picture to write to .*p\.png is 1, .*multiply it by 255"):
        write_picture(tmp_path / "p.png", np.ones((2, 2)))
    with pytest.warns(Notice, match="largest value of a picture is 1"):
        as_picture(np.ones((2, 2, 4)))


@pytest.mark.parametrize(
    ("array", "sentence"),
    [
        (np.zeros((4, 4, 5)), r"\(H, W, 3\).*got \(4, 4, 5\)\.$"),
        (
            np.zeros((3, 4, 5)),
            r"got \(3, 4, 5\)\. If its first axis is the color, apply np.moveaxis",
        ),
        (np.zeros((1, 4, 4, 3)), r"got \(1, 4, 4, 3\)"),
        (np.zeros((0, 4, 3)), r"got \(0, 4, 3\)"),
        (np.zeros((4, 4), complex), "dtype is complex128"),
        (np.full((4, 4), "a"), "dtype is <U1"),
        (np.array([[np.nan, 1, np.inf]]), "2 values that are infinite or not a number"),
        (7, "got 7"),
    ],
)
def test_wrong_arrays_are_errors_that_name_the_picture(array, sentence):
    with pytest.raises(InputError, match=sentence) as caught:
        as_picture(array, "The style image")
    assert "The style image" in str(caught.value)


def test_message_says_which_picture_of_a_job_is_wrong():
    good, job = np.full((20, 26, 3), 90.0), {"size": 26, "iterations": 1}
    job |= {"weights": random_network((2,) * 5), "normalized": False}
    for content, styles, init, name in (
        (3 * good, good, "content", "content image"),
        (good, 3 * good, "content", "style image"),
        (good, [good, 3 * good], "content", "style image 2"),
        (good, good, 3 * good, "initial image"),
    ):
        with pytest.raises(InputError, match=f"The {name} ranges from"):
            stylize(content, styles, init=init, **job)


def test_message_says_which_picture_is_too_small(tmp_path):
    good, narrow = np.full((20, 26, 3), 90.0), np.full((10, 260, 3), 90.0)
    job = {"size": 26, "weights": random_network((2,) * 5), "normalized": False}
    write_picture(tmp_path / "narrow.png", narrow)
    too_small = "is too small for the layer conv5_1: each side needs at least 16"
    for content, style, name in (
        (narrow, good, "The content image, scaled to 26 x 1 pixels,"),
        (good, [good, narrow], "The style image 2, scaled to 26 x 1 pixels,"),
        (good, tmp_path / "narrow.png", r"The style image .*narrow\.png, scaled to 26 x 1 pixels,"),
    ):
        with pytest.raises(InputError, match=f"{name} {too_small}"):
            stylize(content, style, **job)
