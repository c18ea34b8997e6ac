"""The training of the network that ships: its losses, its start, and the file that it writes."""

from pathlib import Path

import numpy as np
import pytest

from nst_numpy import vgg
from nst_numpy.networks import load_network

torch = pytest.importorskip("torch")
REPOSITORY = Path(__file__).resolve().parents[2]
WIDTHS = [3, 4, 5, 5, 6, 6, 6, 7, 7, 7, 6]


@pytest.fixture(autouse=True)
def checkout(monkeypatch):
    monkeypatch.syspath_prepend(REPOSITORY)


@pytest.fixture
def teacher():
    chance, layers, channels = torch.Generator().manual_seed(0), [], 3
    for n in WIDTHS:
        w = torch.randn(n, channels, 3, 3, generator=chance) * (2 / 9 / channels) ** 0.5
        layers.append((w, 0.1 * torch.randn(n, generator=chance)))
        channels = n
    return layers


@pytest.fixture
def pictures():
    return torch.randn(20, 3, 32, 48, generator=torch.Generator().manual_seed(1))


def test_error_of_inner_products_is_zero_for_rotated_features():
    from weights.training.losses import kernel_error

    T = torch.rand(40, 6, dtype=torch.float64)
    rotation, _ = torch.linalg.qr(torch.randn(6, 6, dtype=torch.float64))
    assert kernel_error(T @ rotation, T) < 1e-24
    assert kernel_error(1.1 * T, T) > 0.05


def test_student_of_full_width_starts_as_the_teacher(teacher, pictures):
    from weights.training.least_squares import fitted_student
    from weights.training.vggfile import features

    student, maps = fitted_student(teacher, WIDTHS, pictures, 2.0, ridge=1e-9)
    S, T = features(pictures / 2, student), features(pictures, teacher)
    for s, t, (w, b) in zip(S, T, maps, strict=True):
        read = torch.einsum("nchw,tc->nthw", s, w) + b[:, None, None]
        assert (read - t).norm() < 1e-2 * t.norm()


def test_gradient_of_a_transfer_descends_the_style_loss(teacher, pictures):
    from weights.training.transfers import grams, style_gradient
    from weights.training.vggfile import features

    def loss(x):
        pairs = zip(grams(features(x, teacher)), grams(features(a, teacher)), strict=True)
        return sum((G - A).square().sum() / A.square().sum() for G, A in pairs).item()

    x, a = pictures[:2], pictures[2:4]
    g = style_gradient(x, a, teacher, 1.0)
    assert g.square().mean((1, 2, 3)).allclose(torch.ones(2), rtol=1e-4)
    assert loss(x - 0.01 * g) < loss(x) < loss(x + 0.01 * g)


def test_written_file_computes_what_training_computes(teacher, pictures, tmp_path):
    from weights.training.vggfile import features, write_keras

    write_keras(tmp_path / "student.h5", teacher, {"normalized": "yes"})
    network = load_network(tmp_path / "student.h5")
    assert network.normalized and network.layers[-1] == "conv5_1"
    x = pictures[0].permute(1, 2, 0).flip(2).numpy() + network.mean  # (32, 48, 3), RGB
    F, _ = vgg.forward(network, x, ["conv2_2", "conv5_1"], "average", "reflect")
    T = features(pictures[:1], teacher)
    for l, layer in (("conv2_2", 3), ("conv5_1", 10)):
        expected = T[layer][0].flatten(1).numpy()  # (N, M)
        np.testing.assert_allclose(F[l], expected, atol=5e-3 * expected.max())


def test_networks_become_layers_and_back(teacher):
    from weights.training.vggfile import as_layers, as_network

    for (w, b), (w_again, b_again) in zip(teacher, as_layers(as_network(teacher)), strict=True):
        assert torch.equal(w, w_again)
        assert torch.equal(b, b_again)


def test_crops_become_pictures_that_the_network_reads_as_they_were(teacher, pictures):
    """The network subtracts the means of what `pictures_of` returns, and reads RGB."""
    from weights.training.vggfile import as_network, features, pictures_of

    x = 40 * pictures[:2]
    for image, crop in zip(pictures_of(x), x, strict=True):
        F, _ = vgg.forward(as_network(teacher), image.astype(np.float32), ["conv1_2"], "average")
        inside = features(crop[None], teacher)[1][0][:, 2:-2, 2:-2].numpy()
        computed = F["conv1_2"].reshape(-1, 32, 48)[:, 2:-2, 2:-2]
        np.testing.assert_allclose(computed, inside, rtol=1e-3, atol=1e-2)
