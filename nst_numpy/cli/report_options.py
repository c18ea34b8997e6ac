"""Something to look at: ``--report`` and ``--frames``."""

import os

from nst_numpy.images import check_output
from nst_numpy.paper import CONVENTIONS, settings_like
from nst_numpy.paper.stylize_like import FREE
from nst_numpy.reports.frames import ANIMATED, write_frames
from nst_numpy.reports.html_report import ENDINGS, write_report
from nst_numpy.utils.errors import InputError


def add_report_options(parser):
    """Add --report and --frames."""
    group = parser.add_argument_group("something to look at")
    group.add_argument(
        "--report",
        metavar="FILE.html",
        help="one page with the pictures, how the result formed, the losses, the derivative of "
        "each term, all settings and the command; opens in any browser, without a network",
    )
    group.add_argument(
        "--frames",
        metavar="FILE.webp",
        help="an animated picture of how the result formed: .webp, .gif or .apng",
    )


def check_report_paths(output, report, frames, inputs=()):
    """Find out before the work starts whether report and frames can be written.

    Parameters
    ----------
    output : path
        Of the result itself.
    report, frames : path or None
    inputs : sequence of path
        Files that must not be overwritten.
    """
    for name, path, formats in (("report", report, ENDINGS), ("frames", frames, ANIMATED)):
        if path is None:
            continue
        check_output(path, inputs, formats)
        if os.path.abspath(path) == os.path.abspath(output):
            raise InputError(f"{path} is the output already: choose another file for --{name}.")


def combine_callbacks(*callbacks):
    """One callback of several; None among them is left out."""

    def callback(*state):
        for each in callbacks:
            if each is not None:
                each(*state)

    return callback


def write_reports(report, frames, result, film, settings, command):
    """Write what was asked for.

    Parameters
    ----------
    report, frames : path or None
    result : nst_numpy.Result
        For a report with its ``gradients``.
    film : nst_numpy.FrameRecorder
        That was among the job's callbacks.
    settings : dict
        The arguments of `nst_numpy.stylize`, or of `nst_numpy.paper.stylize_like` with a ``name``.
    command : str
        What repeats the job.
    """
    if report:
        write_report(report, result, film, settings_in_force(**settings), command)
    if frames:
        write_frames(frames, result, film)


def settings_in_force(name=None, **settings):
    """The settings that a report tells: with a convention, what it asks for too."""
    if name is None:
        return settings
    pictures = {key: settings.pop(key) for key in ("content", "style")}
    told = {key: value for key, value in settings_like(name, settings).items() if key in FREE}
    start = {"init": CONVENTIONS[name].start} if callable(told["init"]) else {}
    return {"convention": name, **told, **pictures, **start}
