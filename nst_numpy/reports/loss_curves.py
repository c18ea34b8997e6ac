"""The loss curves of a job as SVG: each term over the iterations, on a logarithmic scale."""

import itertools
import math
from dataclasses import dataclass

from nst_numpy.reports.markup import escaped, tag

WIDTH, HEIGHT = 560, 380  # units of the drawing
LEFT, RIGHT, TOP, BOTTOM = 62, 544, 26, 334  # of its axes
DEEPEST = 1e-6  # of the largest value; what is less is not drawn, as 0 is, which has no logarithm
NOTE = "Not drawn: 0, and what is below a millionth of the largest value."
COLORS, DASHES = 6, 5  # in report.css: with the total, 31 curves can be told apart
SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@dataclass(frozen=True)
class Part:
    """The losses of one scale, which are not those of another.

    Attributes
    ----------
    start : int
        Iterations before it.
    size : int
        Pixels of the longer side.
    curves : dict of str to list of float
        ``"total"`` and each term, from the scale's start to its end.
    """

    start: int
    size: int
    curves: dict


def parts_of(result):
    """The losses of each scale of a job, the coarsest first: list of Part."""
    parts, start = [], 0
    for each in (*result.earlier, result):
        terms = {name: values.tolist() for name, values in each.terms.items()}
        size = max(each.picture.shape[:2])
        parts.append(Part(start, size, {"total": each.losses.tolist(), **terms}))
        start += len(each.losses) - 1
    return parts


def draw_curves(parts):
    """The drawing and its legend.

    Parameters
    ----------
    parts : list of Part

    Returns
    -------
    svg, legend : str
        HTML. A script finds in the svg's data what it takes to move the marker.
    """
    end = parts[-1].start + len(parts[-1].curves["total"]) - 1
    losses = [v for part in parts for values in part.curves.values() for v in values]
    low, high, ticks = loss_axis(losses)
    names = list(dict.fromkeys(name for part in parts for name in part.curves))

    def x(iteration):
        return round(LEFT + (RIGHT - LEFT) * iteration / max(1, end), 1)

    def y(loss):
        share = math.log(loss / low) / math.log(high / low) if loss >= low else None
        return None if share is None else round(BOTTOM - (BOTTOM - TOP) * share, 1)

    lines = [
        tag("path", d=path([(x(part.start + i), y(v)) for i, v in enumerate(values)]), class_=look)
        for part in parts
        for name, look in reversed(looks(names))
        for values in [part.curves.get(name, [])]
    ]
    breaks = [begin(x(part.start), part) for part in parts] if len(parts) > 1 else []
    inside = [axes(ticks, end, x, y), *lines, *breaks, marker(names)]
    data = {"data_left": LEFT, "data_right": RIGHT, "data_top": TOP, "data_bottom": BOTTOM}
    data |= {"data_low": low, "data_high": high, "data_end": end}
    data |= {"id": "curves", "viewBox": f"0 0 {WIDTH} {HEIGHT}", "role": "img"}
    about = "Weighted loss by iteration on a logarithmic scale: " + ", ".join(names)
    note = tag("p", NOTE, class_="note") if min(losses) < low else ""
    return tag("svg", "".join(inside), aria_label=about, **data), legend(names) + note


def looks(names):
    """Each curve's name and its classes; the first is the total."""
    others = [f"curve c{i % COLORS} d{i % DASHES}" for i in range(len(names) - 1)]
    return list(zip(names, ["curve total", *others], strict=True))


def legend(names):
    """A list of the curves, each with room for its value at the marker."""
    items = []
    for name, look in looks(names):
        sample = tag("svg", tag("path", d="M1 5H33", class_=look), viewBox="0 0 34 10")
        value = tag("output", "", data_name=name)
        items.append(tag("li", sample + tag("span", escaped(name)) + value))
    return tag("ul", "".join(items), class_="legend")


def path(points):
    """Lines through points (x, y), interrupted where y is None."""
    words = []
    for known, run in itertools.groupby(points, key=lambda point: point[1] is not None):
        if known:
            (x, y), *others = run
            words += [f"M{x} {y}h0", *(f"L{x} {y}" for x, y in others)]  # h0: one point is a dot
    return "".join(words)


def axes(ticks, end, x, y):
    """The grid, its numbers and titles; x and y say where an iteration and a loss are."""
    titles = [
        tag("text", "weighted loss", x=LEFT, y=TOP - 10),
        tag("text", "iteration", x=RIGHT, y=HEIGHT - 8, text_anchor="end"),
    ]
    losses = [across(y(value), text) for value, text in ticks]
    iterations = [up(x(iteration), str(iteration)) for iteration in iteration_ticks(end)]
    base = tag("line", x1=LEFT, x2=RIGHT, y1=BOTTOM, y2=BOTTOM, class_="tick")
    return "".join([*losses, base, *iterations, *titles])


def marker(names):
    """A line with a dot for each curve, which a script puts in their places."""
    line = tag("line", x1=0, x2=0, y1=TOP, y2=BOTTOM)
    dots = (tag("circle", r=3.5, class_=f"dot {look}", data_name=n) for n, look in looks(names))
    return tag("g", line + "".join(dots), id="marker")


def across(y, text):
    """A line of the grid at a loss."""
    line = tag("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, class_="grid")
    return line + tag("text", text, x=LEFT - 8, y=y + 4, text_anchor="end")


def up(x, text):
    """A tick at an iteration."""
    line = tag("line", x1=x, x2=x, y1=BOTTOM, y2=BOTTOM + 5, class_="tick")
    return line + tag("text", text, x=x, y=BOTTOM + 20, text_anchor="middle")


def begin(x, part):
    """Where a scale begins."""
    line = tag("line", x1=x, x2=x, y1=TOP, y2=BOTTOM, class_="break")
    return line + tag("text", f"{part.size} px", x=x + 5, y=TOP + 12, class_="scale")


def loss_axis(losses):
    """From which loss to which, and its ticks: low, high, [(value, text), ...]."""
    positive = [v for v in losses if v > 0]
    top = max(positive, default=1.0)
    bottom = min(v for v in positive or [0.1] if v >= DEEPEST * top)
    powers = range(math.floor(math.log10(bottom)), math.ceil(math.log10(top)) + 1)
    numbers = [(m * 10.0**e, m, e) for e in powers for m in (1, 2, 5)]
    low = max((n for n in numbers if n[0] <= bottom), default=numbers[0])
    high = min(n for n in numbers if n[0] >= top and n > low)
    ticks = [n for n in numbers if low <= n <= high]
    if len(ticks) > 7:
        ticks = [n for n in ticks if n[1] == 1]
        ticks = ticks[:: -(-len(ticks) // 7)]
    plain = all(-3 <= e <= 3 for _, _, e in ticks)
    return low[0], high[0], [(v, f"{v:g}" if plain else power(m, e)) for v, m, e in ticks]


def power(m, e):
    """m 10^e in as few letters as can be."""
    return ("" if m == 1 else f"{m}·") + "10" + str(e).translate(SUPERSCRIPT)


def iteration_ticks(end):
    """Whole numbers from 0 to the end, seven at most."""
    steps = (m * 10**e for e in itertools.count() for m in (1, 2, 5))
    return range(0, end + 1, next(step for step in steps if end / step <= 6))
