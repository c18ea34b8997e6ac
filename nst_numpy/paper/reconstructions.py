"""Figure 1's reconstructions: what a layer still knows of a picture, from white noise."""

from collections.abc import Sequence
from typing import Any

from nst_numpy.networks import DEFAULT_NETWORK
from nst_numpy.transfer.checks import check_numbers, check_style_weights
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.inputs import extend, picture_from, start_from
from nst_numpy.transfer.loss_terms import style_terms
from nst_numpy.transfer.memory_estimate import Load
from nst_numpy.transfer.memory_fit import check_room
from nst_numpy.transfer.network_preparation import ready_network
from nst_numpy.transfer.objective_terms import ContentTerm, Objective
from nst_numpy.transfer.optimization import Result, run
from nst_numpy.transfer.option_types import check_kinds
from nst_numpy.transfer.targets import map_targets
from nst_numpy.utils.available_memory import memory_budget, report_out_of_memory
from nst_numpy.utils.types import (
    Callback,
    Checkpoint,
    File,
    PictureSource,
    Settings,
    State,
)
from nst_numpy.vgg import Network


def reconstruct_content(picture: PictureSource, layer: str, **settings: Any) -> Result:
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
    nst_numpy.transfer.optimization.Result
    """
    return reconstruct(picture, [layer], [], **settings)


def reconstruct_style(picture: PictureSource, layers: Sequence[str], **settings: Any) -> Result:
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
    nst_numpy.transfer.optimization.Result
    """
    return reconstruct(picture, [], layers, **settings)


@report_out_of_memory()
def reconstruct(
    picture: PictureSource,
    content_layers: Sequence[str],
    style_layers: Sequence[str],
    *,
    size: int = 256,
    iterations: int = 300,
    seed: int = 0,
    optimizer: str = "lbfgs",
    weights: File | Network = DEFAULT_NETWORK,
    pooling: str = "average",
    normalized: bool = True,
    threads: int | None = None,
    memory: float | None = None,
    callback: Callback | None = None,
    checkpoint: Checkpoint | None = None,
    state: State | None = None,
) -> Result:
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
        As in `nst_numpy.transfer.stylize.stylize`.
    memory : float, optional
        Budget in MB, but no more than is free; 0.7 of that if not given.

    Returns
    -------
    nst_numpy.transfer.optimization.Result

    Raises
    ------
    InputError
        If an argument does not fit; the message says which and what was expected.
    """
    check_kinds(dict(locals()))
    check_numbers(size, iterations, 0, 0, seed, threads, memory)
    w = check_style_weights(style_layers, None) if style_layers or not content_layers else {}
    network = ready_network(weights, normalized)
    load = load_of(network, content_layers, w, optimizer, threads)
    check_room(load, [picture], size, memory_budget(memory))
    p = picture_from(picture, size).astype(network.dtype)
    x0 = start_from("noise", p, p, seed).astype(network.dtype)
    p, x0 = extend(p), extend(x0)

    def prepare() -> Objective:
        encoder = Encoder(network, pooling)
        P = map_targets(p, encoder, content_layers)
        content = [ContentTerm(f"content {l}", l, 1.0, P[l]) for l in content_layers]
        style = style_terms([p], encoder, "gram", [1.0], w) if w else ()
        return Objective(encoder, (*content, *style))

    how = iterations, optimizer, callback, threads
    return run(prepare, x0, *how, checkpoint=checkpoint, state=state)


def load_of(
    network: Network,
    content_layers: Sequence[str],
    w: dict[str, float],
    optimizer: str = "lbfgs",
    threads: int | None = None,
) -> Load:
    """What decides how much memory a reconstruction needs."""
    what: Settings = {"uncut": "a reconstruction", "threads": threads}
    return Load(network, tuple(content_layers), tuple(w), optimizer, **what)
