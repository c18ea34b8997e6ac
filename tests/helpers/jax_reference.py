"""The paper's losses and network in JAX, float64: the reference that the tests compare with.

Written from the equations, with XLA's convolution and pooling, and differentiated by JAX.
"""

import jax
import jax.numpy as jnp


def convolution(x, K, b, padding="zero"):
    dimensions = jax.lax.conv_dimension_numbers((1, *x.shape), K.shape, ("NHWC", "HWIO", "NHWC"))
    mode = {"zero": "constant", "reflect": "reflect", "replicate": "edge"}[padding]
    x = jnp.pad(x, ((1, 1), (1, 1), (0, 0)), mode)
    y = jax.lax.conv_general_dilated(x[None], K, (1, 1), "VALID", dimension_numbers=dimensions)
    return y[0] + b


def relu(x):
    return jnp.where(x > 0, x, 0.0)


def average_pool(x):
    return _blocks(x).mean(axis=(1, 3))


def max_pool(x):
    return _blocks(x).max(axis=(1, 3))


def _blocks(x):
    h, w = x.shape[0] // 2, x.shape[1] // 2
    return x[: 2 * h, : 2 * w].reshape(h, 2, w, 2, x.shape[2])


def features(network, x, taps, pooling, padding="zero"):
    pool = average_pool if pooling == "average" else max_pool
    x, F = x - network.mean, {}
    for l in network.layers:
        kernel = network.weights.get(l)
        x = relu(convolution(x, *kernel, padding)) if kernel else pool(x)
        if l in taps:
            F[l] = x.reshape(-1, x.shape[2]).T
    return F


def content_loss(F, P):
    return jnp.sum((F - P) ** 2) / 2


def style_layer_loss(F, A):
    N, M = F.shape
    G = jnp.einsum("ik,jk->ij", F, F)
    return jnp.sum((G - A) ** 2) / (4 * N**2 * M**2)


def covariance_loss(F, F_a):
    N = F.shape[0]
    D = jnp.cov(F, bias=True) - jnp.cov(F_a, bias=True)
    d = F.mean(axis=1) - F_a.mean(axis=1)
    return (jnp.sum(D**2) / N**2 + jnp.sum(d**2) / N) / 4


def mean_variance_loss(F, F_a):
    eps = 1e-4 * jnp.mean(F_a**2)
    d = F.mean(axis=1) - F_a.mean(axis=1)
    e = jnp.sqrt(F.var(axis=1) + eps) - jnp.sqrt(F_a.var(axis=1) + eps)
    return jnp.mean(d**2 + e**2) / 4


def wasserstein_loss(F, F_a):
    """tr (R^T C R)^1/2 is the sum of the singular values of R^T Q for C = Q Q^T."""
    N = F.shape[0]
    eps = 1e-4 * jnp.mean(F_a**2) * jnp.eye(N)
    C, C_a = jnp.cov(F, bias=True) + eps, jnp.cov(F_a, bias=True) + eps
    roots = jnp.linalg.cholesky(C_a).T @ jnp.linalg.cholesky(C)
    bures = jnp.trace(C + C_a) - 2 * jnp.sum(jnp.linalg.svd(roots, compute_uv=False))
    return (jnp.sum((F.mean(axis=1) - F_a.mean(axis=1)) ** 2) + bures) / (4 * N)


def mmd_loss(kernel):
    """A quarter of MMD^2 over all pairs of columns."""

    def mean(X, Y):
        return jax.vmap(lambda x: jax.vmap(lambda y: kernel(x, y))(Y.T))(X.T).mean()

    return lambda F, F_a: (mean(F, F) - 2 * mean(F, F_a) + mean(F_a, F_a)) / 4


def total_loss(F, F_p, F_a, content_layer, w, alpha, beta):
    """Eq. 7 from the features of the image, the content and the style, by layer."""
    loss = alpha * content_loss(F[content_layer], F_p[content_layer])
    for l in w:
        A = F_a[l] @ F_a[l].T * F[l].shape[1] / F_a[l].shape[1]
        loss += beta * w[l] * style_layer_loss(F[l], A)
    return loss
