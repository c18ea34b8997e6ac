"""Style transfer with the objective of another implementation: `stylize_like`."""

import time
from dataclasses import replace
from typing import Any

import numpy as np

from nst_numpy.losses import total_variation
from nst_numpy.paper.convention_objective import (
    BEFORE_RELU_REASON,
    convention_network,
    convention_objective,
)
from nst_numpy.paper.conventions import find_convention
from nst_numpy.paper.paper_form import NEAR_MEAN, Convention, Smoothing
from nst_numpy.transfer.checkpoint import tile_rows_to_resume
from nst_numpy.transfer.checks import (
    content_weights_of,
    dtype_of,
    list_of,
    pictures_of,
    style_weights_of,
)
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.inputs import Inputs, initial_image, start_file
from nst_numpy.transfer.memory_estimate import Load
from nst_numpy.transfer.memory_fit import check_reading, fit_into_memory, sizes_of
from nst_numpy.transfer.multiscale import Scale
from nst_numpy.transfer.optimization import minimize
from nst_numpy.transfer.option_definition import check_options, options_of
from nst_numpy.transfer.plan import Plan, measured_plan
from nst_numpy.transfer.prepare_job import PreparedJob
from nst_numpy.transfer.prepare_network import prepare_network
from nst_numpy.transfer.recipe import PAPER_RECIPE
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.sources import picture_from, picture_names
from nst_numpy.transfer.stylize import identity_of, preconditioner_of
from nst_numpy.utils.available_memory import memory_budget, report_out_of_memory
from nst_numpy.utils.blas_threads import one_blas_thread
from nst_numpy.utils.errors import InputError, unknown_name
from nst_numpy.utils.threads import use_threads
from nst_numpy.utils.types import Array, Image, PictureSource
from nst_numpy.vgg import Network


def stylize_like(name: str, content: PictureSource, style: PictureSource, **given: Any) -> Result:
    """Paint the content of one picture in the style of another, with another's convention.

    The pictures are not extended beyond their borders (`nst_numpy.transfer.margin.extend`), because
    no other implementation does this.

    Parameters
    ----------
    name : str
        A row of `nst_numpy.paper.conventions.CONVENTIONS`.
    content, style
        As in `nst_numpy.stylize`.
    **given
        Arguments of `nst_numpy.stylize`, except for those that weigh content and style. They
        override the convention, which overrides the defaults. ``tv`` is the weight of
        `nst_numpy.losses.total_variation`, in place of the convention's own total variation.

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If an argument is not valid or contradicts the convention.

    Examples
    --------
    >>> from nst_numpy.images.samples import sample_picture
    >>> photo, painting = sample_picture("pagoda", 32), sample_picture("mosaic", 32)
    >>> result = stylize_like("gatys", photo, painting, size=32, iterations=2)
    >>> result.picture.shape
    (21, 32, 3)
    """
    settings = like_settings(name, content, style, **given)
    with report_out_of_memory():
        return paint_like(convention_of(name, given), _prepare(name, settings))


def plan_like(name: str, content: PictureSource, style: PictureSource, **given: Any) -> Plan:
    """Predict memory and time of `stylize_like` with the same arguments.

    Returns
    -------
    nst_numpy.Plan
    """
    convention = convention_of(name, given)
    job = prepare_stylize_like(name, content, style, **given)

    def paint(settings: StylizeSettings) -> Result:
        return paint_like(convention, _prepare(name, settings))

    return measured_plan(job, [Scale(job.settings.size, job.settings.iterations)], paint)


def like_settings(
    name: str, content: PictureSource, style: PictureSource, **given: Any
) -> StylizeSettings:
    """All settings of a job: the given ones, else the convention's, else the defaults.

    Raises
    ------
    InputError
        If an argument does not exist or cannot be combined with a convention.
    """
    convention, defined = find_convention(name), options_of(StylizeSettings)
    for argument in given:
        if argument not in defined:
            raise unknown_name("argument", argument, tuple(defined))
        if not defined[argument].with_convention:
            raise InputError(
                f"`{argument}` cannot be combined with the convention {name}, which defines the "
                f"losses and their weights: leave out `{argument}` or the convention."
            )
    return StylizeSettings(content, style, **{**PAPER_RECIPE, **convention.settings, **given})


def convention_of(name: str, given: dict[str, Any]) -> Convention:
    """The convention, with the total variation that is given."""
    convention = find_convention(name)
    if "tv" not in given:
        return convention
    weight = given["tv"]
    return replace(convention, tv=Smoothing("", "", lambda H, W: weight, total_variation))


def prepare_stylize_like(
    name: str, content: PictureSource, style: PictureSource, **given: Any
) -> PreparedJob:
    """Check a job with a convention and find out how it fits into memory.

    Returns
    -------
    PreparedJob
    """
    return _prepare(name, like_settings(name, content, style, **given))


def _prepare(name: str, settings: StylizeSettings) -> PreparedJob:
    """`prepare_stylize_like` for complete settings."""
    check_options(settings)
    if len(list_of(settings.style)) != 1 or len(list_of(settings.content_layer)) != 1:
        raise InputError(
            "A convention has one style and one content layer, got "
            f"{len(list_of(settings.style))} and {len(list_of(settings.content_layer))}: give one "
            "of each, or omit `convention`."
        )
    convention = find_convention(name)
    v, w = content_weights_of(settings), style_weights_of(settings)
    network = prepare_network(settings.weights, settings.normalized).astype(dtype_of(settings))
    _check_content_layer(name, settings, network)
    load = Load(
        convention_network(convention, network, [*v, *w]),
        v,
        w,
        settings.optimizer,
        margin=0,
        untileable=BEFORE_RELU_REASON if convention.before_relu else "",
        threads=settings.threads,
    )
    budget, sources = memory_budget(settings.memory), pictures_of(settings)
    start = None if is_near_mean(settings) else start_file(settings.init)
    reading = check_reading(sources, [start] if start else [], budget)
    sizes = sizes_of(sources, settings.size)
    memory = fit_into_memory(load, sizes, budget, reading)
    return PreparedJob(settings, network, np.ones(1), v, w, settings.size, [], [], 0, memory, [])


def paint_like(convention: Convention, job: PreparedJob) -> Result:
    """Run a prepared job with a convention: inputs, objective, optimization, result."""
    settings, dtype = job.settings, job.network.dtype
    with use_threads(settings.threads), one_blas_thread():
        sources = pictures_of(settings)
        p, a = (
            picture_from(source, settings.size, name).astype(dtype)
            for source, name in zip(sources, picture_names(sources), strict=True)
        )
        x0 = initial_image_like(convention, settings, job.network.mean, p, a)
        inputs = Inputs(p, [a], x0.astype(dtype))
        started = time.perf_counter()
        tile_rows = tile_rows_to_resume(job.memory.tile_rows, settings.state)
        encoder = Encoder(job.network, settings.pooling, tile_rows=tile_rows)
        (l_c,) = job.content_weights
        layers = list(job.style_weights)
        objective = convention_objective(convention, p, a, encoder, l_c, layers)
        S = preconditioner_of(job, inputs)
        return minimize(objective, inputs, settings, started, S, identity_of(job))


def is_near_mean(settings: StylizeSettings) -> bool:
    """Whether the initial image is a convention's noise around the mean color."""
    return isinstance(settings.init, str) and settings.init == NEAR_MEAN


def initial_image_like(
    convention: Convention, settings: StylizeSettings, mean: Array, p: Image, a: Image
) -> Image:
    """The image that the optimization starts from: (H, W, 3).

    Parameters
    ----------
    convention : Convention
    settings : StylizeSettings
    mean : (3,) array
        Mean color of the network.
    p, a : (H, W, 3) array
        Content and style image.
    """
    if not is_near_mean(settings):
        return initial_image(settings.init, p, a, settings.seed)
    noise = np.random.default_rng(settings.seed).standard_normal(p.shape)
    assert convention.start_deviation is not None
    return (mean + convention.start_deviation * noise) / convention.pixels


def _check_content_layer(name: str, settings: StylizeSettings, network: Network) -> None:
    """Refuse a convention whose content layer the network does not have."""
    (l_c,) = list_of(settings.content_layer)
    if l_c == find_convention(name).settings["content_layer"] and l_c not in network.weights:
        raise InputError(
            f"The convention {name} uses the layer {l_c}, which the network {network.name} does "
            "not have: choose another `content_layer` or another network (`weights`)."
        )
