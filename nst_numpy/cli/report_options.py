"""The options ``--report`` and ``--frames``, and the files that they write."""

import argparse
import os
from collections.abc import Iterable

from nst_numpy.images import check_output
from nst_numpy.paper import CONVENTIONS, like_settings
from nst_numpy.paper.paper_form import NEAR_MEAN
from nst_numpy.reports.frames import ANIMATED_FORMATS, FrameRecorder, write_frames
from nst_numpy.reports.html_report import REPORT_FORMATS, write_report
from nst_numpy.transfer.option_definition import options_of, recorded
from nst_numpy.transfer.result import Result
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, Callback, File, Settings, Terms


def add_report_options(parser: argparse.ArgumentParser) -> None:
    """Add --report and --frames."""
    group = parser.add_argument_group("reports")
    group.add_argument(
        "--report",
        metavar="FILE.html",
        help="one HTML page with the pictures, the frames of the optimization, the losses, the "
        "gradient of each term, all settings and the command; it opens in any browser, offline",
    )
    group.add_argument(
        "--frames",
        metavar="FILE.webp",
        help="an animated picture of the optimization: .webp, .gif or .apng",
    )


def check_report_paths(
    output: File, report: File | None, frames: File | None, inputs: Iterable[File] = ()
) -> None:
    """Check before the job starts that the report and the frames can be written.

    Parameters
    ----------
    output : path
        The picture to write.
    report, frames : path or None
    inputs : iterable of path
        Files that must not be overwritten.

    Raises
    ------
    InputError
    """
    inputs = tuple(inputs)
    for option, path, formats in (
        ("--report", report, REPORT_FORMATS),
        ("--frames", frames, tuple(ANIMATED_FORMATS)),
    ):
        if path is None:
            continue
        check_output(path, inputs, formats)
        if os.path.abspath(path) == os.path.abspath(output):
            raise InputError(f"{path} is also the output: choose another file for {option}.")


def combine_callbacks(*callbacks: Callback | None) -> Callback:
    """One callback that calls several in turn; None is skipped."""

    def callback(iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        for each in callbacks:
            if each is not None:
                each(iteration, picture, loss, terms)

    return callback


def write_reports(
    report: File | None,
    frames: File | None,
    result: Result,
    recorder: FrameRecorder,
    settings: Settings,
    command: str,
) -> None:
    """Write the report and the frames of a job, where they were requested.

    Parameters
    ----------
    report, frames : path or None
    result : nst_numpy.Result
        For a report with its ``gradients``.
    recorder : nst_numpy.FrameRecorder
        One of the job's callbacks.
    settings : dict
        The arguments of `nst_numpy.stylize`, or of `nst_numpy.stylize_like` with a ``name``.
    command : str
        The command that repeats the job.
    """
    if report:
        write_report(report, result, recorder, settings_in_force(settings), command)
    if frames:
        write_frames(frames, result, recorder)


def settings_in_force(settings: Settings) -> Settings:
    """The settings that a report shows, including those that a convention determines."""
    if "name" not in settings:
        return settings
    complete = like_settings(**settings)
    defined = options_of(complete)
    shown = {name: v for name, v in recorded(complete).items() if defined[name].with_convention}
    if shown["init"] == NEAR_MEAN:
        shown["init"] = CONVENTIONS[settings["name"]].start
    return {"convention": settings["name"], **shown}
