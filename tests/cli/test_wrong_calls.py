"""Regression tests: one call for each kind of invalid call that was once handled wrongly."""

import os
import subprocess
import sys

import pytest
from helpers import image_corpus as corpus
from PIL import Image

from nst_numpy import read_picture

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

NETWORK = ["--weights", "w.h5"]
TRANSFER = ["transfer", "p.png", "a.png", *NETWORK, *corpus.QUICK]
LAPLACIAN = ["--content-loss", "laplacian"]
SWEEP = ["sweep", "--content", "p.png", "--style", "a.png", "--jobs", "1", "-o", "sweep"]
FIGURE = ["figure", "3", "p.png", "a.png", "--jobs", "1", *NETWORK, "-o", "figure"]


@pytest.mark.parametrize(
    ("words", "how", "code", "message"),
    [
        ([*TRANSFER, "--iter", "1"], {}, 2, "unrecognized arguments: --iter 1"),
        ([*TRANSFER, "--style-weights", "1"], {}, 2, "--style-weights needs one number for each"),
        ([*TRANSFER, "--scales", "1" + 30 * "0"], {}, 2, "use fewer --scales"),
        ([*TRANSFER, "--iterations", "1" + 30 * "0"], {}, 2, "--iterations must be a whole number"),
        ([*TRANSFER, "--seed", "9" * 5000], {}, 2, "--seed: expected a whole number"),
        ([*TRANSFER, "--style-loss=--"], {}, 2, "--style-loss: expected a value"),
        ([*TRANSFER, "--content-layer", "x\x1b[31m"], {}, 2, r"'x\x1b[31m'"),
        (
            [*TRANSFER, "--seed", "3"],
            {},
            0,
            "--seed has no effect: only --init noise and --init white-noise use a seed",
        ),
        ([*TRANSFER, *LAPLACIAN, "--content-layer", "conv1_1"], {}, 0, "uses no layer"),
        (["transfer", "a.png", *TRANSFER[1:], "--style-blend", "1e308,1e308"], {}, 0, "loss"),
        ([*TRANSFER, "--content-mask", "tall.png", "--style-mask", "m.png"], {}, 2, "proportions"),
        (["transfer", "pipe.png", *TRANSFER[2:]], {}, 2, "pipe.png is a pipe or a device"),
        ([*TRANSFER, "--output", "pipe.png"], {}, 2, "pipe.png is a pipe or a device"),
        ([*TRANSFER, "--output", "x" * 300 + ".png"], {}, 2, "File name too long"),
        ([*TRANSFER, "--run", "9" * 5000], {}, 2, "File name too long"),
        ([*TRANSFER, "--run", "out.png"], {}, 2, "out.png is also an output file"),
        ([*TRANSFER, "--run", "no/where"], {}, 2, "cannot be created: no does not exist"),
        (TRANSFER, {"file": 1500}, 2, "out.png cannot be written: File too large"),
        (TRANSFER, {"stdout": "closed"}, 0, "loss"),
        (TRANSFER, {"stdout": "/dev/full"}, 2, "standard output cannot be written: No space"),
        (
            ["weights", "verify", "g\u0144.png"],
            {"encoding": "ascii"},
            2,
            "no weights file g\\u0144",
        ),
        (["weights", "verify", "\udcff"], {}, 2, r"no weights file \udcff"),
        (["weights", "normalize", "w.h5", "-o", "n.h5", "--images", "x" * 300], {}, 2, "no folder"),
        (["learn", "1", "--folder", "x" * 300], {}, 2, "File name too long"),
        (["classroom", "init", "x" * 300], {}, 2, "File name too long"),
        ([*SWEEP, "--content-layer", "conv4_2", "conv4_9"], {}, 2, "did you mean conv4_3"),
        ([*SWEEP, "--init", "none.png"], {}, 2, "--init 'none.png' is neither"),
        ([*SWEEP, "--style-mask", "m.png"], {}, 2, "A style mask needs a content mask"),
        ([*SWEEP, "--jobs", "999"], {}, 2, "999 jobs with 1 threads each"),
        ([*FIGURE, "--style-scale", "0"], {}, 2, "--style-scale: expected a number above 0"),
        ([*FIGURE, "--weights", "none.h5"], {}, 2, "no weights file none.h5"),
    ],
)
def test_an_invalid_call_gets_one_sentence(nst_numpy, words, how, code, message):
    ended, violated = nst_numpy(words, more_files, **how)
    assert violated is None, ended
    assert ended.code == code, ended
    assert message in ended.err


def more_files(folder):
    """Create a pipe, and a mask with another aspect ratio than the image."""
    os.mkfifo(folder / "pipe.png")
    Image.new("RGB", (20, 26), "red").save(folder / "tall.png")


def test_a_job_finishes_with_closed_outputs(folder):
    """Schedulers may start a job with both outputs closed."""
    words = "-m nst_numpy transfer p.png a.png -o out.png --size 26 --iterations 1 --weights random"
    done = subprocess.run(f"{sys.executable} {words} >&- 2>&-", shell=True)
    assert done.returncode == 0
    assert read_picture("out.png").shape == (20, 26, 3)
