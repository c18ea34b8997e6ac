"""Valid, damaged and mislabeled image files, with unusual names."""

import io
import os
import socket
import struct
import zlib
from itertools import product

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

WIDTH, HEIGHT = 45, 37  # numbers that do not occur in headers for other reasons
MODES = ("1", "L", "P", "RGB", "RGBA", "LA", "CMYK", "YCbCr", "LAB", "HSV", "I", "F", "I;16", "PA")
OPTIONS = {
    "TIFF": [{"compression": name} for name in ("raw", "tiff_lzw", "tiff_deflate", "packbits")],
    "JPEG": [{}, {"progressive": True}, {"icc_profile": b"none"}],
    "PNG": [{}, {"icc_profile": b"none"}, {"transparency": 0}],
    "WEBP": [{"lossless": True}, {"quality": 50}],
}
OBSTACLES = ("folder", "pipe", "socket", "device", "empty", "text", "loop", "nowhere", "missing")
OBSTACLES += ("inside a file", "unreadable", "a link", "random")
NAMES = ["with spaces.png", "new\nline.png", "grün.png", "画.png", "-dash.png", "--size.png"]
NAMES += ["\udcff\udcfe.png", "y" * 246 + ".png", "{0}%s.png", "'\".png", "\x1b[31m.png", ".png"]
NAMES += ["a\u202eb.png", "a,b.png", "*.png", "~.png", "noise", "content", "no ending", "p.png.gz"]
ROLES = {
    "content": ["transfer", "{}", "a.png"],
    "style": ["transfer", "p.png", "{}"],
    "second style": ["transfer", "p.png", "a.png", "{}"],
    "init": ["transfer", "p.png", "a.png", "--init", "{}"],
    "content mask": ["transfer", "p.png", "a.png", "--content-mask={}", "--style-mask=m.png"],
    "style mask": ["transfer", "p.png", "a.png", "--content-mask=m.png", "--style-mask={}"],
    "reconstruct": ["reconstruct", "style", "{}", "--layers", "conv1_1"],
    "weights": ["transfer", "p.png", "a.png", "--weights", "{}"],
}
QUICK = ["--size", "26", "--iterations", "1", "--output", "out.png"]


def valid_files(rng):
    """{name: bytes} of an image in every format, mode and encoding that Pillow writes."""
    pixels = rng.integers(0, 256, (HEIGHT, WIDTH, 4), np.uint8)
    source, found = Image.fromarray(pixels), {}
    Image.init()
    for form, mode in product(sorted(Image.SAVE), MODES):
        for i, options in enumerate(OPTIONS.get(form, [{}])):
            file = io.BytesIO()
            try:
                in_mode(source, mode).save(file, form, **options)
            except Exception:  # this format does not support the mode
                continue
            found[f"{form} {mode} {i}"] = file.getvalue()
    return found | animated(source) | rotated(source)


def in_mode(source, mode):
    """The image, converted to a mode."""
    if mode in ("I", "F", "I;16"):
        values = np.asarray(source.convert("L"), np.float64)
        kind = {"I": np.int32, "F": np.float32, "I;16": np.uint16}[mode]
        return Image.fromarray((values / 255 if mode == "F" else values * 257).astype(kind))
    if mode == "LAB":
        to = ImageCms.createProfile("LAB")
        return ImageCms.profileToProfile(
            source.convert("RGB"), ImageCms.createProfile("sRGB"), to, outputMode="LAB"
        )
    if mode == "PA":
        return source.convert("P").convert("PA")
    return (source.convert("RGB") if mode in ("YCbCr", "HSV", "CMYK") else source).convert(mode)


def animated(source):
    """{name: bytes} of three frames in each format that supports frames."""
    found, others = {}, [source.rotate(angle) for angle in (90, 180)]
    for form in ("GIF", "PNG", "WEBP", "TIFF", "AVIF"):
        file = io.BytesIO()
        source.save(file, form, save_all=True, append_images=others)
        found[f"{form} animated"] = file.getvalue()
    return found


def rotated(source):
    """{name: bytes} of JPEG files with every EXIF orientation, valid and invalid."""
    found = {}
    for orientation in (*range(10), 255, 65535):
        exif, file = Image.Exif(), io.BytesIO()
        exif[0x0112] = orientation
        source.convert("RGB").save(file, "JPEG", exif=exif)
        found[f"JPEG rotated {orientation}"] = file.getvalue()
    return found


def sizes():
    """{name: bytes} of images with unusual sizes."""
    found = {}
    for W, H in ((1, 1), (1, 300), (300, 1), (2, 2), (26, 26), (16, 400), (3000, 20)):
        file = io.BytesIO()
        Image.new("RGB", (W, H), "gray").save(file, "PNG")
        found[f"{W} x {H}"] = file.getvalue()
    return found


def bombs():
    """{name: bytes} of small files that expand to large images."""
    found = {}
    for form, mode, side in (
        *(("PNG", "1", 20_000), ("GIF", "L", 20_000), ("TIFF", "1", 30_000)),
        *(("PNG", "RGBA", 5_000), ("PNG", "I;16", 6_000), ("GIF", "P", 6_000)),
    ):
        file = io.BytesIO()
        options = {"compression": "group4"} if form == "TIFF" else {}
        Image.new(mode, (side, side)).save(file, form, **options)
        found[f"bomb {form} {side}"] = file.getvalue()
    text, file = PngImagePlugin.PngInfo(), io.BytesIO()
    text.add_text("bomb", "\0" * 40_000_000, zip=True)
    Image.new("L", (26, 20)).save(file, "PNG", pnginfo=text)
    found["bomb zTXt"] = file.getvalue()
    file = io.BytesIO()
    Image.new("L", (26, 20)).save(file, "PNG", icc_profile=bytes(40_000_000))
    found["bomb iCCP"] = file.getvalue()
    return found


def truncated(content, rng):
    """The beginning of a file."""
    return content[: rng.integers(0, len(content))]


def flipped(content, rng):
    """A file with some bits flipped, half of them in the first hundred bytes."""
    changed = bytearray(content)
    for _ in range(rng.integers(1, 9)):
        changed[rng.integers(0, min(len(changed), rng.choice([100, len(changed)])))] ^= (
            1 << rng.integers(0, 8)
        )
    return bytes(changed)


def mislabeled(content, rng):
    """A file with another width or height in its header, and a matching checksum."""
    false_side = int(rng.choice([0, 1, 3, 255, 4_000, 65_535, 100_000, 2**31 - 1, 2**32 - 1]))
    side = int(rng.choice([WIDTH, HEIGHT]))
    head, tail = content[:400], content[400:]
    for layout in ("<I", ">I", "<H", ">H"):
        most = 2 ** (8 * struct.calcsize(layout)) - 1
        for offset in (0, 1):  # some headers store the size minus one
            true_side = struct.pack(layout, side - offset)
            head = head.replace(true_side, struct.pack(layout, min(false_side, most)))
    if head.startswith(b"\x89PNG"):
        head = head[:29] + struct.pack(">I", zlib.crc32(head[12:29])) + head[33:]
    return head + tail


def place(kind, path, rng):
    """Create something other than an image where an image is expected."""
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        with socket.socket(socket.AF_UNIX) as server:
            here = os.open(path.parent, os.O_RDONLY)  # the path of a socket must be short
            server.bind(f"/proc/self/fd/{here}/{path.name}")
            os.close(here)
    elif kind in ("device", "loop", "nowhere", "a link"):
        to = {"device": "/dev/zero", "loop": path.name, "nowhere": "none.png", "a link": "p.png"}
        path.symlink_to(to[kind])
    elif kind == "unreadable":
        path.write_bytes((path.parent / "p.png").read_bytes())
        path.chmod(0)
    elif kind in ("empty", "text", "random"):
        text = {"empty": b"", "text": b"no picture\n", "random": rng.bytes(5000)}
        path.write_bytes(text[kind])
