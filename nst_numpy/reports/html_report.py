"""An HTML report of a job: pictures, frames, losses, gradients, settings, and the command."""

import json
import os
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from string import Template

import numpy as np

from nst_numpy.images import check_output
from nst_numpy.reports.frames import FrameRecorder, all_frames
from nst_numpy.reports.loss_curves import draw_curves, losses_by_scale
from nst_numpy.reports.markup import escape, table
from nst_numpy.reports.report_pictures import (
    frames_html,
    gradients_html,
    picture_name,
    pictures_html,
)
from nst_numpy.runs.provenance import (
    FILE_SETTINGS,
    command_without_folders,
    versions,
    without_folder,
)
from nst_numpy.transfer.checks import list_of
from nst_numpy.transfer.option_definition import recorded_defaults
from nst_numpy.transfer.result import Result
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.atomic_files import write_text
from nst_numpy.utils.types import File, Settings
from nst_numpy.vgg import Network

REPORT_FORMATS = (".html", ".htm")
MARK = '<meta name="generator" content="nst_numpy">'  # in report.html
NOT_SHOWN = ("callback", "gradients", "checkpoint", "state")  # these do not affect the picture
DEFAULTS = recorded_defaults(StylizeSettings)


def write_report(
    path: File,
    result: Result,
    recorder: FrameRecorder,
    settings: Settings,
    command: str | None = None,
) -> None:
    """Write an HTML report of a job. The page needs no network and no other file.

    Parameters
    ----------
    path : str or path
        With the suffix ``.html``.
    result : nst_numpy.Result
        If it has ``gradients``, the report shows them.
    recorder : nst_numpy.FrameRecorder
        A callback of the job.
    settings : dict
        The arguments of the job, at least content and style. Missing arguments have their default,
        except in a job with a ``"convention"``.
    command : str, optional
        The shell command that repeats the job.

    Raises
    ------
    InputError
        If the file cannot be written, or an input picture cannot be read.

    Examples
    --------
    >>> import numpy as np
    >>> from nst_numpy import FrameRecorder, stylize
    >>> job = {"content": np.eye(32)[..., None] * (255, 200, 100), "style": np.full((32, 32, 3), 9)}
    >>> job |= {"size": 32, "iterations": 2, "weights": "random", "normalized": False}
    >>> recorder = FrameRecorder()
    >>> result = stylize(**job, callback=recorder, gradients=True)
    >>> write_report("report.html", result, recorder, job)
    """
    path = Path(path)
    check_output(path, formats=REPORT_FORMATS)
    defaults = {} if "convention" in settings else DEFAULTS
    write_text(path, render_page(result, recorder, {**defaults, **settings}, command))


def is_report(path: File) -> bool:
    """Whether a file is a report that `write_report` has written."""
    try:
        with open(path, "rb") as file:
            return os.path.isfile(path) and MARK.encode() in file.read(1000)
    except OSError:
        return False


def render_page(
    result: Result, recorder: FrameRecorder, settings: Settings, command: str | None = None
) -> str:
    """The page as a string. The parameters are those of `write_report`, with all settings."""
    styles = [picture_name(style) for style in list_of(settings["style"])]
    scales, (H, W, _) = losses_by_scale(result), result.picture.shape
    svg, legend = draw_curves(scales)
    files = resources.files("nst_numpy.reports")
    template = Template(files.joinpath("report.html").read_text("utf-8"))
    return template.substitute(
        title=escape(f"{picture_name(settings['content'])} in the style of {' and '.join(styles)}"),
        summary=escape(summary(result)),
        pictures=pictures_html(result, settings),
        frames=frames_html(all_frames(recorder, result)),
        ratio=f"{W} / {H}",
        svg=svg,
        legend=legend,
        gradients=gradients_html(result),
        tables=settings_html(settings),
        command=escape(command_without_folders(command or "")),
        losses=json.dumps([asdict(scale) for scale in scales]).replace("<", "\\u003c"),
        css=files.joinpath("report.css").read_text("utf-8"),
        js=files.joinpath("report.js").read_text("utf-8"),
    )


def summary(result: Result) -> str:
    """Stop reason, losses and time in one line."""
    start, end = result.losses[0], result.losses[-1]
    return f"{result.reason} Loss {start:.4g} → {end:.4g}, in {result.seconds:.1f} seconds."


def settings_html(settings: Settings) -> str:
    """Tables of the changed settings, the default settings, and the versions of the packages."""
    shown = {
        n: format_value(value, is_file=n in FILE_SETTINGS)
        for n, value in settings.items()
        if n not in NOT_SHOWN
    }
    default = {name: format_value(value) for name, value in DEFAULTS.items()}
    changed = [(name, text) for name, text in shown.items() if text != default.get(name)]
    unchanged = [pair for pair in shown.items() if pair not in changed]
    tables = {
        "Changed settings": changed,
        "Default settings": unchanged,
        "Versions": list(versions().items()),
    }
    return "".join(table(title, rows) for title, rows in tables.items() if rows)


def format_value(value: object, separator: str = ", ", is_file: bool = False) -> str:
    """A setting for a reader; the pairs of scales are written with a colon.

    The folder of a file is left out, because it is private.
    """
    if isinstance(value, list | tuple):
        return separator.join(format_value(each, ":", is_file) for each in value)
    if is_file and isinstance(value, str | os.PathLike):
        return without_folder(os.fspath(value))
    if isinstance(value, np.ndarray):
        return f"an array {value.shape}"
    if isinstance(value, Network):
        return value.name
    return "–" if value is None else str(getattr(value, "__name__", value))
