"""The command ``nst-numpy weights``."""

import os
import subprocess
import sys

import numpy as np
import pytest
from helpers import weights_writers as writers

from nst_numpy import load_network, vgg, write_picture
from nst_numpy.cli import main
from nst_numpy.images import read_picture
from nst_numpy.networks import random_network, write_compact
from nst_numpy.networks.download import fetched_path
from nst_numpy.vgg import VGG19

NETWORK = random_network((4, 3, 4, 3, 2), layers=VGG19[:4])


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    writers.write_torch(tmp_path / "w.pth", writers.torch_arrays(NETWORK))
    return tmp_path


def test_info_describes_networks(folder, capsys):
    assert main(["weights", "info", "w.pth", "tiny", "random"]) == 0
    rows = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
    rows = [row for row in rows if row]
    assert ["format", "PyTorch zip"] in rows
    assert ["layers", "3 convolutions, conv1_1 to conv2_1"] in rows
    assert ["filters", "4 4 | 3"] in rows
    assert ["license", "unknown"] in rows
    inputs = [text for label, text in rows if label == "input"]
    assert "(torchvision: assumed from the layer names of torchvision)" in inputs[0]
    assert "(caffe: layout of Keras)" in inputs[1]
    assert [text for label, text in rows if label == "normalized"] == ["no", "yes", "no"]
    assert ["license", "BSD-3-Clause"] in rows
    checksum = "91f45d4110e7e15414b310cf1c400cf0793b47288e86fd318bbb01b0d580624c"
    assert ["SHA-256", checksum] in rows


def test_convert_with_explicit_preprocessing(folder, capsys):
    arguments = ["weights", "convert", "w.pth", "-o", "w.h5", "--preprocessing", "rgb"]
    assert main(arguments) == 0
    read = load_network("w.h5")
    for l in NETWORK.weights:
        assert all(map(np.array_equal, read.weights[l], NETWORK.weights[l]))
    assert "3 convolutions in float32" in capsys.readouterr().out
    assert main(["weights", "info", "w.h5"]) == 0
    assert "preprocessing rgb (--preprocessing)" in capsys.readouterr().out
    assert main([*arguments[:2], "w.h5", "-o", "x.h5", "--preprocessing", "rgb"]) == 2
    assert "already states what its first layer expects" in capsys.readouterr().err


def test_verify_prints_its_basis_and_returns_an_exit_code(folder, capsys):
    assert main(["weights", "convert", "w.pth", "-o", "w.h5"]) == 0
    assert main(["weights", "verify", "w.pth", "w.h5", "random"]) == 0
    out = capsys.readouterr().out
    assert "none of the published files" in out
    assert "the weights match the checksum in the file" in out
    (folder / "w.pth").write_bytes((folder / "w.pth").read_bytes()[:-100])
    assert main(["weights", "verify", "w.h5", "w.pth"]) == 1
    assert "w.pth: the file is damaged or truncated" in capsys.readouterr().out


@pytest.mark.parametrize("pooling", ["average", "max"])
def test_normalize_over_a_folder(folder, capsys, rng, pooling):
    (folder / "pictures").mkdir()
    (folder / "pictures" / "README.md").write_text("# not a picture")
    for i in range(3):
        write_picture(f"pictures/{i}.png", rng.uniform(0, 255, (20, 24, 3)))
    options = ["--images", "pictures", "--pooling", pooling]
    assert main(["weights", "normalize", "w.pth", "-o", "n.h5", *options]) == 0
    assert "mean activations over a folder of pictures are one" in capsys.readouterr().out
    network = load_network("n.h5")
    assert network.normalized
    pictures = [read_picture(f"pictures/{i}.png", 256) for i in range(3)]
    runs = [vgg.forward(network, p, network.weights, pooling)[0] for p in pictures]
    for l in network.weights:
        means = np.concatenate([F[l] for F in runs], axis=1).mean(axis=1, dtype=np.float64)
        assert np.abs(means[means > 0] - 1).max() < 1e-4


def test_normalize_names_dead_filters(folder, capsys):
    NETWORK.weights["conv1_2"][1][2] = -1e9
    write_compact("dead.h5", NETWORK)
    NETWORK.weights["conv1_2"][1][2] = 0
    assert main(["weights", "normalize", "dead.h5", "-o", "n.h5"]) == 0
    assert "conv1_2: 1 dead filters not scaled: 2" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["info", "none.pth"], "no weights file none.pth"),
        (["info", "vgg19"], "vgg19 has not been fetched yet"),
        (["convert", "w.pth", "-o", "w.pth"], "is the input file"),
        (["convert", "w.pth", "-o", "p.png"], "must end in .h5"),
        (["normalize", "w.pth", "-o", "n.h5", "--rare", "0"], "expected a number above 0"),
        (["convert", "w.pth", "-o", "none/w.h5"], "there is no folder none"),
        (["normalize", "w.pth", "-o", "n.h5", "--images", "none"], "no folder none"),
        (["normalize", "w.pth", "-o", "n.h5", "--images", "."], "no pictures in the folder"),
        (["fetch", "vgg19", "--from", "w.pth"], "checksum does not match vgg19_weights"),
        (["fetch", "vgg11"], "invalid choice: 'vgg11'"),
        ([], "required: ACTION"),
    ],
)
def test_errors_are_one_sentence_with_exit_code_2(folder, capsys, arguments, sentence):
    try:
        code = main(["weights", *arguments])
    except SystemExit as error:
        code = error.code
    message = capsys.readouterr().err.strip().splitlines()[-1]
    assert code == 2
    assert sentence in message
    assert sorted(path.name for path in folder.iterdir()) == ["w.pth"]


def test_default_network_is_set_by_the_environment(folder):
    """NST_WEIGHTS names the network that is used by default."""
    fetched_path("vgg19").parent.mkdir()
    write_compact(fetched_path("vgg19"), NETWORK)
    program = (
        "import inspect, nst_numpy; from nst_numpy.paper.reconstructions import reconstruct;"
        "f = lambda g: inspect.signature(g).parameters['weights'].default;"
        "print(f(nst_numpy.stylize), f(reconstruct), nst_numpy.load_network().name)"
    )
    for value, expected in (("vgg19", "vgg19"), ("", "tiny")):
        environment = {**os.environ, "NST_WEIGHTS": value}
        done = subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )
        assert done.stdout.split() == [expected] * 3, done.stderr
