"""The axes of the loss curves: their ranges and ticks, and positions in the drawing."""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

LEFT, RIGHT, TOP, BOTTOM = 62, 544, 26, 334  # of the axes, in units of the drawing
MAX_TICKS = 7
SMALLEST_SHARE = 1e-6  # of the largest loss; smaller values are not drawn, nor 0, which has no log
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")

Tick: TypeAlias = tuple[float, str]  # value and text


@dataclass(frozen=True)
class Axes:
    """A linear axis of iterations and a logarithmic axis of losses.

    Attributes
    ----------
    end : int
        The last iteration; the first is 0.
    low, high : float
        The range of the losses.
    """

    end: int
    low: float
    high: float

    def x(self, iteration: int) -> float:
        """The position of an iteration in the drawing."""
        return round(LEFT + (RIGHT - LEFT) * iteration / max(1, self.end), 1)

    def y(self, loss: float) -> float | None:
        """The position of a loss in the drawing, or None if it is too small to be drawn."""
        if loss < self.low:
            return None
        share = math.log(loss / self.low) / math.log(self.high / self.low)
        return round(BOTTOM - (BOTTOM - TOP) * share, 1)


def loss_axis(losses: Sequence[float]) -> tuple[float, float, list[Tick]]:
    """The axis for some losses: its lowest value, its highest value, and its ticks."""
    positive = [v for v in losses if v > 0]
    top = max(positive, default=1.0)
    bottom = min(v for v in positive or [0.1] if v >= SMALLEST_SHARE * top)
    powers = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    numbers = [(m * 10.0**e, m, e) for e in powers for m in (1, 2, 5)]
    low = max((n for n in numbers if n[0] <= bottom), default=numbers[0])
    high = min(n for n in numbers if n[0] >= top and n > low)
    ticks = [n for n in numbers if low <= n <= high]
    if len(ticks) > MAX_TICKS:
        ticks = [n for n in ticks if n[1] == 1]
        ticks = ticks[:: -(-len(ticks) // MAX_TICKS)]
    plain = all(-3 <= e <= 3 for _, _, e in ticks)
    return low[0], high[0], [(v, f"{v:g}" if plain else scientific(m, e)) for v, m, e in ticks]


def scientific(m: int, e: int) -> str:
    """m 10^e as a short text: ``5·10⁻⁷``."""
    return ("" if m == 1 else f"{m}·") + "10" + str(e).translate(SUPERSCRIPT)


def iteration_ticks(end: int) -> range:
    """At most seven round numbers from 0 to the last iteration."""
    steps = (m * 10**e for e in itertools.count() for m in (1, 2, 5))
    return range(0, end + 1, next(step for step in steps if end / step <= MAX_TICKS - 1))
