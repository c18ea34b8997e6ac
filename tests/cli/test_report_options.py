"""The options --report and --frames."""

import html
import re
import shlex

import pytest
from PIL import Image

from nst_numpy.cli import main
from nst_numpy.cli.report_options import settings_in_force
from nst_numpy.paper import CONVENTIONS

QUICK = "--size 32 --iterations 3 --weights random -o out.png"


def transfer(words):
    return main(["transfer", *QUICK.split(), *shlex.split(words)])


@pytest.mark.parametrize(
    "words",
    [
        "p.png a.png",
        "p.png a.png b.png --color luminance --scales 24:2",
        "p.png a.png --convention neural-style --tv 0",
    ],
)
def test_report_and_frames_are_written(folder, words):
    assert transfer(f"{words} --report report.html --frames forming.gif") == 0
    page = (folder / "report.html").read_text("utf-8")
    assert "p.png in the style of a.png" in page
    assert "Gradient of style conv1_1" in page
    with Image.open("forming.gif") as image:
        assert image.n_frames > 2


def test_page_shows_the_command_quoted_for_a_shell(folder):
    (folder / "b.png").rename("it's <b>\n.png")
    words = ["transfer", "p.png", "it's <b>\n.png", *QUICK.split(), "--report", "a b.html"]
    assert main(words) == 0
    page = (folder / "a b.html").read_text("utf-8")
    (command,) = re.findall("<pre><code>(.*)</code></pre>", page, re.S)
    assert shlex.split(html.unescape(command)) == ["nst-numpy", *words]


def test_report_shows_the_settings_of_a_convention():
    shown = settings_in_force(
        {"name": "keras", "content": "p.png", "style": ["a.png"], "iterations": 7}
    )
    assert shown["convention"] == "keras"
    assert (shown["iterations"], shown["content_layer"]) == (7, "conv5_2")
    assert shown["init"] == CONVENTIONS["keras"].start
    assert "ratio" not in shown


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--report report.txt", "report.txt: files with the extension .txt cannot be written"),
        ("--frames forming.mp4", "use .webp, .gif, .apng"),
        ("--report none/report.html", "There is no folder none"),
        ("--frames out.webp -o ./out.webp", "out.webp is also the output: choose another"),
        ("--frames b.webp --init b.webp", "b.webp is one of the input pictures"),
    ],
)
def test_invalid_paths_are_errors_before_the_job_starts(folder, capsys, words, sentence):
    (folder / "b.png").rename("b.webp")
    assert transfer(f"p.png a.png {words}") == 2
    assert sentence in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.webp", "p.png"]
