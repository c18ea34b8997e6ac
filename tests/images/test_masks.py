"""Region masks: reading labels by color, resizing, one channel per region."""

import numpy as np
import pytest
from PIL import Image, ImageCms

from nst_numpy import InputError
from nst_numpy.images.masks import (
    common_labels,
    masks,
    read_labels,
    resize_labels,
    warn_about_profile,
)
from nst_numpy.utils.errors import Notice

RED, BLUE, WHITE = 0xFF0000, 0x0000FF, 0xFFFFFF
LABELS = np.array([[RED, RED, BLUE], [WHITE, RED, BLUE]])


def save(path, labels, mode="RGB"):
    rgb = np.stack([labels >> 16, labels >> 8 & 255, labels & 255], axis=2).astype(np.uint8)
    Image.fromarray(rgb).convert(mode).save(path)
    return path


@pytest.mark.parametrize("mode", ["RGB", "P", "RGBA"])
def test_labels_are_the_same_in_every_image_mode(tmp_path, mode):
    assert np.array_equal(read_labels(save(tmp_path / "m.png", LABELS, mode)), LABELS)


def test_labels_do_not_depend_on_the_order_of_the_palette(tmp_path):
    for name, palette, indices in (
        ("a.png", [255, 0, 0, 0, 0, 255], [[0, 1]]),
        ("b.png", [0, 0, 255, 255, 0, 0], [[1, 0]]),
    ):
        image = Image.fromarray(np.array(indices, np.uint8), "L")
        image.putpalette(palette)
        image.save(tmp_path / name)
        assert read_labels(tmp_path / name).tolist() == [[RED, BLUE]]


def test_gray_levels_become_labels(tmp_path):
    Image.fromarray(np.array([[0, 1, 255]], np.uint8)).save(tmp_path / "m.png")
    assert read_labels(tmp_path / "m.png").tolist() == [[0, 0x010101, WHITE]]


def test_resizing_adds_no_labels():
    larger = resize_labels(LABELS, (12, 8))
    assert larger.shape == (8, 12)
    assert np.array_equal(larger[::4, ::4], LABELS)
    assert set(np.unique(resize_labels(larger, (5, 5)))) <= set(np.unique(LABELS))


def test_mask_channels_are_binary_and_sum_to_one():
    channels = masks(LABELS, common_labels(LABELS, LABELS))
    assert channels.shape == (2, 3, 3)
    assert (channels.sum(axis=2) == 1).all()
    assert channels[:, :, 0].tolist() == [[0, 0, 1], [0, 0, 1]]  # blue is the smallest number


@pytest.mark.parametrize(
    ("content", "style", "sentence"),
    [
        (LABELS, LABELS[:, :2], "content mask has regions that the style mask lacks: #0000ff"),
        (LABELS[:, :1], LABELS, "style mask has regions that the content mask lacks: #0000ff"),
    ],
)
def test_label_in_only_one_mask_is_an_error(content, style, sentence):
    with pytest.raises(InputError, match=sentence):
        common_labels(content, style)


def test_mask_with_too_many_colors_is_an_error(tmp_path, rng):
    save(tmp_path / "m.png", rng.integers(0, 2**24, (9, 9)))
    with pytest.raises(InputError, match=r"m.png has 81 colors; expected one flat color"):
        read_labels(tmp_path / "m.png")


def test_16_bit_mask_is_an_error(tmp_path):
    Image.fromarray(np.array([[0, 1, 2]], np.uint16)).save(tmp_path / "m.png")
    with pytest.raises(InputError, match="more than 8 bits"):
        read_labels(tmp_path / "m.png")


@pytest.mark.parametrize("quality", [60, 90])
def test_jpeg_mask_is_an_error_that_names_the_cause(tmp_path, quality):
    """With few almost equal colors as well as with many."""
    for size in (24, 400):
        halves = np.where(np.arange(size) < size // 3, RED, BLUE)[None].repeat(size, 0)
        path = save(tmp_path / "m.png", halves)
        Image.open(path).save(tmp_path / "m.jpg", quality=quality)
        with pytest.raises(
            InputError, match=r"m\.jpg has \d+ colors.*because JPEG changes.*as PNG"
        ):
            read_labels(tmp_path / "m.jpg")


def test_flat_jpeg_mask_is_read(tmp_path):
    Image.new("L", (16, 16), 255).save(tmp_path / "m.jpg")
    assert (read_labels(tmp_path / "m.jpg") == WHITE).all()


def test_profile_of_a_mask_is_ignored_with_a_notice(tmp_path):
    """Two masks with the same colors match, whatever profile one of them has."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    other = srgb.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    Image.open(save(tmp_path / "m.png", LABELS)).save(tmp_path / "m.png", icc_profile=other)
    assert np.array_equal(read_labels(tmp_path / "m.png"), LABELS)
    with pytest.warns(Notice, match=r"color profile of the mask .*m\.png is ignored"):
        warn_about_profile(tmp_path / "m.png")
    warn_about_profile(save(tmp_path / "plain.png", LABELS))  # warnings are errors in tests


def test_16_bit_color_mask_is_an_error(tmp_path):
    tifffile = pytest.importorskip("tifffile")
    tifffile.imwrite(tmp_path / "m.tif", np.ones((4, 4, 3), np.uint16), photometric="rgb")
    with pytest.raises(InputError, match="more than 8 bits"):
        read_labels(tmp_path / "m.tif")
