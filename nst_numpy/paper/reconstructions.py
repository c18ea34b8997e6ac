"""Figure 1's reconstructions: find an image from what layers keep of a picture."""

import time
from collections.abc import Sequence
from dataclasses import KW_ONLY, MISSING, dataclass
from typing import Any

from nst_numpy.transfer import option_values as valid
from nst_numpy.transfer.build_loss_terms import style_terms
from nst_numpy.transfer.checkpoint import tile_rows_to_resume
from nst_numpy.transfer.checks import weights_by_layer
from nst_numpy.transfer.encoder import Encoder, feature_maps
from nst_numpy.transfer.inputs import Inputs, initial_image
from nst_numpy.transfer.margin import MARGIN, extend
from nst_numpy.transfer.memory_estimate import Load
from nst_numpy.transfer.memory_fit import MemoryPlan, check_reading, fit_into_memory, sizes_of
from nst_numpy.transfer.optimization import minimize
from nst_numpy.transfer.option_definition import (
    check_options,
    copied,
    keywords_of,
    option,
    options_of,
)
from nst_numpy.transfer.prepare_network import prepare_network
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.sources import picture_from
from nst_numpy.transfer.weighted_terms import ContentTerm, Objective
from nst_numpy.utils.available_memory import memory_budget, report_out_of_memory
from nst_numpy.utils.blas_threads import one_blas_thread
from nst_numpy.utils.threads import use_threads
from nst_numpy.utils.types import Callback, Checkpoint, File, Image, PictureSource, State
from nst_numpy.vgg import Network

SIZE = 256  # pixels, the default
PICTURE = valid.picture(metavar="PICTURE")
PICTURE_HELP = "picture to reconstruct, (H, W, 3) if it is an array, red, green, blue, 0..255"


def _as_in_stylize(name: str, **changes: Any) -> Any:
    """The same option as in `nst_numpy.stylize`."""
    return copied(StylizeSettings, name, **changes)


@dataclass(frozen=True, eq=False)
class ReconstructSettings:
    """The settings of `reconstruct`, not checked yet."""

    picture: PictureSource = option(
        MISSING,
        valid.picture(metavar="PICTURE"),
        "picture to reconstruct, (H, W, 3) if it is an array, red, green, blue, 0..255",
    )
    content_layers: Sequence[str] = option(
        MISSING, valid.layer_names(), "layers of the content loss, each with alpha = 1"
    )
    style_layers: Sequence[str] = option(
        MISSING, valid.layer_names(), "layers of the style loss, with beta = 1"
    )
    _: KW_ONLY
    size: int = _as_in_stylize("size", default=256)
    iterations: int = _as_in_stylize("iterations", default=300)
    seed: int = _as_in_stylize("seed", has_effect=None)
    optimizer: str = _as_in_stylize("optimizer")
    threads: int | None = _as_in_stylize("threads")
    memory: float | None = _as_in_stylize("memory")
    weights: File | Network = _as_in_stylize("weights")
    normalized: bool = _as_in_stylize("normalized")
    pooling: str = _as_in_stylize("pooling")
    callback: Callback | None = _as_in_stylize("callback")
    checkpoint: Checkpoint | None = _as_in_stylize("checkpoint")
    state: State | None = _as_in_stylize("state")


def reconstruct_content(picture: PictureSource, layer: str, **settings: Any) -> Result:
    """Find an image with the features of a picture in one layer [Gatys et al. 2015, Fig. 1].

        x = argmin L_content(p, x, l)                     eq. 1

    Low layers keep the pixels; higher layers keep which object is where, and lose the pixels.

    Parameters
    ----------
    picture : path or (H, W, 3) array, red, green, blue, 0..255
    layer : str
        The network is run up to this layer and no deeper.
    **settings
        As in `reconstruct`.

    Returns
    -------
    Result

    Examples
    --------
    >>> from nst_numpy.images.samples import sample_picture
    >>> photo = sample_picture("pagoda", 32)
    >>> result = reconstruct_content(photo, "conv2_1", size=32, iterations=2)
    >>> list(result.terms)
    ['content conv2_1']
    """
    return reconstruct(picture, [layer], [], **settings)


def reconstruct_style(picture: PictureSource, layers: Sequence[str], **settings: Any) -> Result:
    """Find an image with the Gram matrices of a picture [Gatys et al. 2015, Fig. 1].

        x = argmin L_style(a, x) = sum_l w_l E_l          eq. 5, w_l = 1 / number of layers

    Low layers alone give color and grain; with higher layers the forms grow. This is the texture
    synthesis of [Gatys, Ecker, Bethge, NIPS 2015].

    Parameters
    ----------
    picture : path or (H, W, 3) array, red, green, blue, 0..255
    layers : sequence of str
        The network is run up to the deepest of these layers and no deeper.
    **settings
        As in `reconstruct`.

    Returns
    -------
    Result

    Examples
    --------
    >>> from nst_numpy.images.samples import sample_picture
    >>> painting = sample_picture("mosaic", 32)
    >>> result = reconstruct_style(painting, ["conv1_1", "conv2_1"], size=32, iterations=2)
    >>> list(result.terms)
    ['style conv1_1', 'style conv2_1']
    """
    return reconstruct(picture, [], layers, **settings)


@keywords_of(ReconstructSettings)
def reconstruct(settings: ReconstructSettings) -> Result:
    """Minimize eq. 7 with one picture for both parts, starting from white noise.

    One of ``content_layers`` and ``style_layers`` may be empty.

    {parameters}

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If an argument is not valid. The message names the argument and the expected value.
    """
    with report_out_of_memory():
        w, network, memory = prepare_reconstruction(settings)
        with use_threads(settings.threads), one_blas_thread():
            p = picture_from(settings.picture, settings.size).astype(network.dtype)
            x0 = initial_image("white-noise", p, p, settings.seed).astype(network.dtype)
            inputs = Inputs(extend(p), [extend(p)], extend(x0), MARGIN)
            started = time.perf_counter()
            tile_rows = tile_rows_to_resume(memory.tile_rows, settings.state)
            encoder = Encoder(network, settings.pooling, tile_rows=tile_rows)
            objective = _objective(settings, w, encoder, inputs.p)
            return minimize(objective, inputs, _as_stylize_settings(settings), started)


def prepare_reconstruction(
    settings: ReconstructSettings,
) -> tuple[dict[str, float], Network, MemoryPlan]:
    """Check the settings of a reconstruction and find out how it fits into memory.

    Parameters
    ----------
    settings : ReconstructSettings

    Returns
    -------
    w : dict of str to float
        Weight of each style layer.
    network : nst_numpy.vgg.Network
    memory : MemoryPlan

    Raises
    ------
    InputError
        If an option is not valid.
    TooLarge
        If the job does not fit into memory.
    """
    check_options(settings)
    content, style = settings.content_layers, settings.style_layers
    w = weights_by_layer("style", style, None, "") if style or not content else {}
    network = prepare_network(settings.weights, settings.normalized)
    load = Load(network, tuple(content), tuple(w), settings.optimizer, threads=settings.threads)
    budget = memory_budget(settings.memory)
    reading = check_reading([settings.picture], [], budget)
    sizes = sizes_of([settings.picture], settings.size)
    memory = fit_into_memory(load, sizes, budget, reading)
    return w, network, memory


def _objective(
    settings: ReconstructSettings, w: dict[str, float], encoder: Encoder, p: Image
) -> Objective:
    """The content loss with alpha = 1 and the style loss with beta = 1."""
    P = feature_maps(encoder, p, settings.content_layers) if settings.content_layers else {}
    content = [ContentTerm(f"content {l}", l, 1.0, P[l]) for l in settings.content_layers]
    style = style_terms([p], encoder, "gram", [1.0], w) if w else ()
    return Objective(encoder, (*content, *style))


def _as_stylize_settings(settings: ReconstructSettings) -> StylizeSettings:
    """The settings of the optimization, as those of `nst_numpy.stylize`."""
    shared = options_of(StylizeSettings).keys() & options_of(ReconstructSettings).keys()
    picture = settings.picture
    return StylizeSettings(picture, picture, **{name: getattr(settings, name) for name in shared})
