"""Figure 1: from white noise, a layer's features or Gram matrices lead back to a picture."""

import numpy as np
import pytest

from nst_numpy import InputError, gram, vgg
from nst_numpy.cli import main
from nst_numpy.images import write_picture
from nst_numpy.images.samples import sample_picture
from nst_numpy.networks import random_network, tiny_network
from nst_numpy.paper import reconstruct_content, reconstruct_style

QUICK = {"size": 64, "iterations": 80}
NETWORK = tiny_network()


def correlation(result, picture):
    return np.corrcoef(result.picture.ravel(), picture.ravel())[0, 1]


def test_content_of_conv1_1_is_the_picture():
    """24 filters see all three colors of each pixel: nothing is lost there."""
    p = sample_picture("pagoda", 64)
    result = reconstruct_content(p, "conv1_1", **QUICK | {"iterations": 500})
    assert result.losses[-1] < 1e-6 * result.losses[0]
    assert correlation(result, p) > 0.999


def test_content_of_higher_layers_keeps_less_of_the_pixels():
    p = sample_picture("pagoda", 64)
    near = [
        correlation(reconstruct_content(p, f"conv{block}_1", **QUICK), p) for block in (1, 2, 4)
    ]
    assert near == sorted(near, reverse=True)
    assert near[2] > 0.3  # the forms are there


def test_style_has_the_picture_s_gram_matrices_but_not_its_pixels():
    """Much nearer than noise; not equal, for the margin that is cut off had its share of G."""
    a, layers = sample_picture("evening", 160), ("conv1_1", "conv2_1", "conv3_1")
    result = reconstruct_style(a, layers, size=160, iterations=100)
    noise = np.random.default_rng(0).uniform(0, 255, a.shape)
    G, G_noise, A = (grams(image, layers) for image in (result.picture, noise, a))
    for l in layers:
        assert distance(G[l], A[l]) < 0.2 * distance(G_noise[l], A[l])
    assert result.losses[-1] < 1e-3 * result.losses[0]
    assert abs(correlation(result, a)) < 0.5


def grams(image, layers):
    F, _ = vgg.forward(NETWORK, image.astype(np.float32), layers)
    return {l: gram(F[l]) for l in layers}


def distance(G, A):
    return np.linalg.norm(G - A) / np.linalg.norm(A)


def test_no_layer_beyond_the_deepest_is_run(rng):
    """What stands after it in the network may as well be no numbers."""
    p, network = rng.uniform(0, 255, (6, 7, 3)), random_network((2, 2, 2, 2, 2))
    for l in list(network.weights)[2:]:
        network.weights[l][0][:] = np.nan
    settings = {"size": 7, "seed": 1, "iterations": 2, "weights": network, "normalized": False}
    assert reconstruct_content(p, "conv1_2", **settings).losses[0] > 0
    assert reconstruct_style(p, ["conv1_1", "conv1_2"], **settings).losses[0] > 0
    with pytest.raises(InputError, match="not finite"):
        reconstruct_content(p, "conv2_1", **settings)


def test_one_seed_gives_one_picture(rng):
    a = rng.uniform(0, 255, (20, 24, 3))
    first, again, other = (
        reconstruct_style(a, ["conv1_1"], size=24, iterations=2, seed=seed).picture
        for seed in (1, 1, 2)
    )
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["content", "--layer", "conv44"], "did you mean conv4_3?"),
        (["content", "--layer", "conv5_1", "--size", "10"], "too small for the layer conv5_1"),
        (["content"], "--layer"),
        (["style", "--layers", ""], "is empty or repeats a layer"),
        (["style", "--layers", "conv1_1,conv1_1"], "is empty or repeats a layer"),
        (["style", "--layers", "conv1_1", "-o", "a.png"], "one of the input pictures"),
        (["grain", "--layers", "conv1_1"], "invalid choice: 'grain'"),
        ([], "content|style"),
    ],
)
def test_a_mistake_gets_one_sentence_and_code_2(tmp_path, monkeypatch, capsys, options, sentence):
    monkeypatch.chdir(tmp_path)
    write_picture("a.png", np.zeros((20, 20, 3)))
    kind, *rest = options or [None]
    words = ["reconstruct", kind, "a.png", "-o", "out.png", *rest] if kind else ["reconstruct"]
    try:
        code = main(words)
    except SystemExit as error:
        code = error.code
    message = capsys.readouterr().err.strip()
    assert code == 2
    assert sentence in message
    assert len(message.splitlines()) == 1
    assert not (tmp_path / "out.png").exists()


def test_the_command_writes_the_picture(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    write_picture("a.png", np.full((20, 20, 3), 99.0))
    for kind in (["content", "--layer"], ["style", "--layers"]):
        quick = ["-o", f"{kind[0]}.png", "--size", "24", "--iterations", "2"]
        assert main(["reconstruct", kind[0], "a.png", kind[1], "conv1_1", *quick]) == 0
        assert (tmp_path / f"{kind[0]}.png").exists()
    assert "Stopped after 2 iterations (the limit)." in capsys.readouterr().out
