"""Pairs of a function and its derivative, some of them wrong: for assignment 4 to find out."""

import numpy as np

from nst_numpy import layers
from nst_numpy.classroom.assertions import require
from nst_numpy.classroom.guarded_call import guarded
from nst_numpy.gradcheck.checker import Check
from nst_numpy.losses import content_loss, style_layer_loss, total_variation

SHAPE = (5, 4, 3)
N, M = 3, 6


def suspects(seed=0):
    """Eleven pairs of a function and its derivative, five of them wrong.

    Parameters
    ----------
    seed : int
        Of the order, and so of the names, and of the points.

    Returns
    -------
    list of (str, callable, array)
        Name, ``f_and_g(x) -> (f, g)``, and a float64 x away from kinks.
    """
    rng = np.random.default_rng(seed)
    dealt = _dealt(rng)
    return [(name, *_without_a_name(*PAIRS[k][2](rng))) for name, k in dealt.items()]


def guilty(seed=0):
    """{name: what is wrong} of the wrong ones among ``suspects(seed)``."""
    dealt = _dealt(np.random.default_rng(seed))
    return {name: PAIRS[k][1] for name, k in dealt.items() if PAIRS[k][1]}


def expect(find_wrong, number, seed):
    """Require that a student's function finds the suspect with this error, and does not name all.

    Parameters
    ----------
    find_wrong : callable
        ``find_wrong(suspects) -> list of names``.
    number : int
        Of the error, from 1 to 5, in the order of `PAIRS`.
    seed : int
    """
    there = suspects(seed)
    everybody = {name for name, _, _ in there}
    named = guarded("find_wrong", find_wrong)(there)
    require(
        isinstance(named, list) and set(named) <= everybody,
        "A list of names of suspects is wanted.",
        got=named,
    )
    require(
        len(set(named)) < len(everybody),
        "Some of the suspects are right: naming all of them finds nothing.",
        got=named,
    )
    kinds = [why for _, why, _ in PAIRS if why]
    culprit = next(name for name, why in guilty(seed).items() if why == kinds[number - 1])
    require(
        culprit in named,
        f"The derivative of '{culprit}' is not that of its value, and the checker let it pass. "
        "Compare the two slopes along some directions.",
        got=named,
    )


def central(f, x, v, h):
    """(f(x + h v) - f(x - h v)) / (2 h), for those who have not written it yet."""
    return (f(x + h * v) - f(x - h * v)) / (2 * h)


def relative(analytic, numeric):
    """Relative difference of two numbers, for those who have not written it yet."""
    return Check(float(analytic), float(numeric)).error


def _dealt(rng):
    """{name: which of `PAIRS`}, in an order by chance."""
    order = enumerate(rng.permutation(len(PAIRS)))
    return {f"{'abcdefghijk'[i]}: {PAIRS[k][0]}": k for i, k in order}


def _without_a_name(f_and_g, x):
    """The function's own name would say whether it is wrong."""
    return lambda x: f_and_g(x), x


def _off_the_kink(x):
    return x + 0.01 * np.sign(x)


def _content(rng):
    F, P = rng.normal(size=(2, N, M))
    return lambda F: content_loss(F, P), F


def _content_without_half(rng):
    F, P = rng.normal(size=(2, N, M))
    return lambda F: (2 * content_loss(F, P)[0], F - P), F


def _style(rng):
    F, A = rng.normal(size=(N, M)), np.eye(N)
    return lambda F: style_layer_loss(F, A), F


def _style_a_thousandth_off(rng):
    F, A = 1e-3 * rng.normal(size=(N, M)), 1e-6 * np.eye(N)

    def f_and_g(F):
        E, dE_dF = style_layer_loss(F, A)
        return E, 1.001 * dE_dF

    return f_and_g, F


def _relu(rng):
    x, r = _off_the_kink(rng.normal(size=SHAPE)), rng.normal(size=SHAPE)

    def f_and_g(x):
        y = layers.relu(x)
        return np.sum(y * r), layers.relu_backward(r, y > 0)

    return f_and_g, x


def _relu_without_mask(rng):
    x, P = _off_the_kink(rng.normal(size=(N, M))), rng.normal(size=(N, M))
    return lambda x: content_loss(layers.relu(x), P), x


def _convolution(rng, derivative=layers.convolution_backward):
    x, K = rng.normal(size=SHAPE), rng.normal(size=(3, 3, 3, 3))
    r, b = rng.normal(size=SHAPE), rng.normal(size=3)
    return lambda x: (np.sum(layers.convolution(x, K, b) * r), derivative(r, K)), x


def _convolution_not_flipped(rng):
    def derivative(r, K):
        return layers.convolution(r, K.transpose(0, 1, 3, 2), np.zeros(3))

    return _convolution(rng, derivative)


def _max_pool(rng):
    x, r = rng.normal(size=SHAPE), rng.normal(size=(2, 2, 3))

    def f_and_g(x):
        y, winner = layers.max_pool(x)
        return np.sum(y * r), layers.max_pool_backward(r, winner, x.shape)

    return f_and_g, x


def _variation(rng):
    return total_variation, rng.uniform(0, 255, SHAPE)


def _variation_one_pixel(rng):
    corner = rng.integers(0, SHAPE[0]), rng.integers(0, SHAPE[1]), rng.integers(0, 3)

    def f_and_g(x):
        V, dV_dx = total_variation(x)
        dV_dx[corner] *= 1.5
        return V, dV_dx

    return f_and_g, rng.uniform(0, 255, SHAPE)


PAIRS = (
    ("content loss", None, _content),
    ("content loss", "the value lacks its 1/2", _content_without_half),
    ("style loss", None, _style),
    ("style loss", "the derivative is 0.1 % too large", _style_a_thousandth_off),
    ("ReLU", None, _relu),
    ("content loss after a ReLU", "the mask is forgotten", _relu_without_mask),
    ("convolution", None, _convolution),
    ("convolution", "the kernel is not flipped", _convolution_not_flipped),
    ("max pooling", None, _max_pool),
    ("total variation", None, _variation),
    ("total variation", "one pixel's derivative is half too large", _variation_one_pixel),
)
