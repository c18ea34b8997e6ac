"""Figure 1's reconstructions: what a layer still knows of a picture, from white noise."""

from nst_numpy import vgg
from nst_numpy.arguments import check_numbers, check_style_weights
from nst_numpy.job import run
from nst_numpy.losses import gram
from nst_numpy.networks import DEFAULT_NETWORK
from nst_numpy.objective import Targets, total_loss
from nst_numpy.ready import ready_network
from nst_numpy.start import extend, picture_from, start_from


def reconstruct_content(picture, layer, **settings):
    """Find an image with the features of a picture in one layer [Gatys et al. 2015, Fig. 1].

        x = argmin L_content(p, x, l)                     eq. 1

    Low layers keep the pixels; higher ones keep what stands where, and lose the pixels.

    Parameters
    ----------
    picture : path or (H, W, 3) array, red, green, blue, 0..255
    layer : str
        The network is run up to it and no deeper.
    **settings
        See `reconstruct`.

    Returns
    -------
    nst_numpy.job.Result
    """
    return reconstruct(picture, [layer], [], **settings)


def reconstruct_style(picture, layers, **settings):
    """Find an image with the Gram matrices of a picture [Gatys et al. 2015, Fig. 1].

        x = argmin L_style(a, x) = sum_l w_l E_l          eq. 5, w_l = 1 / number of layers

    Low layers alone give color and grain; with higher ones the forms grow. It is the texture
    synthesis of [Gatys, Ecker, Bethge, NIPS 2015].

    Parameters
    ----------
    picture : path or (H, W, 3) array, red, green, blue, 0..255
    layers : sequence of str
        The network is run up to the deepest of them and no deeper.
    **settings
        See `reconstruct`.

    Returns
    -------
    nst_numpy.job.Result
    """
    return reconstruct(picture, [], layers, **settings)


def reconstruct(
    picture,
    content_layers,
    style_layers,
    *,
    size=256,
    iterations=300,
    seed=0,
    optimizer="lbfgs",
    weights=DEFAULT_NETWORK,
    pooling="average",
    normalized=True,
    threads=None,
    callback=None,
    checkpoint=None,
    state=None,
):
    """Eq. 7 with one picture for both parts, from white noise.

    Parameters
    ----------
    picture : path or (H, W, 3) array, red, green, blue, 0..255
    content_layers, style_layers : sequence of str
        Layers of the content loss, each with alpha = 1, and of the style loss, beta = 1. One of
        the two may be empty.
    size : int
        Pixels of the longer side of the result; the picture is scaled to it.
    iterations : int
        When to stop at the latest.
    seed : int
        Of the noise.
    optimizer, weights, pooling, normalized, threads, callback, checkpoint, state
        As in `nst_numpy.stylize.stylize`.

    Returns
    -------
    nst_numpy.job.Result

    Raises
    ------
    InputError
        If an argument does not fit; the message says which and what was expected.
    """
    check_numbers(size, iterations, 0, 0, seed, threads, None)
    w = check_style_weights(style_layers, None) if style_layers or not content_layers else {}
    network = ready_network(weights, normalized)
    p = picture_from(picture, size).astype(network.dtype)
    taps = [*content_layers, *w]
    vgg.check_taps(network, taps, p.shape)
    x0 = start_from("noise", p, p, seed).astype(network.dtype)
    p, x0 = extend(p), extend(x0)

    def prepare():
        F, _ = vgg.forward(network, p, taps, pooling)
        goal = Targets({l: F[l] for l in content_layers}, {l: gram(F[l]) for l in w})
        return lambda x: total_loss(x, goal, network, 1.0, 1.0, w, pooling=pooling)

    how = iterations, optimizer, callback, threads
    return run(prepare, x0, *how, checkpoint=checkpoint, state=state)
