"""What a job of `stylize` was asked for: all of it checked before it starts, its memory too."""

from dataclasses import dataclass

from nst_numpy.optimizers import find_optimizer
from nst_numpy.transfer.checks import check_dtype, check_numbers, check_style_weights
from nst_numpy.transfer.control_checks import (
    beyond_paper,
    check_content_weights,
    check_style_blend,
    list_of,
    side_of_style,
)
from nst_numpy.transfer.inputs import margin_of, start_file
from nst_numpy.transfer.loss_terms import why_untileable
from nst_numpy.transfer.masks import read_masks
from nst_numpy.transfer.memory_estimate import Load
from nst_numpy.transfer.memory_fit import Fit, check_reading, check_room
from nst_numpy.transfer.multiscale import steps_of
from nst_numpy.transfer.network_preparation import ready_network
from nst_numpy.transfer.option_types import check_kinds
from nst_numpy.utils.available_memory import MEGABYTE, memory_budget


@dataclass(frozen=True)
class Asked:
    """A job that can be done.

    Attributes
    ----------
    sources : list of path or (H, W, 3) array
        Content and styles.
    share : sequence of float
        Weight of each style.
    side : int
        Pixels of the styles' longer side.
    losses : dict
        Arguments of `nst_numpy.controls.sum_loss`.
    masks : list of (H, W) int64 arrays
        Of the content and of each style; or none.
    known : list of int
        The regions in them.
    steps : list of (int, int)
        Size and iterations of each scale.
    fit : nst_numpy.transfer.memory_fit.Fit
        Of the last scale.
    """

    sources: list
    share: list
    side: int
    losses: dict
    masks: list
    known: list
    steps: list
    fit: Fit

    @property
    def settled(self):
        """Arguments that need not be found out again at each scale."""
        masks = {"content_mask": self.masks[0], "style_mask": self.masks[1:]} if self.masks else {}
        budget = self.fit.budget / MEGABYTE
        return {"weights": self.fit.load.network, "memory": budget, **masks}


def ask(
    content,
    style,
    *,
    size,
    iterations,
    ratio,
    tv,
    content_layer,
    content_weights,
    style_layers,
    style_weights,
    style_blend,
    style_scale,
    style_size,
    style_loss,
    content_loss,
    laplacian,
    tv_kind,
    content_mask,
    style_mask,
    color,
    padding,
    init,
    seed,
    optimizer,
    scales,
    average,
    weights,
    normalized,
    dtype,
    threads,
    memory,
    **others,
):
    """Check the arguments of `nst_numpy.transfer.stylize.stylize`, and that the job fits into its memory.

    Returns
    -------
    Asked

    Raises
    ------
    InputError
        If an argument does not fit, or the job does not.
    """
    check_kinds(dict(locals()) | others)
    check_numbers(size, iterations, ratio, tv, seed, threads, memory, average)
    find_optimizer(optimizer)
    w = check_style_weights(style_layers, style_weights)
    v = check_content_weights(content_layer, content_weights)
    sources, drawn = [content, *list_of(style)], [*list_of(content_mask), *list_of(style_mask)]
    styles = len(sources) - 1
    share = check_style_blend(style_blend, styles)
    losses = {"style_loss": style_loss, "content_loss": content_loss, "laplacian": laplacian}
    losses |= {"tv": tv, "tv_kind": tv_kind}
    masks = len(list_of(content_mask)), len(list_of(style_mask))
    beyond = beyond_paper(styles=styles, content_layers=len(v), masks=masks, **losses)
    check_dtype(dtype)
    side = side_of_style(size, style_scale, style_size)
    network, budget = ready_network(weights, normalized).astype(dtype), memory_budget(memory)
    check_reading([], drawn, budget)
    labels, known = read_masks(drawn, share)
    load = Load(
        network,
        v,
        w,
        optimizer,
        padding,
        margin_of(padding),
        uncut=why_untileable(style_loss),
        terms=bool(beyond),
        regions=len(known),
        vectors=(average > 1) + (color is not None),
        threads=threads,
    )
    fit = check_room(
        load,
        sources,
        size,
        budget,
        [start_file(init)],
        lambda size: side_of_style(size, style_scale, style_size),
    )
    steps = steps_of(scales, size, iterations, fit.least)
    return Asked(sources, share, side, losses, labels, known, steps, fit)
