"""The loss curves of a job as SVG: each term by iteration, on a logarithmic scale."""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from nst_numpy.reports.loss_axes import (
    BOTTOM,
    LEFT,
    RIGHT,
    TOP,
    Axes,
    Tick,
    iteration_ticks,
    loss_axis,
)
from nst_numpy.reports.markup import element, escape
from nst_numpy.transfer.result import Result

WIDTH, HEIGHT = 560, 380  # units of the drawing
NOTE = "Not drawn: 0, and values below a millionth of the largest one."
COLORS, DASHES = 6, 5  # in report.css; with the total, 31 curves can be distinguished

Curves: TypeAlias = dict[str, list[float]]
Point: TypeAlias = tuple[float, float | None]


@dataclass(frozen=True)
class ScaleLosses:
    """The losses at one scale of a job. Losses of different scales are not comparable.

    Attributes
    ----------
    start : int
        Number of iterations before this scale.
    size : int
        Pixels of the longer side.
    curves : dict of str to list of float
        ``"total"`` and each term, from the start of the scale to its end.
    """

    start: int
    size: int
    curves: Curves


def losses_by_scale(result: Result) -> list[ScaleLosses]:
    """The losses of each scale of a job, the coarsest first."""
    scales, start = [], 0
    for each in (*result.earlier, result):
        terms = {name: values.tolist() for name, values in each.terms.items()}
        size = max(each.picture.shape[:2])
        scales.append(ScaleLosses(start, size, {"total": each.losses.tolist(), **terms}))
        start += len(each.losses) - 1
    return scales


def draw_curves(scales: Sequence[ScaleLosses]) -> tuple[str, str]:
    """Draw the loss curves.

    Parameters
    ----------
    scales : sequence of ScaleLosses

    Returns
    -------
    svg, legend : str
        HTML. The data attributes of the svg are what ``report.js`` needs to move the marker.
    """
    end = scales[-1].start + len(scales[-1].curves["total"]) - 1
    losses = [v for scale in scales for values in scale.curves.values() for v in values]
    low, high, ticks = loss_axis(losses)
    names = list(dict.fromkeys(name for scale in scales for name in scale.curves))
    axes = Axes(end, low, high)
    lines = [
        _line(axes, scale, name, look) for scale in scales for name, look in _looks(names)[::-1]
    ]
    breaks = [_scale_break(axes, scale) for scale in scales] if len(scales) > 1 else []
    svg = element(
        "svg",
        "".join([_draw_axes(axes, ticks), *lines, *breaks, _marker(names)]),
        aria_label="Weighted loss by iteration on a logarithmic scale: " + ", ".join(names),
        data_left=LEFT,
        data_right=RIGHT,
        data_top=TOP,
        data_bottom=BOTTOM,
        data_low=low,
        data_high=high,
        data_end=end,
        id="curves",
        viewBox=f"0 0 {WIDTH} {HEIGHT}",
        role="img",
    )
    note = element("p", NOTE, class_="note") if min(losses) < low else ""
    return svg, _legend(names) + note


def _looks(names: Sequence[str]) -> list[tuple[str, str]]:
    """Each curve's name and its CSS classes; the first is the total."""
    others = [f"curve c{i % COLORS} d{i % DASHES}" for i in range(len(names) - 1)]
    return list(zip(names, ["curve total", *others], strict=True))


def _line(axes: Axes, scale: ScaleLosses, name: str, look: str) -> str:
    """The curve of one term at one scale."""
    values = scale.curves.get(name, [])
    points = [(axes.x(scale.start + i), axes.y(v)) for i, v in enumerate(values)]
    return element("path", d=_path_data(points), class_=look)


def _path_data(points: Iterable[Point]) -> str:
    """The data of a path through points (x, y), interrupted where y is None."""
    words = []
    for is_drawn, run in itertools.groupby(points, key=lambda point: point[1] is not None):
        if is_drawn:
            (x, y), *others = run
            words += [f"M{x} {y}h0", *(f"L{x} {y}" for x, y in others)]  # h0 makes one point a dot
    return "".join(words)


def _draw_axes(axes: Axes, loss_ticks: Sequence[Tick]) -> str:
    """The grid with its numbers, and the titles of the axes."""
    base = element("line", x1=LEFT, x2=RIGHT, y1=BOTTOM, y2=BOTTOM, class_="tick")
    return "".join(
        [
            *(_loss_tick(axes.y(value), text) for value, text in loss_ticks),
            base,
            *(_iteration_tick(axes.x(i), str(i)) for i in iteration_ticks(axes.end)),
            element("text", "weighted loss", x=LEFT, y=TOP - 10),
            element("text", "iteration", x=RIGHT, y=HEIGHT - 8, text_anchor="end"),
        ]
    )


def _loss_tick(y: float | None, text: str) -> str:
    """A horizontal line of the grid with its loss."""
    if y is None:
        return ""
    line = element("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="grid")
    return line + element("text", text, x=LEFT - 8, y=y + 4, text_anchor="end")


def _iteration_tick(x: float, text: str) -> str:
    """A tick with its iteration."""
    line = element("line", x1=x, x2=x, y1=BOTTOM, y2=BOTTOM + 5, class_="tick")
    return line + element("text", text, x=x, y=BOTTOM + 20, text_anchor="middle")


def _scale_break(axes: Axes, scale: ScaleLosses) -> str:
    """A vertical line where a scale starts, with its size."""
    x = axes.x(scale.start)
    line = element("line", x1=x, x2=x, y1=TOP, y2=BOTTOM, class_="break")
    return line + element("text", f"{scale.size} px", x=x + 5, y=TOP + 12, class_="scale")


def _marker(names: Sequence[str]) -> str:
    """A line with a dot for each curve; ``report.js`` moves them."""
    line = element("line", x1=0, x2=0, y1=TOP, y2=BOTTOM)
    dots = [
        element("circle", r=3.5, class_=f"dot {look}", data_name=name)
        for name, look in _looks(names)
    ]
    return element("g", line + "".join(dots), id="marker")


def _legend(names: Sequence[str]) -> str:
    """A list of the curves, each with an element for its value at the marker."""
    items = []
    for name, look in _looks(names):
        sample = element("svg", element("path", d="M1 5H33", class_=look), viewBox="0 0 34 10")
        value = element("output", "", data_name=name)
        items.append(element("li", sample + element("span", escape(name)) + value))
    return element("ul", "".join(items), class_="legend")
