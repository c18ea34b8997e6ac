"""The commands: results, messages and exit codes."""

import subprocess
import sys

import numpy as np
import pytest

from nst_numpy import read_picture, write_picture
from nst_numpy.cli import COMMANDS, main, parser
from nst_numpy.cli.messages import typed_names
from nst_numpy.cli.settings_options import settings_given
from nst_numpy.gradcheck.row import DerivativeRow
from nst_numpy.transfer.option_definition import options_of
from nst_numpy.transfer.settings import StylizeSettings


@pytest.fixture
def pictures(tmp_path, rng, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("p.png", "a.png"):
        write_picture(name, rng.uniform(0, 255, (20, 26, 3)))
    return tmp_path


def transfer(*options):
    quick = ["--size", "26", "--iterations", "2", "--weights", "random", "-o", "out.png"]
    return main(["transfer", "p.png", "a.png", *quick, *options])


def test_transfer_writes_the_picture_and_the_reason_for_stopping(pictures, capsys):
    assert transfer("--init", "noise", "--style-layers", "conv1_1,conv2_1", "--threads", "1") == 0
    assert read_picture("out.png").shape == (20, 26, 3)
    assert "Stopped after 2 iterations (the limit)." in capsys.readouterr().out


def test_defaults_of_the_options_equal_those_of_stylize():
    """A command without options gives `stylize` only the pictures; --help shows its defaults."""
    arguments = parser().parse_args(["transfer", "p.png", "a.png", "-o", "out.png"])
    given = settings_given(arguments, StylizeSettings)
    assert given == {"content": "p.png", "style": ["a.png"]}
    typed = typed_names(parser(), arguments)
    python_only = {"dtype", "callback", "checkpoint", "state", "gradients"}
    assert set(options_of(StylizeSettings)) - set(typed) == python_only


def test_demo_writes_a_contact_sheet(pictures):
    quick = ["--size", "48", "--iterations", "2", "--weights", "random"]
    assert main(["demo", *quick, "-o", "sheet.png"]) == 0
    assert read_picture("sheet.png").shape == (2 * 32 + 6, 3 * 48 + 2 * 6, 3)


def test_gradcheck_exits_with_1_for_a_wrong_derivative(capsys, monkeypatch):
    assert main(["gradcheck", "--weights", "random"]) == 0
    assert "All derivatives agree" in capsys.readouterr().out
    wrong = DerivativeRow("name", "eq. 0", lambda x: (np.sum(x**2), 2.002 * x), np.ones(3))
    monkeypatch.setattr("nst_numpy.cli.gradcheck.rows", lambda *_: [wrong])
    assert main(["gradcheck", "--weights", "random"]) == 1
    assert "WRONG" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--size", "0"], "--size: expected a whole number of at least 1, got '0'"),
        (["--size", "1e3"], "--size: expected a whole number"),
        (["--size", "10"], "too small for the layer conv5_1: each side needs at least 16 pixels"),
        (["--size", "99999999"], "--size must be a whole number from 1 to 16384"),
        (["--iterations", "-3"], "--iterations: expected a whole number"),
        (["--ratio", "nan"], "--ratio: expected a number of at least 0"),
        (["--ratio", "-1e-3"], "--ratio"),
        (["--style-weights", "1,x"], "--style-weights: expected a number"),
        (["--style-weights", "1,2"], "one number for each of the 11 style layers"),
        (["--style-layers", "conv1_1,conv44"], "did you mean conv4_4?"),
        (["--content-layer", "relu4_2"], "Unknown layer"),
        (["--pooling", "median"], "--pooling: invalid choice"),
        (["--weights", "none.h5"], "no weights file none.h5"),
        (["--weights", "p.png"], "p.png is not a weights file in a supported format"),
        (
            ["--init", "none.png"],
            "--init 'none.png' is neither noise, white-noise, content, style nor",
        ),
        (["--output", "none/out.png"], "no folder none"),
        (["--output", "out.docx"], "extension .docx"),
        (["--output", "p.png"], "one of the input pictures"),
        (["--threads", "0"], "--threads"),
        (["--scales", "0"], "--scales: expected a whole number of at least 1"),
        (["--scales", "20:x"], "--scales: expected a whole number of at least 1, got 'x'"),
        (["--scales", "30:5"], "sizes of --scales must increase up to 26"),
        (["--scales", "2"], "coarsest of 2 scales has 13 pixels"),
        (["--average", "0"], "--average: expected a whole number of at least 1"),
        (["--padding", "mirror"], "--padding: invalid choice"),
        (["--seed", "-1"], "--seed"),
        (["--sise", "3"], "unrecognized arguments: --sise"),
    ],
)
def test_an_error_is_one_sentence_with_exit_code_2_and_no_file(pictures, capsys, options, sentence):
    try:
        code = transfer(*options)
    except SystemExit as error:
        code = error.code
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert code == 2
    assert message.startswith("nst-numpy")
    assert sentence in message
    assert sorted(path.name for path in pictures.iterdir()) == ["a.png", "p.png"]


def test_a_damaged_picture_is_one_sentence_with_exit_code_2(pictures, capsys):
    (pictures / "p.png").write_bytes((pictures / "p.png").read_bytes()[:200])
    assert transfer() == 2
    assert "p.png is damaged or truncated" in capsys.readouterr().err


@pytest.mark.parametrize("command", [module.__name__.split(".")[-1] for module in COMMANDS])
def test_every_command_has_help(capsys, command):
    with pytest.raises(SystemExit) as stop:
        main([command, "--help"])
    assert stop.value.code == 0
    assert "usage: nst-numpy" in capsys.readouterr().out


def test_no_framework_is_imported_by_a_job(pictures):
    """Run a complete job in a new interpreter."""
    program = (
        "import sys; from nst_numpy.cli import main;"
        "code = main('transfer p.png a.png -o out.png --size 26 --iterations 1'.split());"
        "frameworks = {'torch', 'tensorflow', 'jax', 'keras', 'autograd'} & set(sys.modules);"
        "sys.exit(f'imported: {frameworks}' if frameworks else code)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
