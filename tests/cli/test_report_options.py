"""--report and --frames as a person types them."""

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
def test_both_are_written(folder, words):
    assert transfer(f"{words} --report report.html --frames forming.gif") == 0
    page = (folder / "report.html").read_text("utf-8")
    assert "p.png in the style of a.png" in page
    assert "Derivative of style conv1_1" in page
    with Image.open("forming.gif") as image:
        assert image.n_frames > 2


def test_the_page_tells_the_command_as_a_shell_reads_it(folder):
    (folder / "b.png").rename("it's <b>\n.png")
    words = ["transfer", "p.png", "it's <b>\n.png", *QUICK.split(), "--report", "a b.html"]
    assert main(words) == 0
    page = (folder / "a b.html").read_text("utf-8")
    (command,) = re.findall("<pre><code>(.*)</code></pre>", page, re.S)
    assert shlex.split(html.unescape(command)) == ["nst-numpy", *words]


def test_a_convention_tells_what_is_in_force():
    told = settings_in_force(name="keras", content="p.png", style=["a.png"], iterations=7)
    assert told["convention"] == "keras"
    assert (told["iterations"], told["content_layer"]) == (7, "conv5_2")
    assert told["init"] == CONVENTIONS["keras"].start
    assert "ratio" not in told


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("--report report.txt", "report.txt: files with the extension .txt cannot be written"),
        ("--frames forming.mp4", "use .webp, .gif, .apng"),
        ("--report none/report.html", "There is no folder none"),
        ("--frames out.webp -o ./out.webp", "out.webp is the output already: choose another"),
        ("--frames b.webp --init b.webp", "b.webp is one of the input pictures"),
    ],
)
def test_a_mistake_is_told_before_the_work_starts(folder, capsys, words, sentence):
    (folder / "b.png").rename("b.webp")
    assert transfer(f"p.png a.png {words}") == 2
    assert sentence in capsys.readouterr().err
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "b.webp", "p.png"]
