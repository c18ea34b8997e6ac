"""The job: two pictures in, one result out.

For the paper alone read `paper_loss`; what `stylize` does before and after it is to check what was
asked for, to read pictures and network, and to serve the controls that go beyond the paper.
"""

import math
from functools import partial

import numpy as np

from nst_numpy import vgg
from nst_numpy.arguments import check_dtype, check_numbers, check_style_weights
from nst_numpy.controls import (
    beyond_paper,
    check_content_weights,
    check_room,
    check_style_blend,
    find_regions,
    list_of,
    only_gray,
    recolored,
    side_of_style,
    sum_loss,
)
from nst_numpy.job import run
from nst_numpy.memory import budget_bytes, rows_within
from nst_numpy.networks import DEFAULT_NETWORK
from nst_numpy.objective import targets, total_loss
from nst_numpy.optimize import find_optimizer
from nst_numpy.pictures.color import gray
from nst_numpy.ready import ready_network
from nst_numpy.resume import rows_as_before
from nst_numpy.scales import coarse_to_fine, steps_of
from nst_numpy.start import extend, margin_of, picture_from, start_from
from nst_numpy.strips import targets_in_strips, total_loss_in_strips

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
    content_weights=None,
    style_layers=STYLE_LAYERS,
    style_weights=None,
    style_blend=None,
    style_scale=1.0,
    style_size=None,
    style_loss="gram",
    content_loss="squared",
    laplacian=0.0,
    tv_kind="squared",
    content_mask=None,
    style_mask=None,
    color=None,
    pooling="average",
    padding="zero",
    init="content",
    seed=0,
    optimizer="lbfgs",
    scales=1,
    average=1,
    weights=DEFAULT_NETWORK,
    normalized=True,
    dtype=np.float32,
    threads=None,
    memory=None,
    callback=None,
    checkpoint=None,
    state=None,
    gradients=False,
):
    """Paint the content of one picture in the style of another [Gatys et al. 2015].

    Parameters
    ----------
    content : path or (H, W, 3) array, red, green, blue, 0..255
    style : path, array, or a list of several
    size : int
        Pixels of the longer side of the result; all pictures are scaled to it.
    iterations : int
        When to stop at the latest.
    ratio : float
        alpha / beta with the content loss per element: alpha = ratio beta / (N M), so that it
        means the same at every size and for networks of any width.
    tv : float
        Weight of the total variation.
    content_layer : str or sequence of str
        Layer l of the content loss, or several.
    content_weights : sequence of float, optional
        Weight of each content layer; 1 / number of layers if not given.
    style_layers : sequence of str
        Layers of the style loss.
    style_weights : sequence of float, optional
        w_l of each style layer; 1 / number of layers if not given.
    style_blend : sequence of float, optional
        Weight of each style; only their ratios count. Equal if not given.
    style_scale : float
        The styles' longer side over ``size``: below 1 their forms get smaller, above 1 larger.
    style_size : int, optional
        The same in pixels, instead of ``style_scale``.
    style_loss : str
        What takes the place of eq. 4, a row of `nst_numpy.losses.STYLE_LOSSES`.
    content_loss : {"squared", "laplacian"}
        What ``ratio`` weighs: eq. 1, or `nst_numpy.losses.laplacian_loss` in its place.
    laplacian : float
        Weight of the Laplacian loss beside eq. 1.
    tv_kind : str
        A row of `nst_numpy.losses.VARIATIONS`.
    content_mask : path or (H, W) int array, optional
        A color (in an array: a number) for each region; it is painted like the regions of the
        same color in ``style_mask`` (`nst_numpy.losses.guided`).
    style_mask : the same, or a list with one for each style
    color : {None, "keep", "match", "match-pca", "match-symmetric", "luminance"}
        None takes the style's colors, as the paper does; the others are three ways to keep the
        content's (`nst_numpy.controls.recolored`).
    pooling : {"average", "max"}
        The paper's choice, or that of the released VGG.
    padding : {"zero", "reflect", "replicate"}
        What the convolutions see beyond the border (`nst_numpy.vgg.forward`). With zeros, which
        leave a rim, the job works on pictures continued by 16 pixels (`nst_numpy.start.extend`);
        with the others it does not.
    init : {"noise", "content", "style"}, path or (H, W, 3) array
        Where to start. White noise is the paper's start. A picture, the (first) style too, is
        scaled to the content's width and height.
    seed : int
        Of the noise.
    optimizer : {"lbfgs", "lbfgsb", "gradient-descent", "momentum", "adam"}
        The package's own L-BFGS, which works in ``dtype``, or SciPy's L-BFGS-B in float64; the
        others are slower and for study.
    scales : int, or sequence of (int, int)
        How many sizes the picture is painted at, from coarse to fine, each the half of the next
        and with ``iterations`` of its own; or size and iterations of each before the last one
        (`nst_numpy.scales`).
    average : int
        The picture is an average over about so many of the last iterates, 1 for the last one
        alone (`nst_numpy.optimize.averaged`).
    weights : str, path or nst_numpy.vgg.Network
        The network, by name, from a file or ready made.
    normalized : bool
        Whether to normalize a network that is not yet (see `nst_numpy.ready.ready_network`).
    dtype : float32 or float64
        Of all arithmetic up to the optimizer.
    threads : int, optional
        Of the kernels; NST_NUM_THREADS or all cores if not given. The result does not depend on it.
    memory : float, optional
        Budget in MB; 0.7 of what is free if not given. A picture that would take more is worked
        on strip by strip (`nst_numpy.strips`), with the same result to rounding, in more time;
        one whose loss is not the paper's is refused.
    callback : callable, optional
        ``callback(iteration, picture, loss, terms)`` at the start (0) and after each iteration.
    checkpoint : callable, optional
        ``checkpoint(state)`` at the start and after each iteration, with all that is needed to go
        on from there: a dict of plain values (`nst_numpy.job.run`).
    state : dict, optional
        Such a state, to go on from with the same arguments. The result is to the bit that of a job
        that was never stopped, but for SciPy's L-BFGS-B. ``iterations`` may be larger than before,
        not with "adam" or on scales that are finished.
    gradients : bool
        Whether the result shall have the derivative of each term with respect to the pixels at
        the end, for as many more evaluations as there are terms.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If an argument does not fit; the message says which and what was expected.
    NotFinite
        If the loss or its derivative is not a finite number, at the start or later.

    Warns
    -----
    Notice
        If a mask was resized, a region is too small for a layer, or the result will not be to the
        bit that of a job that was never stopped.
    """
    arguments = dict(locals())
    check_numbers(size, iterations, ratio, tv, seed, threads, memory, average)
    find_optimizer(optimizer)
    w = check_style_weights(style_layers, style_weights)
    v = check_content_weights(content_layer, content_weights)
    sources, style_masks = list_of(style), list_of(style_mask)
    share = check_style_blend(style_blend, len(sources))
    losses = {
        "style_loss": style_loss,
        "content_loss": content_loss,
        "laplacian": laplacian,
        "tv": tv,
        "tv_kind": tv_kind,
    }
    masks = len(list_of(content_mask)), len(style_masks)
    beyond = beyond_paper(styles=len(sources), content_layers=len(v), masks=masks, **losses)
    check_dtype(dtype)
    side = side_of_style(size, style_scale, style_size)
    network = ready_network(weights, normalized).astype(dtype)
    p = picture_from(content, size).astype(dtype)
    styles = [picture_from(source, side).astype(dtype) for source in sources]
    steps = steps_of(scales, size, iterations, smallest_size(size, network, v, w, p, styles))
    if len(steps) > 1:
        return coarse_to_fine(stylize, steps, {**arguments, "weights": network})
    margin, regions, rows = margin_of(padding), None, None
    if style_masks:
        drawn = [content_mask, *style_masks], [content, *sources], [p, *styles]
        regions = find_regions(*drawn, share, network, w, margin)
    p, styles, finish = recolored(color, p, styles)
    x0 = start_from(init, p, styles[0], seed).astype(dtype)
    p, x0, *styles = (extend(each, margin) for each in (p, x0, *styles))
    shapes, budget = [each.shape[:2] for each in (p, *styles)], budget_bytes(memory)
    if beyond:
        check_room(network, shapes, v, w, optimizer, regions, budget, beyond, padding)
        job = p, styles, network, v, w, share, regions, ratio, pooling, padding
        prepare = partial(sum_loss, *job, **losses)
    else:  # the paper's own sum: one style, one content layer
        rows = rows_within(network, shapes, *v, w, optimizer, budget, padding)
        rows = rows_as_before(rows, state)
        job = p, *styles, network, *v, ratio, w, tv, pooling, rows, padding
        prepare = partial(paper_loss, *job)
    if color == "luminance":
        x0, prepare = gray(x0), only_gray(prepare)
    how = iterations, optimizer, callback, threads
    more = {"checkpoint": checkpoint, "state": state, "rows": rows, "gradients": gradients}
    return run(prepare, x0, *how, margin=margin, finish=finish, average=average, **more)


def smallest_size(size, network, v, w, p, styles):
    """The least size at which every picture still reaches the deepest layer that looks at it.

    Parameters
    ----------
    size : int
        Pixels of the longer side that the pictures p and styles were scaled for.
    network : nst_numpy.vgg.Network
    v, w : collection of str
        Content layers and style layers.
    p : (H, W, 3) array
    styles : sequence of (H, W, 3) arrays

    Returns
    -------
    int

    Raises
    ------
    InputError
        If the network has no such layer, or a picture is too small for it as it is.
    """
    deepest = vgg.check_taps(network, [*v, *w], p.shape)
    for a in styles:
        vgg.check_taps(network, w, a.shape)
    shortest = min(side for each in (p, *styles) for side in each.shape[:2])
    return math.ceil(size * vgg.smallest_side(network, deepest) / shortest)


def paper_loss(p, a, network, content_layer, ratio, w, tv, pooling, rows=None, padding="zero"):
    """f(x) = (L, dL_dx, terms) of eq. 7; strip by strip if ``rows`` are given.

    ``f(x, only=term)`` is that of one term: the others weigh nothing.
    """
    loss, find_targets = total_loss, targets
    if rows is not None:
        loss = partial(total_loss_in_strips, rows=rows)
        find_targets = partial(targets_in_strips, rows=rows)
    goal = find_targets(p, a, network, [content_layer], w, pooling, padding)
    # Departs from Gatys et al.: eq. 1 is a sum over the N M elements of F, eq. 4 is not, so
    # that one alpha / beta would give another balance at each size and width. Here the
    # ratio weighs the content loss per element.
    alpha = ratio / goal.P[content_layer].size

    def f(x, only=None):
        def counts(term):
            return only in (None, term)

        w_x = {l: w[l] * counts(f"style {l}") for l in w}
        weights = alpha * counts(f"content {content_layer}"), 1.0, w_x, tv * counts("tv")
        return loss(x, goal, network, *weights, pooling, padding)

    return f
