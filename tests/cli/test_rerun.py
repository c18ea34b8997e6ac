"""The metadata of a picture describes its job, and the job repeats it byte for byte."""

import json
import os
import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from nst_numpy import read_picture, write_picture
from nst_numpy.cli import main
from nst_numpy.images.metadata import read_metadata

QUICK = "--size 32 --weights random --original-weights --iterations 2"
LAYERS = "--style-layers conv1_1,conv2_1"
CONTROLS = (
    "--style-blend 3,1 --style-scale 0.9 --laplacian 0.1 --tv 0.2 --tv-kind nine-point "
    "--color match --scales 24:1 --average 2 --padding reflect --style-loss covariance --init noise"
)


def paint(words, command="transfer p.png a.png"):
    assert main(f"{command} {words} {QUICK}".split()) == 0


@pytest.mark.parametrize(
    "words",
    [
        LAYERS,
        f"b.png {LAYERS} {CONTROLS}",
        f"{LAYERS} --content-mask m.png --style-mask m.png --seed 3 --init b.png",
        "--convention gatys",
        "--convention anishathalye --tv 0",
        f"{LAYERS} --optimizer lbfgsb --memory 2000",
    ],
)
def test_rerun_repeats_a_picture_byte_for_byte(folder, capsys, words):
    mask = np.zeros((24, 32, 3))
    mask[:, 16:] = 255
    write_picture("m.png", mask)
    paint(f"{words} -o out.png")
    assert main(["rerun", "out.png"]) == 0
    assert "out-again.png is identical to out.png" in capsys.readouterr().out
    assert Path("out-again.png").read_bytes() == Path("out.png").read_bytes()


@pytest.mark.parametrize("kind", ["content --layer conv2_1", "style --layers conv1_1,conv2_1"])
def test_rerun_repeats_reconstructions(folder, capsys, kind):
    paint("-o out.png", f"reconstruct {kind} p.png")
    assert main(["rerun", "out.png"]) == 0
    assert "out-again.png is identical to out.png" in capsys.readouterr().out


def test_rerun_accepts_other_formats_and_run_folders(folder):
    for name in ("out.jpg", "out.webp"):
        paint(f"{LAYERS} -o {name}")
        assert main(["rerun", name]) == 0
        again = Path(name).with_stem("out-again")
        assert again.read_bytes() == Path(name).read_bytes()
    paint(f"{LAYERS} -o out.png --run run")
    expected = Path("out.png").read_bytes()
    for source in ("run", "run/run.json"):
        assert main(["rerun", source, "-o", "other.png"]) == 0
        assert Path("other.png").read_bytes() == expected


def test_rerun_repeats_pictures_of_a_sweep(folder, capsys):
    words = f"sweep --content p.png --style a.png --jobs 1 -o cells {LAYERS} {QUICK}"
    assert main(words.replace("--original-weights", "--original-weights yes").split()) == 0
    (cell,) = Path("cells").glob("p-*.png")
    assert main(["rerun", str(cell), "-o", "again.png"]) == 0
    assert "is identical to" in capsys.readouterr().out


def test_metadata_does_not_depend_on_time_or_machine(folder):
    paint(f"{LAYERS} -o out.png --seed 7")
    note = read_metadata("out.png")
    assert list(note) == ["job", "settings", "files", "versions"]
    assert note["settings"]["seed"] == 7
    assert set(note["files"]) == {"p.png", "a.png"}
    assert note["versions"]["numpy"] == np.__version__
    assert "threads" not in note["settings"]
    assert "out.png" not in json.dumps(note)


def test_files_are_found_next_to_the_picture(folder, monkeypatch, tmp_path_factory):
    """Also files without a suffix, and files with another name."""
    shutil.copy("p.png", "photo")
    paint(f"{LAYERS} -o out.png", "transfer photo a.png")
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["rerun", str(folder / "out.png")]) == 0
    os.remove(folder / "photo")  # p.png has the same content
    assert main(["rerun", str(folder / "out.png")]) == 0
    os.remove(folder / "p.png")
    assert main(["rerun", str(folder / "out.png")]) == 2
    os.rename(folder / "a.png", "b.PNG")
    shutil.copy(folder / "out.png", "out.png")
    assert main(["rerun", "out.png"]) == 2


def test_invalid_sources_are_errors(folder, capsys):
    paint(f"{LAYERS} -o out.png")
    Image.open("out.png").save("edited.png")
    write_picture("odd.png", read_picture("p.png"), {"job": 3})
    write_picture("a.png", np.zeros((24, 32, 3)))
    (folder / "empty").mkdir()
    for source, sentence in {
        "out.png": "a.png has changed since out.png was made from it",
        "edited.png": "edited.png has no metadata about how it was made",
        "odd.png": "odd.png is not the record of a run",
        "none.png": "There is no picture none.png",
        "empty": "empty is not the folder of a run",
        "out.png -o a.png": "a.png has changed",
    }.items():
        assert main(["rerun", *source.split()]) == 2
        assert sentence in capsys.readouterr().err


def test_rerun_compares_pixels_of_a_file_that_was_stored_again(folder, capsys):
    paint(f"{LAYERS} -o out.png")
    shutil.copy("out.png", "OUT2.PNG")
    assert main(["rerun", "OUT2.PNG", "-o", "again.png"]) == 0
    assert "again.png is identical to OUT2.PNG" in capsys.readouterr().out
    with Image.open("out.png") as image:
        text = PngInfo()
        text.add_text("nst_numpy", image.info["nst_numpy"])
        image.save("small.png", pnginfo=text, optimize=True, compress_level=1)
        changed = np.array(image)
        changed[0, 0, 0] ^= 1
        Image.fromarray(changed).save("edited.png", pnginfo=text)
    assert main(["rerun", "small.png"]) == 0
    assert "small-again.png has the same pixels as small.png" in capsys.readouterr().out
    assert main(["rerun", "edited.png"]) == 0
    assert "edited-again.png differs from edited.png" in capsys.readouterr().out
