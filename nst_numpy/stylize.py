"""The job: two pictures in, one result out."""

from functools import partial

import numpy as np

from nst_numpy import vgg
from nst_numpy.arguments import check_numbers, check_style_weights
from nst_numpy.errors import InputError
from nst_numpy.job import run
from nst_numpy.memory import budget_bytes, rows_within
from nst_numpy.networks import DEFAULT_NETWORK, load_network, normalize
from nst_numpy.objective import targets, total_loss
from nst_numpy.pictures.gallery import CONTENTS, STYLES, gallery_picture
from nst_numpy.start import extend, picture_from, start_from
from nst_numpy.strips import targets_in_strips, total_loss_in_strips

NORMALIZE_SIZE = 256  # pixels of the longer side of the pictures for mean activations
RARE = 3.0  # of `normalize`; the network that ships was normalized with the same
STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")


def stylize(
    content,
    style,
    *,
    size=512,
    iterations=300,
    ratio=3e-3,
    tv=0.0,
    content_layer="conv4_2",
    style_layers=STYLE_LAYERS,
    style_weights=None,
    pooling="average",
    init="content",
    seed=0,
    optimizer="lbfgs",
    weights=DEFAULT_NETWORK,
    normalized=True,
    dtype=np.float32,
    threads=None,
    memory=None,
    callback=None,
):
    """Paint the content of one picture in the style of another [Gatys et al. 2015].

    Parameters
    ----------
    content, style : path or (H, W, 3) array, red, green, blue, 0..255
    size : int
        Pixels of the longer side of the result; both pictures are scaled to it.
    iterations : int
        When to stop at the latest.
    ratio : float
        alpha / beta with the content loss per element: alpha = ratio beta / (N M), so that it
        means the same at every size and for networks of any width.
    tv : float
        Weight of the total variation.
    content_layer : str
        Layer l of the content loss.
    style_layers : sequence of str
        Layers of the style loss.
    style_weights : sequence of float, optional
        w_l of each style layer; 1 / number of layers if not given.
    pooling : {"average", "max"}
        The paper's choice, or that of the released VGG.
    init : {"noise", "content", "style"}, path or (H, W, 3) array
        Where to start. White noise is the paper's start. A picture, the style too, is scaled to
        the content's width and height.
    seed : int
        Of the noise.
    optimizer : {"lbfgs", "lbfgsb"}
        The package's own L-BFGS, which works in ``dtype``, or SciPy's L-BFGS-B in float64.
    weights : str, path or nst_numpy.vgg.Network
        The network, by name, from a file or ready made.
    normalized : bool
        Whether to normalize a network that is not yet (see `ready_network`).
    dtype : float32 or float64
        Of all arithmetic up to the optimizer.
    threads : int, optional
        Of the kernels; NST_NUM_THREADS or all cores if not given. The result does not depend on it.
    memory : float, optional
        Budget in MB; 0.7 of what is free if not given. A picture that would take more is worked
        on strip by strip (`nst_numpy.strips`), with the same result to rounding, in more time.
    callback : callable, optional
        ``callback(iteration, picture, loss, terms)`` at the start (0) and after each iteration.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If an argument does not fit; the message says which and what was expected.
    """
    check_numbers(size, iterations, ratio, tv, seed, threads, memory)
    w = check_style_weights(style_layers, style_weights)
    if np.dtype(dtype) not in (np.float32, np.float64):
        raise InputError(f"dtype must be float32 or float64, got {np.dtype(dtype)}.")
    network = ready_network(weights, normalized).astype(dtype)
    p, a = (picture_from(source, size).astype(dtype) for source in (content, style))
    vgg.check_taps(network, [content_layer, *style_layers], p.shape)
    vgg.check_taps(network, style_layers, a.shape)
    x0 = start_from(init, p, a, seed).astype(dtype)
    p, a, x0 = extend(p), extend(a), extend(x0)
    loss, find_targets = total_loss, targets
    job = network, (p.shape[:2], a.shape[:2]), content_layer, style_layers, optimizer
    rows = rows_within(*job, budget_bytes(memory))
    if rows is not None:
        loss = partial(total_loss_in_strips, rows=rows)
        find_targets = partial(targets_in_strips, rows=rows)

    def prepare():
        goal = find_targets(p, a, network, [content_layer], style_layers, pooling)
        # Departs from Gatys et al.: eq. 1 is a sum over the N M elements of F, eq. 4 is not, so
        # that one alpha / beta would give another balance at each size and width. Here the
        # ratio weighs the content loss per element.
        alpha = ratio / goal.P[content_layer].size
        return lambda x: loss(x, goal, network, alpha, 1.0, w, tv, pooling)

    return run(prepare, x0, iterations, optimizer, callback, threads)


def ready_network(weights, normalized=True):
    """The network that a job runs: loaded, and normalized as the paper says.

    A network whose file does not say that it is normalized gets its mean activations from the
    pictures that ship with the package, so that alpha and beta mean much the same for every
    network.

    Parameters
    ----------
    weights : str, path or nst_numpy.vgg.Network
    normalized : bool
        False takes the weights as they are.

    Returns
    -------
    nst_numpy.vgg.Network
    """
    network = weights if isinstance(weights, vgg.Network) else load_network(weights)
    if normalized and not network.normalized:
        network, _ = normalize(network, gallery_pictures(), rare=RARE)
    return network


def gallery_pictures():
    """The pictures that ship, one after the other, as mean activations are taken over them."""
    return (gallery_picture(name, NORMALIZE_SIZE) for name in (*CONTENTS, *STYLES))
