"""Options of the controls: masks, blending, color, other losses."""

import numpy as np
import pytest

from nst_numpy import read_picture, write_picture
from nst_numpy.cli import main


@pytest.fixture
def pictures(tmp_path, rng, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p.png", "a.png", "b.png"):
        write_picture(name, rng.uniform(0, 255, (20, 26, 3)))
    left = np.zeros((20, 26, 3))
    left[:, :13] = 255
    write_picture("halves.png", left)
    write_picture("small.png", left[::2, ::2])
    write_picture("white.png", np.full((20, 26, 3), 255.0))


def transfer(*words):
    quick = ["--size", "26", "--iterations", "2", "--weights", "random", "-o", "out.png"]
    return main(["transfer", "p.png", *words, *quick])


@pytest.mark.parametrize(
    "words",
    [
        "a.png b.png --style-blend 3,1 --style-scale 1.5",
        "a.png --style-loss wasserstein --laplacian 0.1 --tv 0.01 --tv-kind nine-point",
        "a.png --content-layer conv2_1,conv4_2 --content-weights 1,3 --style-size 40",
        "a.png --content-mask halves.png --style-mask halves.png --color match-pca",
        "a.png b.png --content-mask halves.png --style-mask white.png halves.png",
        "a.png --color luminance --content-loss laplacian",
    ],
)
def test_controls_write_pictures(pictures, words):
    assert transfer(*words.split()) == 0
    assert read_picture("out.png").shape == (20, 26, 3)


def test_a_notice_is_one_sentence_and_not_an_error(pictures, capsys):
    words = "a.png --content-mask small.png --style-mask halves.png --style-layers conv1_1"
    assert transfer(*words.split()) == 0
    notices = [
        line for line in capsys.readouterr().err.splitlines() if line.startswith("nst-numpy")
    ]
    assert notices == [
        "nst-numpy: The content mask has 13 x 10 pixels, its picture 26 x 20: it was resized."
    ]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("a.png b.png --style-blend 1", "There are 2 styles and 1 weights to blend them"),
        ("a.png b.png --style-blend 0,0", "weights of the styles sum to zero"),
        ("a.png --content-mask halves.png", "A content mask needs a style mask"),
        ("a.png --content-mask white.png --style-mask halves.png", "mask lacks: #000000"),
        ("a.png --content-mask p.png --style-mask halves.png", "p.png has 520 colors"),
        ("a.png --style-scale 2 --style-size 30", "give one"),
        ("a.png --style-scale 0", "--style-scale: expected a number above 0"),
        ("a.png --color gray", "invalid choice"),
        ("a.png --style-loss gramm", "invalid choice"),
        ("a.png --tv 0 --tv-kind power", "--tv-kind is power but --tv is 0"),
        ("a.png --style-loss mmd-gaussian --memory 40", "and a job with the Gaussian MMD"),
        ("a.png --style-loss mmd-gaussian --convention paper", "--style-loss cannot be combined"),
        ("a.png b.png --convention paper", "A convention has one style and one content layer"),
    ],
)
def test_an_error_is_one_sentence_with_exit_code_2(pictures, capsys, words, sentence):
    try:
        code = transfer(*words.split())
    except SystemExit as error:
        code = error.code
    assert code == 2
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert message.startswith("nst-numpy")
    assert sentence in message


def test_a_mask_is_not_overwritten(pictures, capsys):
    words = "transfer p.png a.png --content-mask halves.png --style-mask halves.png -o halves.png"
    assert main(words.split()) == 2
    assert "one of the input pictures" in capsys.readouterr().err


def test_a_ratio_that_leaves_no_style_is_named(pictures, capsys):
    words = "transfer p.png a.png --size 32 --iterations 1 --weights random -o out.png --ratio"
    assert main([*words.split(), "1e30"]) == 0
    assert "With the ratio 1e+30 the content outweighs the style" in capsys.readouterr().err
    assert main([*words.split(), "1"]) == 0
    assert "outweighs" not in capsys.readouterr().err
