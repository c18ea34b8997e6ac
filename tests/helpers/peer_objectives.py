"""The objectives of six implementations in JAX, float64, each computed as in its source.

Written from the formulas; the layers are those of `jax_reference`.
"""

import jax.numpy as jnp

from helpers import jax_reference as reference


def mse(u, v):
    return jnp.mean((u - v) ** 2)


# The loss of each source, from the features (N, M) of its content layer and its style layers, for
# an image of H x W pixels.


def paper(F, P, Fs, As, H, W):
    style = sum(reference.style_layer_loss(f, a @ a.T) for f, a in zip(Fs, As, strict=True))
    return 1e-3 * reference.content_loss(F, P) + style / len(Fs)


def gatys(F, P, Fs, As, H, W):
    style = 0
    for f, a in zip(Fs, As, strict=True):
        style += 1e3 / len(f) ** 2 * mse(f @ f.T / f.shape[1], a @ a.T / a.shape[1])
    return mse(F, P) + style


def neural_style(F, P, Fs, As, H, W):
    style = sum(mse(f @ f.T / f.size, a @ a.T / a.size) for f, a in zip(Fs, As, strict=True))
    return 5 * mse(F, P) + 100 * style


def anishathalye(F, P, Fs, As, H, W):
    style = 0
    for f, a in zip(Fs, As, strict=True):
        D = f.T.reshape(-1, len(f)).T @ f.T / f.size - a @ a.T / a.size
        style += 1 / len(Fs) * 2 * (jnp.sum(D**2) / 2) / D.size
    return 5 * 2 * (jnp.sum((F - P) ** 2) / 2) / P.size + 500 * style


def keras(F, P, Fs, As, H, W):
    style = 0
    for f, a in zip(Fs, As, strict=True):
        style += jnp.sum((f @ f.T - a @ a.T) ** 2) / (4 * 3**2 * (H * W) ** 2)
    return 2.5e-8 * jnp.sum((F - P) ** 2) + 1e-6 / len(Fs) * style


def pytorch(F, P, Fs, As, H, W):
    style = sum(mse(f @ f.T / f.size, a @ a.T / a.size) for f, a in zip(Fs, As, strict=True))
    return mse(F, P) + 1e6 * style


def no_variation(x):
    return 0.0


def half_of_the_squares(x):
    """Pixels are scaled to 0..256; the last row and column have no differences."""
    x = x / 255 * 256
    right, down = x[:-1, :-1] - x[:-1, 1:], x[:-1, :-1] - x[1:, :-1]
    return 1e-3 * (jnp.sum(right**2) + jnp.sum(down**2)) / 2


def means(x):
    return 100 * (mse(x[1:], x[:-1]) + mse(x[:, 1:], x[:, :-1]))


def squares_to_a_power(x):
    H, W, _ = x.shape
    a = (x[: H - 1, : W - 1] - x[1:, : W - 1]) ** 2
    b = (x[: H - 1, : W - 1] - x[: H - 1, 1:]) ** 2
    return 1e-6 * jnp.sum((a + b) ** 1.25)


def unchanged(x):
    return x


FIVE = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
FIRST_FIVE = ["conv1_1", "conv1_2", "conv2_1", "conv2_2", "conv3_1"]
# losses, total variation, scaling of the pixels 0..255, content layer, style layers, pooling
PEERS = {
    "paper": (paper, no_variation, unchanged, "conv4_2", FIVE, "average"),
    "gatys": (gatys, no_variation, unchanged, "conv4_2", FIVE, "max"),
    "neural-style": (
        neural_style,
        half_of_the_squares,
        lambda x: x / 255 * 256,
        "conv4_2",
        FIVE,
        "max",
    ),
    "anishathalye": (anishathalye, means, unchanged, "conv4_2", FIVE, "max"),
    "keras": (keras, squares_to_a_power, unchanged, "conv5_2", FIVE, "max"),
    "pytorch": (pytorch, no_variation, unchanged, "conv2_2", FIRST_FIVE, "max"),
}


def before_relu(network, x, taps, pooling):
    """Features before the ReLU."""
    pool = reference.average_pool if pooling == "average" else reference.max_pool
    x, Y = x - network.mean, {}
    for l in network.layers:
        if l not in network.weights:
            x = pool(x)
            continue
        y = reference.convolution(x, *network.weights[l])
        if l in taps:
            Y[l] = y.reshape(-1, y.shape[2]).T
        x = reference.relu(y)
    return Y


def total_loss(name, network, x, p, a):
    """The objective of a source for an image x."""
    peer, variation, pixels, l_c, style_layers, pooling = PEERS[name]
    features = before_relu if name == "pytorch" else reference.features
    F, P, A = (
        features(network, pixels(image), {l_c, *style_layers}, pooling) for image in (x, p, a)
    )
    Fs, As = ([maps[l] for l in style_layers] for maps in (F, A))
    return peer(F[l_c], P[l_c], Fs, As, *x.shape[:2]) + variation(x)
