"""Reading and writing pictures: every image mode, damaged files, atomic output, contact sheets."""

import numpy as np
import pytest
from PIL import Image, ImageCms, ImageFont

from nst_numpy import InputError, read_picture, write_picture
from nst_numpy.images import (
    add_letter_and_inset,
    check_output,
    make_contact_sheet,
    picture_shape,
    placeholder_picture,
    resize,
    scaled_size,
)
from nst_numpy.images.draw_text import text_image, wrapped


@pytest.fixture
def flat(tmp_path):
    """Write a picture of one color in a Pillow mode and return its path."""

    def write(mode, color, name="p.png", **options):
        Image.new(mode, (5, 4), color).save(tmp_path / name, **options)
        return tmp_path / name

    return write


@pytest.mark.parametrize(
    ("mode", "color", "name", "expected"),
    [
        ("RGB", (10, 20, 30), "p.png", (10, 20, 30)),
        ("L", 77, "p.png", (77, 77, 77)),
        ("1", 1, "p.png", (255, 255, 255)),
        ("LA", (77, 0), "p.png", (255, 255, 255)),
        ("RGBA", (0, 0, 0, 0), "p.png", (255, 255, 255)),
        ("RGBA", (10, 20, 30, 255), "p.png", (10, 20, 30)),
        ("I;16", 65535, "p.png", (255, 255, 255)),
        ("I;16", 257 * 40, "p.tif", (40, 40, 40)),
        ("F", 1.0, "p.tif", (255, 255, 255)),
        ("CMYK", (0, 0, 0, 255), "p.tif", (0, 0, 0)),
        ("LAB", (255, 128, 128), "p.tif", (255, 255, 255)),
    ],
)
def test_every_mode_is_read_as_rgb(flat, mode, color, name, expected):
    picture = read_picture(flat(mode, color, name))
    assert picture.shape == (4, 5, 3)
    assert picture.dtype == np.float32
    assert np.abs(picture - expected).max() <= 1


def test_half_transparent_black_becomes_gray(flat):
    assert np.abs(read_picture(flat("RGBA", (0, 0, 0, 128))) - 127).max() <= 1


def test_transparent_palette_color_becomes_white(tmp_path):
    image = Image.new("P", (4, 4), 0)
    image.putpalette([0, 0, 0, 255, 0, 0])
    image.save(tmp_path / "p.gif", transparency=0)
    assert (read_picture(tmp_path / "p.gif") == 255).all()


def test_exif_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn by 90 degrees
    Image.new("RGB", (8, 2)).save(tmp_path / "p.jpg", exif=exif)
    assert read_picture(tmp_path / "p.jpg").shape == (8, 2, 3)


@pytest.mark.parametrize("ending", ["jpg", "png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(9))
def test_picture_shape_equals_shape_of_the_array(tmp_path, ending, orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = tmp_path / f"p.{ending}"
    Image.new("RGB", (8, 2)).save(path, exif=exif)
    assert picture_shape(path) == read_picture(path).shape[:2]


def test_picture_shape_needs_only_the_header(tmp_path):
    path = tmp_path / "p.png"
    Image.new("RGB", (80, 20)).save(path)
    path.write_bytes(path.read_bytes()[:60])
    with pytest.raises(InputError, match="damaged or truncated"):
        read_picture(path)
    assert picture_shape(path) == (20, 80)
    path.write_bytes(b"")
    with pytest.raises(InputError, match=r"p\.png is empty"):
        picture_shape(path)


@pytest.mark.parametrize(("mode", "ending"), [("RGB", "jpg"), ("RGBA", "png"), ("F", "tif")])
def test_reading_with_size_equals_resizing_after_reading(tmp_path, rng, mode, ending):
    path = tmp_path / f"p.{ending}"
    Image.fromarray(rng.integers(0, 255, (50, 70, 3), np.uint8)).convert(mode).save(path)
    assert np.array_equal(read_picture(path, 32), resize(read_picture(path), (32, 23)))


def test_icc_profile_is_applied(flat):
    """A profile with exchanged red and blue primaries turns red into blue."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    exchanged = srgb.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")
    path = flat("RGB", (200, 0, 0), icc_profile=exchanged)
    assert np.abs(read_picture(path) - (0, 0, 200)).max() <= 2
    path = flat("RGB", (200, 0, 0), icc_profile=srgb)
    assert np.abs(read_picture(path) - (200, 0, 0)).max() <= 2


def test_invalid_icc_profile_is_ignored(flat):
    assert np.abs(read_picture(flat("RGB", (60, 60, 60), icc_profile=b"none")) - 60).max() <= 1


def test_size_is_the_longer_side(tmp_path):
    Image.new("RGB", (30, 20)).save(tmp_path / "p.png")
    assert read_picture(tmp_path / "p.png", 15).shape == (10, 15, 3)
    assert scaled_size(7, (1, 1000)) == (7, 1)


def test_resize_keeps_a_flat_color():
    assert (resize(np.full((9, 7, 3), 200.0), (4, 5)) == 200).all()


@pytest.mark.parametrize("name", ["p.png", "p.tif", "p.bmp", "p.JPG", "p.webp"])
def test_written_pictures_can_be_read(tmp_path, name):
    smooth = np.linspace(0, 255, 16 * 16).reshape(16, 16, 1).repeat(3, axis=2)
    write_picture(tmp_path / name, smooth)
    assert np.abs(read_picture(tmp_path / name) - smooth).max() < 12
    assert [path.name for path in tmp_path.iterdir()] == [name]


def test_values_are_clipped_before_rounding(tmp_path):
    write_picture(tmp_path / "p.png", np.full((2, 2, 3), 300.0))
    assert (read_picture(tmp_path / "p.png") == 255).all()


def test_failed_write_keeps_the_previous_file(tmp_path, monkeypatch):
    write_picture(tmp_path / "p.png", np.zeros((2, 2, 3)))

    def full_disk(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full_disk)
    with pytest.raises(InputError, match=r"p.png cannot be written: .*No space"):
        write_picture(tmp_path / "p.png", np.full((2, 2, 3), 9.0))
    assert (read_picture(tmp_path / "p.png") == 0).all()
    assert len(list(tmp_path.iterdir())) == 1


def _file(tmp_path, content, name="p.png"):
    (tmp_path / name).write_bytes(content)
    return tmp_path / name


def test_unreadable_pictures_are_errors(tmp_path, flat):
    whole = flat("RGB", (1, 2, 3)).read_bytes()
    cases = [
        (tmp_path / "none.png", "no picture"),
        (tmp_path, "is a folder"),
        (_file(tmp_path, b"", "e.png"), "is empty"),
        (_file(tmp_path, b"<html>"), "is a web page"),
    ]
    for path, sentence in cases:
        with pytest.raises(InputError, match=sentence):
            read_picture(path)
    with pytest.raises(InputError, match="damaged or truncated"):
        read_picture(_file(tmp_path, whole[: len(whole) - 25]))


def test_decompression_bomb_is_not_opened(flat, monkeypatch):
    path = flat("RGB", (1, 2, 3))
    for limit in (15, 5):  # Pillow warns above its limit and raises above twice the limit
        monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", limit)
        with pytest.raises(InputError, match="too many to open safely"):
            read_picture(path)


def test_unwritable_outputs_are_errors(tmp_path):
    (tmp_path / "in.png").touch()
    for path, sentence in (
        (tmp_path / "out.xyz", "extension .xyz"),
        (tmp_path / "out", r"extension \(none\)"),
        (tmp_path / "none" / "out.png", "no folder"),
        (tmp_path / "in.png", "one of the input pictures"),
    ):
        with pytest.raises(InputError, match=sentence):
            check_output(path, inputs=[tmp_path / "in.png"])
    check_output(tmp_path / "out.png", inputs=[tmp_path / "in.png"])
    assert not (tmp_path / "out.png").exists()


def test_contact_sheet_labels_do_not_change_the_pictures(rng):
    """Labels are outside of the grid, which equals the grid without labels."""
    rows = rng.uniform(0, 255, (2, 3, 40, 60, 3))
    plain = make_contact_sheet(rows, (60, 40))
    labeled = make_contact_sheet(
        rows, (60, 40), column_labels=["a", "b", "c"], row_labels=["d", "long words " * 9]
    )
    H, W = plain.shape[:2]
    assert np.array_equal(labeled[-H:, -W:], plain)
    assert (labeled[:-H, -W:] < 128).any()
    assert (labeled[-H:, :-W] < 128).any()
    assert (labeled[:-H, :-W] == 255).all()


def test_text_stays_within_its_width():
    for text in ("one", "one two three four five", "conv1_1,conv2_1,conv3_1", "x" * 99, ""):
        image = text_image(text, 80, 200)
        assert image.width <= 80
        lines = list(wrapped(text, 74, ImageFont.load_default(14)))
        assert "".join("".join(lines).split()) == "".join(text.split())


def test_placeholder_has_the_size_of_the_picture():
    page = placeholder_picture("There is no such picture. " * 9, (90, 50))
    assert page.shape == (50, 90, 3)
    assert (page[0] == (178, 34, 34)).all()


def test_letter_and_inset_change_only_the_corners():
    page = add_letter_and_inset(np.full((60, 90, 3), 99.0), "A", np.zeros((30, 30, 3)))
    assert page.shape == (60, 90, 3)
    assert (page[:, 45:] == 99).all()
    assert (page[-8:-4, 4:8] == 0).all()
