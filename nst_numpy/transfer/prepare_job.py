"""Prepare a job: check its settings, load its network and fit it into memory.

No picture is read before all of this is done, except for the masks.
"""

from dataclasses import dataclass

from nst_numpy.transfer.build_loss_terms import why_untileable
from nst_numpy.transfer.checks import (
    check_combinations,
    content_weights_of,
    dtype_of,
    masks_of,
    pictures_of,
    style_shares,
    style_side,
    style_weights_of,
)
from nst_numpy.transfer.inputs import start_file
from nst_numpy.transfer.margin import margin_of
from nst_numpy.transfer.masks import read_masks
from nst_numpy.transfer.memory_estimate import Load
from nst_numpy.transfer.memory_fit import MemoryPlan, check_reading, fit_into_memory, sizes_of
from nst_numpy.transfer.multiscale import Scale, scales_of
from nst_numpy.transfer.option_definition import check_options
from nst_numpy.transfer.prepare_network import prepare_network
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.available_memory import memory_budget
from nst_numpy.utils.types import Array, Labels
from nst_numpy.vgg import Network


@dataclass(frozen=True, eq=False)
class PreparedJob:
    """A job whose settings are valid and which fits into memory.

    Attributes
    ----------
    settings : StylizeSettings
    network : nst_numpy.vgg.Network
        In the dtype of the job.
    shares : (S,) array
        Weight of each of the S styles; they sum to 1.
    content_weights, style_weights : dict of str to float
        Weight of each layer.
    style_side : int
        Pixels of the longer side of the styles.
    masks : list of (H, W) int64 arrays
        Masks of the content and of each style, or an empty list.
    regions : list of int
        The regions in the masks.
    margin : int
        Pixels by which the pictures are extended on each side.
    memory : MemoryPlan
    scales : list of Scale
        Sizes to paint at, the coarsest first.
    """

    settings: StylizeSettings
    network: Network
    shares: Array
    content_weights: dict[str, float]
    style_weights: dict[str, float]
    style_side: int
    masks: list[Labels]
    regions: list[int]
    margin: int
    memory: MemoryPlan
    scales: list[Scale]


def prepare_job(settings: StylizeSettings) -> PreparedJob:
    """Check the settings of a job and find out how it fits into memory.

    Parameters
    ----------
    settings : StylizeSettings

    Returns
    -------
    PreparedJob

    Raises
    ------
    InputError
        If an option is not valid or contradicts another one.
    TooLarge
        If the job does not fit into memory.
    """
    check_options(settings)
    check_combinations(settings)
    w, v, shares = style_weights_of(settings), content_weights_of(settings), style_shares(settings)
    side = style_side(settings, settings.size)
    network = prepare_network(settings.weights, settings.normalized).astype(dtype_of(settings))
    budget = memory_budget(settings.memory)
    check_reading([], masks_of(settings), budget)
    masks, regions = read_masks(masks_of(settings), shares.tolist())
    margin = margin_of(settings.padding)
    load = _load(settings, network, v, w, len(regions), margin)
    memory = _memory_plan(settings, load, side, budget)
    scales = scales_of(settings, memory.smallest_size)
    return PreparedJob(
        settings, network, shares, v, w, side, masks, regions, margin, memory, scales
    )


def _load(
    settings: StylizeSettings,
    network: Network,
    v: dict[str, float],
    w: dict[str, float],
    regions: int,
    margin: int,
) -> Load:
    """What decides how much memory a job needs."""
    return Load(
        network,
        v,
        w,
        settings.optimizer,
        settings.padding,
        margin,
        untileable=why_untileable(settings.style_loss),
        regions=regions,
        vectors=(settings.average > 1) + (settings.color is not None),
        threads=settings.threads,
    )


def _memory_plan(settings: StylizeSettings, load: Load, side: int, budget: float) -> MemoryPlan:
    """How the pictures of a job fit into the budget, from their headers."""
    sources = pictures_of(settings)
    reading = check_reading(sources, [f for f in [start_file(settings.init)] if f], budget)
    sizes = sizes_of(sources, settings.size, side / settings.size)
    return fit_into_memory(load, sizes, budget, reading)
