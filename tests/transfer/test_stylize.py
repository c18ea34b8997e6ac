"""`stylize` as a whole, on small pictures and a small network."""

import math

import numpy as np
import pytest

from nst_numpy import InputError, stylize, targets, total_loss, write_picture
from nst_numpy.images.samples import sample_picture
from nst_numpy.networks import random_network
from nst_numpy.optimizers.preconditioner import precondition
from nst_numpy.transfer.inputs import initial_image
from nst_numpy.transfer.prepare_job import prepare_job
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.stylize import preconditioner_of, read_inputs

NETWORK = random_network((4, 4, 6, 6, 6))


@pytest.fixture
def pictures(rng):
    return rng.uniform(0, 255, (2, 20, 28, 3))


def job(pictures, **settings):
    return stylize(*pictures, **{"size": 28, "iterations": 5, "weights": NETWORK, **settings})


def test_the_loss_falls_and_its_terms_add_up(pictures):
    result = job(pictures, init="noise")
    assert result.picture.shape == (20, 28, 3)
    assert result.picture.dtype == np.uint8
    assert len(result.losses) == 6
    assert (np.diff(result.losses) < 0).all()
    assert np.allclose(sum(result.terms.values()), result.losses, rtol=1e-12)
    assert result.reason == "Stopped after 5 iterations (the limit)."


@pytest.mark.parametrize("init", ["noise", "white-noise", "content", "style"])
def test_the_same_seed_gives_the_same_bits(pictures, init):
    first, second = job(pictures, init=init, seed=3), job(pictures, init=init, seed=3)
    assert np.array_equal(first.picture, second.picture)
    assert np.array_equal(first.losses, second.losses)


def test_another_seed_gives_another_picture(pictures):
    first, second = job(pictures, init="noise", seed=1), job(pictures, init="noise", seed=2)
    assert not np.array_equal(first.picture, second.picture)


def test_a_start_from_any_picture(pictures, tmp_path):
    """From a file of another size, and the content's own file is the start 'content'."""
    write_picture(tmp_path / "p.png", pictures[0])
    written = np.rint(pictures[0])
    by_file = job([written, pictures[1]], init=tmp_path / "p.png")
    assert np.array_equal(by_file.losses, job([written, pictures[1]], init="content").losses)
    write_picture(tmp_path / "small.png", pictures[0][:9, :9])
    assert job(pictures, init=tmp_path / "small.png").picture.shape == (20, 28, 3)


def test_the_callback_sees_the_start_and_each_iteration(pictures):
    seen = []
    result = job(pictures, callback=lambda i, picture, loss, terms: seen.append((i, loss)))
    assert seen == list(enumerate(result.losses))


def test_the_average_is_another_picture_with_the_same_losses(pictures):
    """Of the same way; an average over one iteration is its end."""
    plain, one, many = (
        job(pictures, **average) for average in ({}, {"average": 1}, {"average": 4})
    )
    assert np.array_equal(plain.losses, many.losses)
    assert np.array_equal(plain.picture, one.picture)
    assert not np.array_equal(plain.picture, many.picture)


@pytest.mark.parametrize("padding", ["reflect", "replicate"])
@pytest.mark.parametrize("content_layer", ["conv4_2", ("conv4_2", "conv3_1")])
def test_without_zeros_the_pictures_have_no_margin(pictures, padding, content_layer):
    """The loss at the start is that of the pictures as they are: all style, no content."""
    p, a = (each.astype(np.float32) for each in pictures)
    goal = targets(p, a, NETWORK, ["conv4_2"], PAPER_STYLE_LAYERS, padding=padding)
    w = dict.fromkeys(PAPER_STYLE_LAYERS, 1 / 5)
    L, _, _ = total_loss(p, goal, NETWORK, 1.0, 1.0, w)
    settings = {"padding": padding, "content_layer": content_layer, "normalized": False}
    settings |= {"style_layers": PAPER_STYLE_LAYERS, "tv": 0}
    result = job(pictures, iterations=1, **settings)
    assert result.picture.shape == (20, 28, 3)
    assert np.isclose(result.losses[0], L, rtol=1e-4)


@pytest.mark.parametrize("average", [1, 5])
def test_content_as_its_own_style_has_zero_loss(pictures, average):
    result = job([pictures[0], pictures[0]], init="content", average=average, tv=0)
    assert np.array_equal(result.picture, np.rint(pictures[0]))
    assert "nothing to improve" in result.reason


def test_ratio_zero_leaves_the_content_out(pictures, rng):
    """From the same start, another content gives the same picture."""
    start, other = rng.uniform(0, 255, (2, 20, 28, 3))
    first = job(pictures, ratio=0, init=start)
    second = job([other, pictures[1]], ratio=0, init=start)
    assert np.array_equal(first.picture, second.picture)


def test_total_variation_makes_smoother_pictures(pictures):
    rough, smooth = (job(pictures, tv=tv).picture.astype(float) for tv in (0, 1e9))
    assert np.abs(np.diff(smooth, axis=1)).mean() < np.abs(np.diff(rough, axis=1)).mean()


def test_style_weights_weigh_the_layers(pictures):
    """A layer with weight 0 is as good as a layer that is not named."""
    named = job(pictures, style_layers=("conv1_1", "conv2_1"), style_weights=(1, 0))
    alone = job(pictures, style_layers=("conv1_1",), style_weights=(1,))
    assert np.allclose(named.losses, alone.losses, rtol=1e-6)


def test_original_weights_are_not_normalized(pictures):
    assert job(pictures, normalized=False).losses[0] != job(pictures).losses[0]


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"size": 0}, "`size` must be a whole number from 1 to"),
        ({"size": 10**6}, "`size` must be a whole number from 1 to"),
        ({"iterations": 0}, "`iterations` must be a whole number from 1 to"),
        ({"size": "28"}, "`size` must be a whole number"),
        ({"dtype": np.float16}, "`dtype` must be float32 or float64"),
        ({"tv": 1e300}, "not finite at the start"),
        ({"memory": 0}, "`memory` must be"),
        ({"style_layers": "conv1_1"}, "`style_layers` must be a sequence of names"),
        ({"init": np.full((4, 4, 3), np.nan)}, "finite numbers"),
        ({"init": np.zeros((4, 4, 5))}, r"shape \(H, W, 3\)"),
        ({"ratio": -1}, "ratio"),
        ({"ratio": math.nan}, "ratio"),
        ({"seed": -1}, "seed"),
        ({"threads": 0}, "threads"),
        ({"average": 0}, "`average` must be a whole number of at least 1"),
        ({"padding": "mirror"}, "Unknown `padding`: 'mirror'.*zero, reflect, replicate"),
        ({"pooling": "min"}, "Unknown `pooling`: 'min'.*average, max"),
        ({"style_layers": ()}, "`style_layers` is empty"),
        ({"style_layers": ("conv1_1", "conv1_1")}, "`style_layers` is empty or repeats a layer"),
        ({"style_weights": (1, 2)}, "for each of the 11 style layers, got 2"),
        ({"style_weights": (*range(10), math.inf)}, "finite numbers of at least 0"),
        ({"content_layer": "conv9_9"}, "Unknown layer"),
        ({"init": "nose"}, "neither noise, white-noise, content, style nor an existing file"),
        ({"weights": "vgg99"}, "no weights file vgg99"),
        ({"size": 12}, "too small for the layer conv5_1: each side needs at least 16"),
    ],
)
def test_the_message_names_the_wrong_argument(pictures, settings, sentence):
    with pytest.raises(InputError, match=sentence):
        job(pictures, **settings)


def test_a_wrong_array_is_an_error():
    with pytest.raises(InputError, match=r"content image must .*\(H, W, 3\).*got \(4, 4, 5\)"):
        job([np.zeros((4, 4, 5)), np.zeros((4, 4, 3))])


def test_white_noise_is_uniform_and_noise_has_the_spectrum_of_pictures(pictures):
    """Amplitudes of 1/f: energy in octaves is equal, instead of four times as high in each."""
    flat = np.full((128, 128, 3), 9.0)
    white, shaped = (initial_image(init, flat, flat, 0) for init in ("white-noise", "noise"))
    assert np.array_equal(white, np.random.default_rng(0).uniform(0, 255, flat.shape))
    assert abs(shaped.mean() - 127.5) < 5
    assert 35 < shaped.std() < 45
    f = np.hypot(np.fft.fftfreq(128)[:, None], np.fft.fftfreq(128))

    def energy(x, low, high):
        spectrum = np.abs(np.fft.fft2(x - x.mean(axis=(0, 1)), axes=(0, 1))) ** 2
        return spectrum[(f >= low) & (f < high)].sum()

    for x, ratio in ((white, 4.0), (shaped, 1.0)):
        assert energy(x, 0.2, 0.4) / energy(x, 0.1, 0.2) == pytest.approx(ratio, rel=0.3)


def test_the_preconditioner_reaches_a_lower_loss_in_as_many_iterations(pictures):
    smooth = [np.repeat(np.repeat(p[::7, ::7], 7, axis=0), 7, axis=1) for p in pictures]
    paper = {"style_layers": PAPER_STYLE_LAYERS, "tv": 0}
    first, spectrum, plain = (
        job(smooth, preconditioner=name, iterations=8, **paper).losses[-1]
        for name in ("color-spectrum", "spectrum", "none")
    )
    assert max(first, spectrum) < plain


def test_an_optimizer_without_preconditioner_ignores_it(pictures):
    plain, given = (
        job(pictures, optimizer="adam", preconditioner=name) for name in ("none", "color-spectrum")
    )
    assert np.array_equal(plain.losses, given.losses)


def test_luminance_alone_stays_gray_with_a_preconditioner(pictures):
    """Its iterates are gray: mixing the colors of the style would tint them."""
    colorful = pictures * (1.0, 0.3, 0.6)
    settings = {"color": "luminance", "padding": "reflect"}
    prepared = prepare_job(StylizeSettings(*colorful, size=28, weights=NETWORK, **settings))
    S = preconditioner_of(prepared, read_inputs(prepared))
    gray = np.repeat(np.random.default_rng(0).standard_normal((20, 28, 1)), 3, axis=2)
    seen = precondition(S, gray)
    assert np.allclose(seen, seen.mean(axis=2, keepdims=True), atol=1e-12)


def test_noise_leaves_no_checkerboard_with_the_network_that_ships():
    """Energy at the highest frequencies relative to an octave below, as in the pictures."""

    def checkerboard(x):
        waves = np.abs(np.fft.fft2(x.mean(axis=2) - x.mean())) ** 2
        f = np.maximum(*np.meshgrid(*map(np.abs, map(np.fft.fftfreq, x.shape[1::-1]))))
        return waves[f > 0.46].mean() / waves[(f > 0.22) & (f < 0.28)].mean()

    p, a = (sample_picture(name, 96).astype(float) for name in ("pagoda", "evening"))
    how = {"size": 96, "iterations": 60}
    from_noise = stylize(p, a, init="noise", **how).picture.astype(float)
    from_white_noise = stylize(p, a, init="white-noise", **how).picture.astype(float)
    assert checkerboard(from_noise) < 2 * max(checkerboard(p), checkerboard(a))
    assert checkerboard(from_noise) < 0.5 * checkerboard(from_white_noise)
