"""One page that shows a job: its pictures, how the result formed, its losses, how to repeat it."""

import json
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from string import Template

import numpy as np

from nst_numpy.images import check_output
from nst_numpy.reports.frames import FrameRecorder, all_frames
from nst_numpy.reports.loss_curves import draw_curves, parts_of
from nst_numpy.reports.markup import escaped, table
from nst_numpy.reports.report_pictures import frames, gradients, name_of, pictures
from nst_numpy.runs.provenance import versions
from nst_numpy.transfer.checks import defaults_of
from nst_numpy.transfer.control_checks import list_of
from nst_numpy.transfer.optimization import Result
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.types import File, Settings
from nst_numpy.vgg import Network

ENDINGS = (".html", ".htm")
UNTOLD = ("callback", "gradients", "checkpoint", "state")  # the way, not what was asked for
DEFAULTS = defaults_of(stylize)


def write_report(
    path: File, result: Result, film: FrameRecorder, settings: Settings, command: str | None = None
) -> None:
    """Write one page that shows a job; it needs no network and no other file.

    Parameters
    ----------
    path : str or path
        With the ending ``.html``.
    result : nst_numpy.Result
        With its ``gradients``, if they shall be shown.
    film : nst_numpy.FrameRecorder
        That was the job's callback.
    settings : dict
        The job's arguments, at least content and style. What is missing has its default, but for
        a job with a ``"convention"``.
    command : str, optional
        What repeats the job on the command line.

    Raises
    ------
    InputError
        If the file cannot be written, or a picture cannot be read any more.

    Examples
    --------
    >>> import numpy as np
    >>> from nst_numpy import FrameRecorder, stylize
    >>> job = {"content": np.eye(32)[..., None] * (255, 200, 100), "style": np.full((32, 32, 3), 9)}
    >>> job |= {"size": 32, "iterations": 2, "weights": "random", "normalized": False}
    >>> film = FrameRecorder()
    >>> result = stylize(**job, callback=film, gradients=True)
    >>> write_report("report.html", result, film, job)
    """
    path = Path(path)
    check_output(path, formats=ENDINGS)
    missing = {} if "convention" in settings else DEFAULTS
    write_text(path, page(result, film, {**missing, **settings}, command))


def page(result, film, settings, command=None):
    """The page as a string; the parameters are those of `write_report`, with all settings."""
    styles = [name_of(style) for style in list_of(settings["style"])]
    parts, (H, W, _) = parts_of(result), result.picture.shape
    svg, legend = draw_curves(parts)
    files = resources.files("nst_numpy.reports")
    return Template(files.joinpath("report.html").read_text("utf-8")).substitute(
        title=escaped(f"{name_of(settings['content'])} in the style of {' and '.join(styles)}"),
        summary=escaped(summary(result)),
        pictures=pictures(result, settings),
        frames=frames(all_frames(film, result)),
        ratio=f"{W} / {H}",
        svg=svg,
        legend=legend,
        gradients=gradients(result),
        tables=tables(settings),
        command=escaped(command or ""),
        losses=json.dumps([asdict(part) for part in parts]).replace("<", "\\u003c"),
        **{kind: files.joinpath(f"report.{kind}").read_text("utf-8") for kind in ("css", "js")},
    )


def summary(result):
    """How it ended, in a line."""
    start, end = result.losses[0], result.losses[-1]
    return f"{result.reason} Loss {start:.4g} → {end:.4g}, in {result.seconds:.1f} seconds."


def tables(settings):
    """What was chosen, what was left at its default, and the versions of what computed it."""
    told = {name: words(value) for name, value in settings.items() if name not in UNTOLD}
    default = {name: words(value) for name, value in DEFAULTS.items()}
    chosen = [(name, text) for name, text in told.items() if text != default.get(name)]
    left = [pair for pair in told.items() if pair not in chosen]
    halves = {"Chosen": chosen, "Left at their defaults": left, "Versions": versions().items()}
    return "".join(table(title, rows) for title, rows in halves.items() if rows)


def words(value, comma=", "):
    """A setting as one reads it; pairs, as in scales, with a colon."""
    if isinstance(value, list | tuple):
        return comma.join(words(each, ":") for each in value)
    if isinstance(value, np.ndarray):
        return f"an array {value.shape}"
    if isinstance(value, Network):
        return value.name
    return "–" if value is None else str(getattr(value, "__name__", value))
