"""Style transfer: two pictures in, one picture out.

For the paper alone, read `nst_numpy.objective.total_loss`. `stylize` is a list of steps around it:
settings, network, inputs, objective, optimization, result.
"""

import time
from dataclasses import replace

import numpy as np

from nst_numpy.images.color import gray
from nst_numpy.images.masks import warn_about_profile
from nst_numpy.optimizers.preconditioner import Preconditioner, pixel_preconditioner
from nst_numpy.transfer.build_loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.checkpoint import tile_rows_to_resume
from nst_numpy.transfer.checks import list_of, masks_of
from nst_numpy.transfer.color_control import recolored
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.inputs import Inputs, initial_image
from nst_numpy.transfer.margin import extend
from nst_numpy.transfer.masks import find_regions
from nst_numpy.transfer.multiscale import coarse_to_fine
from nst_numpy.transfer.optimization import minimize
from nst_numpy.transfer.option_definition import keywords_of, recorded
from nst_numpy.transfer.option_values import is_path
from nst_numpy.transfer.prepare_job import PreparedJob, prepare_job
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings, is_preconditioned
from nst_numpy.transfer.sources import picture_from, picture_names
from nst_numpy.transfer.weighted_terms import Objective
from nst_numpy.utils.available_memory import MEGABYTE, report_out_of_memory
from nst_numpy.utils.blas_threads import one_blas_thread
from nst_numpy.utils.threads import use_threads

# Settings that a state need not agree on: pictures, and what changes from scale to scale.
NOT_IN_STATE = (
    *("content", "style", "content_mask", "style_mask", "init", "weights"),
    *("size", "iterations", "scales", "style_size", "normalized", "seed"),
)


@keywords_of(StylizeSettings)
def stylize(settings: StylizeSettings) -> Result:
    """Paint the content of one picture in the style of another [Gatys et al. 2015].

    {parameters}

    Returns
    -------
    Result

    Raises
    ------
    InputError
        If an argument is not valid. The message names the argument and the expected value.
    TooLarge
        If the job does not fit into memory. The message names the largest size that fits.
    NotFinite
        If the loss or its derivative is not a finite number.

    Warns
    -----
    Notice
        If a mask is resized, a region is too small for a layer, or a resumed job cannot give the
        same bits as an uninterrupted one.

    Examples
    --------
    >>> from nst_numpy.images.samples import sample_picture
    >>> photo, painting = sample_picture("pagoda"), sample_picture("mosaic")
    >>> result = stylize(photo, painting, size=32, iterations=3)
    >>> result.picture.shape, result.picture.dtype.name, len(result.losses)
    ((21, 32, 3), 'uint8', 4)
    """
    with report_out_of_memory():
        job = prepare_job(settings)
        if len(job.scales) > 1:
            return coarse_to_fine(with_loaded_files(job), job.scales, run_stylize)
        return paint(job)


def with_loaded_files(job: PreparedJob) -> StylizeSettings:
    """The settings of a job with its network and masks, so that no scale loads them again."""
    settings = replace(
        job.settings,
        weights=job.network,
        memory=job.memory.budget / MEGABYTE,
        dtype=job.network.dtype,
    )
    if not job.masks:
        return settings
    return replace(settings, content_mask=job.masks[0], style_mask=job.masks[1:])


def run_stylize(settings: StylizeSettings) -> Result:
    """`stylize` for a job at one scale."""
    return paint(prepare_job(settings))


def paint(job: PreparedJob) -> Result:
    """Run a prepared job: inputs, objective, optimization, result."""
    with use_threads(job.settings.threads), one_blas_thread():
        inputs = read_inputs(job)
        started = time.perf_counter()
        objective = build_objective(job, inputs)
        S = preconditioner_of(job, inputs)
        return minimize(objective, inputs, job.settings, started, S, identity_of(job))


def read_inputs(job: PreparedJob) -> Inputs:
    """Read the pictures of a job, apply the color control, and make the initial image."""
    settings, dtype, margin = job.settings, job.network.dtype, job.margin
    sources = [settings.content, *list_of(settings.style)]
    p, *styles = (
        picture_from(source, side, name).astype(dtype)
        for source, side, name in zip(
            sources,
            [settings.size, *[job.style_side] * (len(sources) - 1)],
            picture_names(sources),
            strict=True,
        )
    )
    regions = None
    if job.masks:
        regions = find_regions(
            job.masks,
            job.regions,
            sources,
            [p, *styles],
            job.network,
            job.style_weights,
            margin,
        )
        for mask in filter(is_path, masks_of(settings)):
            warn_about_profile(mask)
    p, styles, colors = recolored(settings.color, p, styles)
    x0 = initial_image(settings.init, p, styles[0], settings.seed).astype(dtype)
    if settings.color == "luminance":
        x0 = gray(x0)
    p, x0, *styles = (extend(picture, margin) for picture in (p, x0, *styles))
    return Inputs(p, styles, x0, margin, regions, colors)


def build_objective(job: PreparedJob, inputs: Inputs) -> Objective:
    """Compute the targets and put the terms of the loss together [eq. 7]."""
    settings = job.settings
    tile_rows = tile_rows_to_resume(job.memory.tile_rows, settings.state)
    encoder = Encoder(job.network, settings.pooling, settings.padding, tile_rows)
    terms = (
        *content_terms(
            inputs.p, encoder, job.content_weights, settings.ratio, settings.content_loss
        ),
        *style_terms(
            inputs.styles,
            encoder,
            settings.style_loss,
            job.shares,
            job.style_weights,
            inputs.regions,
        ),
        *pixel_terms(inputs.p, settings.laplacian, settings.tv, settings.tv_kind),
    )
    return Objective(encoder, terms, luminance_only=settings.color == "luminance")


def preconditioner_of(job: PreparedJob, inputs: Inputs) -> Preconditioner | None:
    """The preconditioner that the settings choose; None for the identity.

    Colors are not mixed if only luminance is transferred: a gray image must stay gray.
    """
    settings = job.settings
    if settings.preconditioner == "none" or not is_preconditioned(settings.optimizer):
        return None
    if settings.preconditioner == "spectrum" or settings.color == "luminance":
        return pixel_preconditioner(inputs.x0.shape)
    styles = [a for a, share in zip(inputs.styles, job.shares, strict=True) if share]
    return pixel_preconditioner(inputs.x0.shape, styles=styles)


def identity_of(job: PreparedJob) -> dict[str, object]:
    """What a state must agree on with the job that resumes from it, in plain values by name.

    Files and arrays are left out: the shape and the losses of a state do not depend on their names.
    """
    names = {n: v for n, v in recorded(job.settings).items() if n not in NOT_IN_STATE}
    plain = {n: list(v) if isinstance(v, tuple | np.ndarray) else v for n, v in names.items()}
    return {**plain, "network": job.network.name}
