"""The job: two pictures in, one result out.

What `stylize` does is to look at what
was asked for (`nst_numpy.transfer.settings`), to read the pictures, and to serve the controls that go beyond
the paper.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
import numpy.typing as npt

from nst_numpy.images.color import gray, keep_color
from nst_numpy.networks import DEFAULT_NETWORK
from nst_numpy.transfer.checkpoint import rows_as_before
from nst_numpy.transfer.color_control import recolored
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.inputs import extend, picture_from, start_from
from nst_numpy.transfer.loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.masks import find_regions
from nst_numpy.transfer.multiscale import coarse_to_fine
from nst_numpy.transfer.objective_terms import Objective
from nst_numpy.transfer.optimization import Result, run
from nst_numpy.transfer.settings import ask
from nst_numpy.utils.available_memory import report_out_of_memory
from nst_numpy.utils.types import (
    Callback,
    Checkpoint,
    File,
    PictureSource,
    Settings,
    State,
)
from nst_numpy.vgg import Network

STYLE_LAYERS = ("conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1")


@report_out_of_memory()
def stylize(
    content: PictureSource,
    style: PictureSource | Sequence[PictureSource],
    *,
    size: int = 512,
    iterations: int = 300,
    ratio: float = 3e-3,
    tv: float = 0.0,
    content_layer: str | Sequence[str] = "conv4_2",
    content_weights: Sequence[float] | None = None,
    style_layers: Sequence[str] = STYLE_LAYERS,
    style_weights: Sequence[float] | None = None,
    style_blend: Sequence[float] | None = None,
    style_scale: float = 1.0,
    style_size: int | None = None,
    style_loss: str = "gram",
    content_loss: str = "squared",
    laplacian: float = 0.0,
    tv_kind: str = "squared",
    content_mask: PictureSource | None = None,
    style_mask: PictureSource | Sequence[PictureSource] | None = None,
    color: str | None = None,
    pooling: str = "average",
    padding: str = "zero",
    init: PictureSource = "content",
    seed: int = 0,
    optimizer: str = "lbfgs",
    scales: int | Sequence[tuple[int, int]] = 1,
    average: int = 1,
    weights: File | Network = DEFAULT_NETWORK,
    normalized: bool = True,
    dtype: npt.DTypeLike = np.float32,
    threads: int | None = None,
    memory: float | None = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | None = None,
    state: State | None = None,
    gradients: bool = False,
) -> Result:
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
        same color in ``style_mask`` (`nst_numpy.losses.spatial_guidance`).
    style_mask : the same, or a list with one for each style
    color : {None, "keep", "match", "match-pca", "match-symmetric", "luminance"}
        None takes the style's colors, as the paper does; the others are three ways to keep the
        content's (`nst_numpy.controls.recolored`).
    pooling : {"average", "max"}
        The paper's choice, or that of the released VGG.
    padding : {"zero", "reflect", "replicate"}
        What the convolutions see beyond the border (`nst_numpy.vgg.forward`). With zeros, which
        leave a rim, the job works on pictures continued by 16 pixels (`nst_numpy.transfer.inputs.extend`);
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
        (`nst_numpy.transfer.multiscale`).
    average : int
        The picture is an average over about so many of the last iterates, 1 for the last one
        alone (`nst_numpy.optimizers.update_average`).
    weights : str, path or nst_numpy.vgg.Network
        The network, by name, from a file or ready made.
    normalized : bool
        Whether to normalize a network that is not yet (see `nst_numpy.transfer.network_preparation.ready_network`).
    dtype : float32 or float64
        Of all arithmetic up to the optimizer.
    threads : int, optional
        Of the kernels; NST_NUM_THREADS or all cores if not given. The result does not depend on it.
    memory : float, optional
        Budget in MB, but no more than is free; 0.7 of that if not given. A picture that would
        take more is worked on strip by strip (`nst_numpy.transfer.tiling`), with the same result to
        rounding, in more time. What does not fit even so, or has a loss that is not the paper's,
        is refused before any picture is read.
    callback : callable, optional
        ``callback(iteration, picture, loss, terms)`` at the start (0) and after each iteration.
    checkpoint : callable, optional
        ``checkpoint(state)`` at the start and after each iteration, with all that is needed to go
        on from there: a dict of plain values (`nst_numpy.transfer.optimization.run`).
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

    Examples
    --------
    >>> from nst_numpy.images.samples import sample_picture
    >>> photo, painting = sample_picture("pagoda"), sample_picture("mosaic")
    >>> result = stylize(photo, painting, size=32, iterations=3)
    >>> result.picture.shape, result.picture.dtype.name, len(result.losses)
    ((21, 32, 3), 'uint8', 4)
    >>> result.reason
    'Stopped after 3 iterations (the limit).'
    """
    arguments = dict(locals())
    asked = ask(**arguments)
    if len(asked.steps) > 1:
        return coarse_to_fine(stylize, asked.steps, arguments | asked.settled)
    load, regions, rows = asked.fit.load, None, rows_as_before(asked.fit.rows, state)
    network, v, w, margin = load.network, load.v, load.w, load.margin
    encoder = Encoder(network, pooling, padding, rows)
    p = picture_from(content, size).astype(dtype)
    styles = [picture_from(source, asked.side).astype(dtype) for source in asked.sources[1:]]
    if asked.masks:
        drawn = asked.masks, asked.known, asked.sources, [p, *styles]
        regions = find_regions(*drawn, network, w, margin)
    p, styles, chroma = recolored(color, p, styles)
    finish = None if chroma is None else partial(keep_color, content=chroma)
    x0 = start_from(init, p, styles[0], seed).astype(dtype)
    p, x0, *styles = (extend(each, margin) for each in (p, x0, *styles))
    if color == "luminance":
        x0 = gray(x0)

    def prepare() -> Objective:
        terms = (
            *content_terms(p, encoder, v, ratio, content_loss),
            *style_terms(styles, encoder, style_loss, asked.share, w, regions),
            *pixel_terms(p, laplacian, tv, tv_kind),
        )
        return Objective(encoder, terms, luminance_only=color == "luminance")

    how = iterations, optimizer, callback, threads
    more: Settings = {"checkpoint": checkpoint, "state": state, "rows": rows}
    more |= {"gradients": gradients, "average": average}
    more["about"] = {"network": network.name, "content layers": v, "style layers": w}
    more["about"] |= {"ratio": ratio, "color": color, "pooling": pooling, **asked.losses}
    return run(prepare, x0, *how, margin=margin, finish=finish, **more)
