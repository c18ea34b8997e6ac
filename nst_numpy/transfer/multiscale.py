"""Coarse to fine: paint a small picture first, then enlarge and refine it scale by scale.

This saves time where the start is far from the result. To the loss that 100 iterations at 512
pixels reach, it takes 0.39 of the time from white noise and 0.83 from the photograph
(`benchmarks/scales.py`). The picture also changes: a stroke at a small size becomes a large form,
so the result has more of the style and less of the photograph. The default is therefore one scale.

Departs from Gatys et al.: the paper paints at one size.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

from nst_numpy.transfer.checkpoint import check_state
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, State, Terms

MOST_SCALES = 1000


@dataclass(frozen=True)
class Scale:
    """Size in pixels and number of iterations of one scale."""

    size: int
    iterations: int


def scales_of(settings: StylizeSettings, smallest: int = 1) -> list[Scale]:
    """The scales of a job, the coarsest first.

    Parameters
    ----------
    settings : StylizeSettings
        ``scales`` is a number of scales, each half the size of the next, or size and iterations of
        each scale before the last.
    smallest : int
        Smallest size at which every picture still reaches the deepest layer.

    Returns
    -------
    list of Scale

    Raises
    ------
    InputError
        If a scale is too small, or the sizes do not increase up to ``size``.
    """
    last = Scale(settings.size, settings.iterations)
    if isinstance(settings.scales, int | np.integer):
        number = min(int(settings.scales), MOST_SCALES)
        coarser = [Scale(last.size // 2**i, last.iterations) for i in range(number - 1, 0, -1)]
    else:
        coarser = [Scale(int(size), int(iterations)) for size, iterations in settings.scales]
    sizes = [scale.size for scale in coarser]
    if sizes and sizes[0] < smallest:
        raise InputError(
            f"The coarsest of {len(sizes) + 1} scales has {sizes[0]} pixels, but the selected "
            f"layers need at least {smallest} pixels with these pictures: use fewer "
            "`scales` or a larger `size`."
        )
    if any(later <= earlier for earlier, later in pairwise([*sizes, last.size])):
        raise InputError(f"The sizes of `scales` must increase up to {last.size}, got {sizes}.")
    return [*coarser, last]


def coarse_to_fine(
    settings: StylizeSettings,
    scales: Sequence[Scale],
    paint: Callable[[StylizeSettings], Result],
) -> Result:
    """Run a job at each scale, starting from the picture of the previous scale.

    The losses of two scales are different functions, so their records are kept apart. The callback
    and the checkpoint count the iterations of all scales. A state belongs to the scale at which it
    was taken and holds the results of the finished scales as ``"earlier"``.

    Parameters
    ----------
    settings : StylizeSettings
        Of the last scale.
    scales : sequence of Scale
        As of `scales_of`.
    paint : callable
        Runs a job at one scale.

    Returns
    -------
    Result
        Of the last scale. ``earlier`` holds the results of the others, ``seconds`` counts all.
    """
    earlier, state = _finished_scales(settings.state, scales)
    for scale in scales[len(earlier) :]:
        job = _at_scale(settings, scale, scales, earlier)
        earlier, state = [*earlier, paint(replace(job, state=state))], None
    *earlier, last = earlier
    seconds = last.seconds + sum(result.seconds for result in earlier)
    return replace(last, earlier=tuple(earlier), seconds=seconds)


def _at_scale(
    settings: StylizeSettings, scale: Scale, scales: Sequence[Scale], earlier: Sequence[Result]
) -> StylizeSettings:
    """The settings of one scale."""
    last = scales[-1]
    style_size = settings.style_size and max(1, round(settings.style_size * scale.size / last.size))
    counter = _Counter(settings, list(earlier), scales)
    return replace(
        settings,
        size=scale.size,
        iterations=scale.iterations,
        scales=1,
        style_size=style_size,
        init=earlier[-1].picture if earlier else settings.init,
        gradients=settings.gradients and scale == last,
        callback=counter.callback if settings.callback else None,
        checkpoint=counter.checkpoint if settings.checkpoint else None,
    )


@dataclass(frozen=True, eq=False)
class _Counter:
    """Callback and checkpoint of one scale that count the iterations of the scales before it."""

    settings: StylizeSettings
    earlier: list[Result]
    scales: Sequence[Scale]

    def callback(self, iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        """Call the job's callback."""
        assert self.settings.callback is not None
        self.settings.callback(_iterations(self.earlier) + iteration, picture, loss, terms)

    def checkpoint(self, state: State) -> None:
        """Call the job's checkpoint."""
        assert self.settings.checkpoint is not None
        identity = {**state["job"], **_identity(self.scales, self.earlier)}
        iteration = _iterations(self.earlier) + state["iteration"]
        earlier = [asdict(result) for result in self.earlier]
        self.settings.checkpoint(
            {**state, "iteration": iteration, "job": identity, "earlier": earlier}
        )


def _finished_scales(
    state: State | None, scales: Sequence[Scale]
) -> tuple[list[Result], State | None]:
    """Results of the scales that are finished in a state, and the state of the next scale."""
    if not state:
        return [], None
    check_state(state, _identity(scales, state["earlier"]), state["iteration"])
    earlier = [Result(**result) for result in state["earlier"]]
    iteration = state["iteration"] - _iterations(earlier)
    job = {**state["job"], "scales": 1}
    return earlier, {**state, "iteration": iteration, "job": job, "earlier": []}


def _identity(scales: Sequence[Scale], earlier: Sequence[Any]) -> dict[str, Any]:
    """What a state and the job that resumes from it must agree on."""
    finished = [[scale.size, scale.iterations] for scale in scales[: len(earlier)]]
    return {"scales": len(scales), "finished scales": finished}


def _iterations(earlier: Sequence[Result]) -> int:
    """Number of iterations of the finished scales."""
    return sum(len(result.losses) - 1 for result in earlier)
