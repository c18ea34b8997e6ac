"""Picture files of every mode, depth, transparency, profile and orientation.

Independent libraries write the files; one array of pixels is expected from all of them.
"""

import itertools
import struct
import subprocess
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms

from nst_numpy import InputError, read_picture, write_picture
from nst_numpy.images import picture_shape
from nst_numpy.utils.errors import Notice

png = pytest.importorskip("png")
tifffile = pytest.importorskip("tifffile")

H, W = 6, 9
PIXELS = np.random.default_rng(0).integers(0, 256, (H, W, 4), np.uint8)
PIXELS[..., 3] = np.where(PIXELS[..., 3] < 128, 0, 255)
PIXELS[0, 0] = 7, 50, 90, 255
FACTORS = {8: 1, 16: 257, 32: 16843009}
CHANNELS = {"L": [0], "LA": [0, 3], "RGB": [0, 1, 2], "RGBA": [0, 1, 2, 3]}
WHITE_POINT = 63190, 65536, 54061
COMMON_TAGS = {
    b"desc": b"desc" + bytes(4) + struct.pack(">I", 5) + b"test\0" + bytes(78),
    b"wtpt": b"XYZ " + bytes(4) + struct.pack(">3i", *WHITE_POINT),
}
RED_LAB = round(54.29 * 2.55), 128 + 81, 128 + 70
ORIENTED = {  # the upright picture for each EXIF orientation, by the definition in the standard
    1: lambda a: a,
    2: lambda a: a[:, ::-1],
    3: lambda a: a[::-1, ::-1],
    4: lambda a: a[::-1],
    5: lambda a: a.swapaxes(0, 1),
    6: lambda a: a[::-1].swapaxes(0, 1),
    7: lambda a: a[::-1, ::-1].swapaxes(0, 1),
    8: lambda a: a.swapaxes(0, 1)[::-1],
}


def stored(mode, depth):
    """The samples (H, W, C) of a file."""
    return PIXELS[..., CHANNELS[mode]].astype(f"u{depth // 8}") * np.array(
        FACTORS[depth], f"u{depth // 8}"
    )


def upright(mode):
    """The picture that is expected from a file of this mode, on white where it is transparent."""
    colors = PIXELS[..., :3] if mode.startswith("RGB") else PIXELS[..., [0, 0, 0]]
    return np.where(PIXELS[..., 3:] == 255, colors, 255) if mode.endswith("A") else colors


def write_png(path, samples, mode, depth, **options):
    """Write a PNG with pypng."""
    writer = png.Writer(
        W, H, greyscale=mode[0] == "L", alpha=mode.endswith("A"), bitdepth=depth, **options
    )
    with path.open("wb") as file:
        if options.get("interlace"):
            writer.write_array(file, samples.ravel().tolist())
        else:
            writer.write(file, samples.reshape(H, -1).tolist())
    return path


def check(path, expected, tolerance=0):
    """Both readers agree with the expected picture."""
    picture = read_picture(path)
    assert picture_shape(path) == picture.shape[:2] == expected.shape[:2]
    assert np.abs(picture - expected).max() <= tolerance


def insert_chunk(path, kind, data, late=False):
    """Insert a chunk into a PNG, before the pixels or after them."""
    content = path.read_bytes()
    chunk = struct.pack(">I", len(data)) + kind + data
    chunk += struct.pack(">I", zlib.crc32(chunk[4:]))
    place = content.rindex(b"IEND") - 4 if late else content.index(b"IDAT") - 4
    path.write_bytes(content[:place] + chunk + content[place:])
    return path


def exif_of(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    return exif


@pytest.mark.parametrize("mode", CHANNELS)
@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("interlace", [False, True])
def test_png_of_every_mode_and_depth(tmp_path, mode, depth, interlace):
    path = tmp_path / "p.png"
    check(write_png(path, stored(mode, depth), mode, depth, interlace=interlace), upright(mode))


@pytest.mark.parametrize("mode", ["L", "RGB"])
@pytest.mark.parametrize("depth", [8, 16])
def test_png_with_a_transparent_color(tmp_path, mode, depth):
    samples = stored(mode, depth)
    color = tuple(samples[0, 0].tolist())
    write_png(
        tmp_path / "p.png", samples, mode, depth, transparent=color if mode == "RGB" else color[0]
    )
    same = (samples == samples[0, 0]).all(axis=2, keepdims=True)
    check(tmp_path / "p.png", np.where(same, 255, upright(mode)))


def test_transparent_16_bit_color_is_compared_with_all_its_bits(tmp_path):
    """A color that differs in the low byte only is opaque."""
    for mode, samples in (("L", np.full((H, W, 1), 1000)), ("RGB", np.full((H, W, 3), 1000))):
        samples[0, 0] += 1
        color = 1000 if mode == "L" else (1000, 1000, 1000)
        write_png(tmp_path / "p.png", samples, mode, 16, transparent=color)
        expected = np.full((H, W, 3), 255)
        expected[0, 0] = 4
        check(tmp_path / "p.png", expected)


@pytest.mark.parametrize("depth", [1, 2, 4])
def test_png_of_few_levels_with_transparency(tmp_path, rng, depth):
    levels = rng.integers(0, 2**depth, (H, W))
    levels[0, 0] = 1
    gray = np.where(levels == 1, 255, levels * 255 // (2**depth - 1))
    check(
        write_png(tmp_path / "g.png", levels, "L", depth, transparent=1),
        gray[..., None].repeat(3, 2),
    )
    palette = rng.integers(0, 256, (2**depth, 4))
    palette[:, 3] = np.where(np.arange(2**depth) % 2, 255, 0)
    with (tmp_path / "p.png").open("wb") as file:
        rows = [tuple(color) for color in palette.tolist()]
        png.Writer(W, H, palette=rows, bitdepth=depth).write(file, levels.tolist())
    colors = palette[levels]
    check(tmp_path / "p.png", np.where(colors[..., 3:] == 255, colors[..., :3], 255))


TIFFS = [
    (mode, depth, order, compression, planar)
    for mode, depth, order, compression, planar in itertools.product(
        CHANNELS, (8, 16, 32), "<>", (None, "zlib"), ("contig", "separate")
    )
    # Pillow decodes no others.
    if not (depth == 32 and (mode != "L" or order == ">"))
    and not (mode == "LA" and (depth == 16 or planar == "separate"))
    and not (mode == "L" and planar == "separate")
    and not (mode == "RGBA" and planar == "separate" and compression)
]


@pytest.mark.parametrize(("mode", "depth", "order", "compression", "planar"), TIFFS)
def test_tiff_of_every_mode_and_depth(tmp_path, mode, depth, order, compression, planar):
    samples = stored(mode, depth)
    options = {"planarconfig": planar} if mode != "L" else {}
    options |= {"extrasamples": ["unassalpha"]} if mode.endswith("A") else {}
    tifffile.imwrite(
        tmp_path / "p.tif",
        samples[..., 0]
        if mode == "L"
        else samples
        if planar == "contig"
        else samples.transpose(2, 0, 1),
        photometric="rgb" if mode.startswith("RGB") else "minisblack",
        compression=compression,
        byteorder=order,
        **options,
    )
    check(tmp_path / "p.tif", upright(mode))


@pytest.mark.parametrize("depth", [8, 16])
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_tiff_whose_colors_are_multiplied_by_the_opacity(tmp_path, rng, depth, compression):
    opacity = rng.uniform(0.5, 1, (H, W, 1))
    top = 2**depth - 1
    samples = np.concatenate([PIXELS[..., :3] / 255 * opacity, opacity], axis=2) * top
    tifffile.imwrite(
        tmp_path / "p.tif",
        np.rint(samples).astype(f"u{depth // 8}"),
        photometric="rgb",
        extrasamples=["assocalpha"],
        compression=compression,
    )
    expected = PIXELS[..., :3] * opacity + 255 * (1 - opacity)
    check(tmp_path / "p.tif", expected, tolerance=2)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_tiff_in_which_zero_is_white(tmp_path, dtype):
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    factor = top / 255 if dtype == np.float32 else FACTORS[8 * np.dtype(dtype).itemsize]
    samples = (top - PIXELS[..., 0] * dtype(factor)).astype(dtype)
    tifffile.imwrite(tmp_path / "p.tif", samples, photometric="miniswhite")
    check(tmp_path / "p.tif", upright("L"))


@pytest.mark.parametrize("dtype", [np.int16, np.int32])
def test_signed_integers_range_to_their_largest_value(tmp_path, dtype):
    top = np.iinfo(dtype).max
    samples = np.rint(PIXELS[..., 0] / 255 * top).astype(dtype)
    samples[1, 1] = -5
    expected = upright("L").copy()
    expected[1, 1] = 0
    tifffile.imwrite(tmp_path / "p.tif", samples)
    check(tmp_path / "p.tif", expected)


def test_12_bits_range_to_4095(tmp_path):
    """Two samples of 12 bits in three bytes; no library of the tests writes them."""
    packed = np.tile(np.array([0xFF, 0xF8, 0x00], np.uint8), 4)  # 4095, 2048, ...
    header = struct.pack("<2sHIH", b"II", 42, 8, 8)
    tags = [(256, 4, 8), (257, 4, 1), (258, 3, 12), (259, 3, 1), (262, 3, 1)]
    tags += [(273, 4, 8 + 2 + 8 * 12 + 4), (278, 4, 1), (279, 4, 12)]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    (tmp_path / "p.tif").write_bytes(header + entries + bytes(4) + packed.tobytes())
    check(tmp_path / "p.tif", np.tile([[[255] * 3, [128] * 3]], (1, 4, 1)))


def test_largest_value_above_one_is_white_in_floating_point(tmp_path):
    tifffile.imwrite(tmp_path / "p.tif", np.array([[0, 1, 2, 4]], np.float32))
    check(tmp_path / "p.tif", np.array([0, 64, 128, 255])[None, :, None].repeat(3, 2))
    tifffile.imwrite(tmp_path / "p.tif", np.array([[-1, 0.5, 1]], np.float32))
    check(tmp_path / "p.tif", np.array([0, 128, 255])[None, :, None].repeat(3, 2))


def test_values_that_are_not_finite_are_an_error_that_names_the_file(tmp_path):
    tifffile.imwrite(tmp_path / "bad.tif", np.array([[0, np.inf]], np.float32))
    with pytest.raises(InputError, match=r"bad\.tif contains values that are not finite"):
        read_picture(tmp_path / "bad.tif")


def test_all_levels_of_16_bits_are_rounded(tmp_path):
    """rint(v / 257) for gray and for each channel of RGB, in PNG and TIFF."""
    v = np.arange(65536, dtype=np.uint16).reshape(256, 256)
    expected = np.rint(v / 257)
    rgb = np.stack([v, v[::-1], v.T], axis=2)
    gray_rows, color_rows = v.tolist(), rgb.reshape(256, -1).tolist()
    for path, rows, gray in (
        (tmp_path / "g.png", gray_rows, True),
        (tmp_path / "c.png", color_rows, False),
    ):
        with path.open("wb") as file:
            png.Writer(256, 256, greyscale=gray, bitdepth=16).write(file, rows)
    tifffile.imwrite(tmp_path / "g.tif", v)
    tifffile.imwrite(tmp_path / "c.tif", rgb, photometric="rgb", compression="zlib")
    for name in ("g.png", "g.tif"):
        assert np.array_equal(read_picture(tmp_path / name), expected[..., None].repeat(3, 2))
    for name in ("c.png", "c.tif"):
        assert np.array_equal(read_picture(tmp_path / name), np.rint(rgb / 257))


def test_dark_picture_of_many_bits_gives_a_notice(tmp_path):
    """Levels of 0..255 in a file of 16 bits are almost black."""
    tifffile.imwrite(tmp_path / "p.tif", PIXELS[..., 0].astype(np.uint16))
    with pytest.warns(
        Notice, match=r"p\.tif has levels of up to \d+ of 65535, so it is almost black"
    ):
        assert read_picture(tmp_path / "p.tif").max() == 1


@pytest.mark.parametrize("orientation", ORIENTED)
@pytest.mark.parametrize("place", ["p.jpg", "p.webp", "p.tif", "p.png", "late", "XMP", "late XMP"])
def test_every_orientation_turns_the_pixels(tmp_path, orientation, place):
    image, path = Image.fromarray(PIXELS[..., :3].copy()), tmp_path / place
    if "." in place:
        options = {"p.jpg": {"quality": 100, "subsampling": 0}, "p.webp": {"lossless": True}}
        image.save(path, exif=exif_of(orientation), **options.get(place, {}))
    else:
        path = tmp_path / "p.png"
        image.save(path)
        xmp = f'<x:xmpmeta tiff:Orientation="{orientation}"/>'.encode()
        kind, data = b"eXIf", exif_of(orientation).tobytes().removeprefix(b"Exif\0\0")
        if place.endswith("XMP"):
            kind, data = b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + xmp
        insert_chunk(path, kind, data, late=place.startswith("late"))
    check(path, ORIENTED[orientation](PIXELS[..., :3]), tolerance=6 if place == "p.jpg" else 0)


@pytest.mark.parametrize(("mode", "depth"), list(itertools.product(["L", "RGBA"], [8, 16])))
def test_orientation_after_the_pixels_of_every_mode(tmp_path, mode, depth):
    path = write_png(tmp_path / "p.png", stored(mode, depth), mode, depth)
    insert_chunk(path, b"eXIf", exif_of(6).tobytes().removeprefix(b"Exif\0\0"), late=True)
    check(path, ORIENTED[6](upright(mode)))


def test_damaged_exif_is_ignored_by_both_readers(tmp_path):
    for late in (False, True):
        path = write_png(tmp_path / "p.png", stored("RGB", 8), "RGB", 8)
        insert_chunk(path, b"eXIf", b"no exif at all", late)
        check(path, upright("RGB"))


def swapped_profile():
    """The sRGB profile with exchanged red and blue primaries."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return srgb.replace(b"rXYZ", b"----").replace(b"bXYZ", b"rXYZ").replace(b"----", b"bXYZ")


def icc_profile(space, pcs, tags):
    """An ICC profile of version 2 with some tags."""
    offset = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", offset + len(data), len(content))
        data += content + bytes(-len(content) % 4)
    header = struct.pack(
        ">I4sI4s4s4s", offset + len(data), b"lcms", 0x02400000, b"prtr", space, pcs
    )
    header += struct.pack(">6H", 2020, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += struct.pack(">3i", *WHITE_POINT)
    return header + bytes(128 - len(header)) + table + data


def gray_profile(gamma):
    """A gray profile with a gamma curve."""
    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(256 * gamma))
    return icc_profile(b"GRAY", b"XYZ ", COMMON_TAGS | {b"kTRC": curve})


def cmyk_profile():
    """A printer whose cyan ink is red: each corner of the table has the color of its inks."""
    corners = bytearray()
    for cyan, magenta, yellow, black in itertools.product((0, 1), repeat=4):
        paper = not (cyan or magenta or yellow or black)
        corners += bytes(RED_LAB if cyan and not black else (255 * paper, 128, 128))
    identity = struct.pack(">9i", *(np.eye(3, dtype=int) * 65536).ravel())
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + identity + bytes(range(256)) * 4
    lut += bytes(corners) + bytes(range(256)) * 3
    return icc_profile(b"CMYK", b"Lab ", COMMON_TAGS | {b"A2B0": lut})


def srgb_of_linear(v):
    """The sRGB curve of linear values 0..1, as 0..255."""
    return 255 * np.where(
        v <= 0.0031308, 12.92 * v, 1.055 * np.maximum(v, 1e-9) ** (1 / 2.4) - 0.055
    )


@pytest.mark.parametrize(("mode", "depth"), list(itertools.product(["L", "LA"], [8, 16])))
def test_gray_profile_is_applied_at_every_depth(tmp_path, mode, depth):
    """A linear gray profile brightens the picture; transparent parts stay white."""
    path = write_png(tmp_path / "p.png", stored(mode, depth), mode, depth)
    insert_chunk(path, b"iCCP", b"gray\0\0" + zlib.compress(gray_profile(1.0)))
    gray = srgb_of_linear(PIXELS[..., [0, 0, 0]] / 255)
    expected = np.where(PIXELS[..., 3:] == 255, gray, 255) if mode == "LA" else gray
    check(path, expected, tolerance=1.5)


def test_gray_profile_is_applied_to_16_bits_before_they_are_rounded(tmp_path):
    """A linear profile spreads the darkest 16-bit levels over many 8-bit levels."""
    v = np.arange(0, 1000, 5, dtype=np.uint16)[None]
    tifffile.imwrite(tmp_path / "p.tif", v, iccprofile=gray_profile(1.0))
    expected = srgb_of_linear(v / 65535)[..., None].repeat(3, 2)
    assert np.abs(read_picture(tmp_path / "p.tif") - expected).max() <= 1.5


@pytest.mark.parametrize(("mode", "depth"), list(itertools.product(["RGB", "RGBA", "P"], [8, 16])))
def test_profile_of_colors_is_applied_in_every_mode(tmp_path, mode, depth):
    """A profile with exchanged red and blue primaries exchanges red and blue."""
    path, colors = tmp_path / "p.png", np.zeros((H, W, 4), int)
    colors[..., 0], colors[..., 3] = 200, 255
    colors[:3, :, 3] = 0
    if mode == "P":
        image = Image.new("P", (W, H), 0)
        image.putpalette([200, 0, 0])
        image.save(path)
        colors[..., 3] = 255
    else:
        write_png(path, colors[..., CHANNELS[mode]] * FACTORS[depth], mode, depth)
        colors[..., 3] = colors[..., 3] if mode == "RGBA" else 255
    insert_chunk(path, b"iCCP", b"swap\0\0" + zlib.compress(swapped_profile()))
    check(path, np.where(colors[..., 3:] == 255, [0, 0, 200], 255), tolerance=2)


def test_profile_of_colors_applies_to_gray(tmp_path):
    """Cameras store gray with an sRGB profile: the picture does not change."""
    srgb = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    for depth in (8, 16):
        path = write_png(tmp_path / "p.png", stored("L", depth), "L", depth)
        insert_chunk(path, b"iCCP", b"srgb\0\0" + zlib.compress(srgb))
        check(path, upright("L"), tolerance=1)


def test_profile_of_another_color_space_is_ignored(tmp_path):
    path = write_png(tmp_path / "p.png", stored("RGB", 8), "RGB", 8)
    insert_chunk(path, b"iCCP", b"gray\0\0" + zlib.compress(gray_profile(1.0)))
    check(path, upright("RGB"))


@pytest.mark.parametrize("depth", [8, 16])
def test_cmyk_with_a_profile_and_without(tmp_path, depth):
    inks = np.zeros((H, W, 4), f"u{depth // 8}")
    inks[0, 0, 0], inks[0, 1, 3] = 2**depth - 1, 2**depth - 1
    expected = np.full((H, W, 3), 255)
    expected[0, 0], expected[0, 1] = (0, 255, 255), 0
    tifffile.imwrite(tmp_path / "p.tif", inks, photometric="separated")
    check(tmp_path / "p.tif", expected)
    tifffile.imwrite(tmp_path / "p.tif", inks, photometric="separated", iccprofile=cmyk_profile())
    expected[0, 0] = 255, 0, 0
    check(tmp_path / "p.tif", expected, tolerance=4)


def test_jpeg_keeps_the_full_resolution_of_colors(tmp_path):
    """Red and blue columns of one pixel stay red and blue."""
    stripes = np.zeros((16, 16, 3))
    stripes[:, ::2, 0], stripes[:, 1::2, 2] = 255, 255
    write_picture(tmp_path / "p.jpg", stripes)
    assert np.abs(read_picture(tmp_path / "p.jpg") - stripes).mean() < 12


def pages(path, sizes, subfile_types):
    """Write a TIFF with one page of a gray level for each size."""
    with tifffile.TiffWriter(path) as file:
        for i, (size, kind) in enumerate(zip(sizes, subfile_types, strict=True)):
            file.write(np.full(size, 10 + i, np.uint8), subfiletype=kind, photometric="minisblack")
    return path


def test_page_that_is_marked_as_reduced_is_skipped(tmp_path):
    path = pages(tmp_path / "p.tif", [(6, 9), (60, 90), (30, 45)], [1, 0, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check(path, np.full((60, 90, 3), 11))


def test_larger_page_gives_a_notice(tmp_path):
    path = pages(tmp_path / "p.tif", [(6, 9), (60, 90)], [0, 0])
    with pytest.warns(
        Notice,
        match=r"p\.tif has 2 pages; page 1 with 9 x 6 pixels is used.*page 2 has 90 x 60 pixels",
    ):
        picture = read_picture(path)
    assert picture_shape(path) == picture.shape[:2] == (6, 9)


def test_preview_without_its_picture_gives_a_notice(tmp_path):
    with pytest.warns(Notice, match="only a preview of 9 x 6 pixels.*camera raw"):
        read_picture(pages(tmp_path / "p.tif", [(6, 9)], [1]))


def test_no_picture_starts_a_program(tmp_path, monkeypatch):
    """EPS would start Ghostscript; files that no decoder of this process reads are refused."""
    started = []
    for name in ("Popen", "run", "call", "check_call", "check_output"):
        monkeypatch.setattr(subprocess, name, lambda *a, **k: started.append(a))
    monkeypatch.setattr("os.system", started.append)
    Image.fromarray(PIXELS[..., :3].copy()).save(tmp_path / "p.eps")
    (tmp_path / "p.png").write_bytes((tmp_path / "p.eps").read_bytes())
    (tmp_path / "p.wmf").write_bytes(b"\xd7\xcd\xc6\x9a" + bytes(80))
    for name, kind in (("p.eps", "PostScript"), ("p.png", "PostScript"), ("p.wmf", "metafile")):
        for read in (read_picture, picture_shape):
            with pytest.raises(InputError, match=rf"{name} is a.*{kind}.*export"):
                read(tmp_path / name)
    assert not started


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\0\0\0\x18ftypheic", "a HEIC picture.*export it as PNG"),
        (b"\0\0\0\x18ftypmif1", "a HEIC picture"),
        (b"\0\0\0\x18ftypcrx ", "a camera raw file"),
        (b"\0\0\0\x18ftypisom", "a video"),
        (b"\xff\x0a" + bytes(9), "a JPEG XL picture"),
        (b"\0\0\0\x0cJXL \r\n\x87\n", "a JPEG XL picture"),
        (b"<svg xmlns='x'>", "an SVG drawing"),
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- c --><svg>", "an SVG drawing"),
        (b"<!DOCTYPE html><html>", "a web page.*download the picture itself"),
        (b"\n  <HTML>", "a web page"),
        (b"%PDF-1.7", "a PDF document"),
        (b"8BPS\0\2" + bytes(20), "a Photoshop file"),
        (b"gimp xcf v011", "a GIMP project"),
        (b"v/1\x01" + bytes(8), "an OpenEXR picture"),
        (b"PK\x03\x04" + bytes(30), "a zip file"),
        (b"\x1f\x8b\x08" + bytes(30), "a compressed file"),
        (b"\x93NUMPY\x01\0", "a NumPy array.*numpy.load"),
        (b"\x89PNG\r\n\x1a\n", "a damaged or truncated PNG"),
        (b"II*\0\x08\0\0\0\0\0", "a TIFF of a kind"),
        ("Grüße\n".encode(), "a text file"),
        (bytes(range(1, 200)), "not a picture in a supported format"),
        (b"", "empty"),
    ],
)
def test_message_says_what_a_file_is(tmp_path, start, kind):
    path = Path(tmp_path / "photo.jpg")
    path.write_bytes(start)
    for read in (read_picture, picture_shape):
        with pytest.raises(InputError, match=rf"photo\.jpg is {kind}"):
            read(path)


@pytest.mark.parametrize(
    "address", ["https://example.com/a.jpg", "http:/example.com/a.jpg", "ftp://example.com/a.jpg"]
)
def test_web_address_is_named_as_such(address):
    for form in (address, Path(address)):
        with pytest.raises(InputError, match=r"\w+://example.com/a.jpg is a web address.*download"):
            read_picture(form)
