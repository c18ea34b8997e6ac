"""What transfer, reconstruct, resume and rerun share: they do a job, and lose nothing of it."""

import inspect
import os
import shlex
import tempfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

from nst_numpy.cli.messages import print_result
from nst_numpy.cli.progress_bar import ProgressBar
from nst_numpy.cli.report_options import combine_callbacks, write_reports
from nst_numpy.cli.signals import Interrupted, ignore_signals
from nst_numpy.images import write_picture
from nst_numpy.paper import (
    reconstruct,
    reconstruct_content,
    reconstruct_style,
    settings_like,
    stylize_like,
)
from nst_numpy.reports.frames import FrameRecorder
from nst_numpy.runs.provenance import picture_metadata, summarize_result
from nst_numpy.transfer.checks import defaults_of
from nst_numpy.transfer.multiscale import steps_of
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.errors import InputError, NotFinite

JOBS = {
    job.__name__: job for job in (stylize, stylize_like, reconstruct_content, reconstruct_style)
}


def find_job(record, what):
    """The job of a record, or say why it cannot be done here."""
    job = JOBS.get(record.kind)
    if job is None:
        raise InputError(f"{what} was made by {record.kind}, which this version does not know.")
    try:
        inspect.signature(job).bind(**record.settings)
        iterations_of(record)
    except (TypeError, ValueError) as error:
        raise InputError(f"{what} was made with other settings than there are: {error}.") from error
    return job


def paint(keeper, settings, output, state=None, notes=()):
    """Do a job and write its picture; if it is stopped, the best one so far and a snapshot.

    Parameters
    ----------
    keeper : nst_numpy.runs.run_folder.RunFolder
    settings : dict
        The arguments of the job, as its record has them but for the names of files.
    output : path
        The picture to write.
    state : dict, optional
        To go on from.
    notes : sequence of str
        Told once the job has begun.

    Raises
    ------
    Interrupted, NotFinite, InputError
        With a sentence on what was saved.
    """
    record = keeper.record
    recorder = FrameRecorder(**keeper.extra) if record.report or record.frames else None
    settings = {**settings, "threads": record.threads}
    keeper.state = state

    def checkpoint(state):
        keeper.checkpoint(state, recorder.contents() if recorder else {})

    with keeper, ProgressBar(iterations_of(record.job), notes=notes) as progress:
        watched = {"callback": combine_callbacks(progress, recorder), "checkpoint": checkpoint}
        watched |= {"state": state} | ({"gradients": True} if record.report else {})
        with nothing_lost(keeper, output):
            result = JOBS[record.job.kind](**settings, **watched)
            write_last(keeper, output, result.picture)
        if recorder:
            report, frames = (
                path and os.path.join(record.folder, path)
                for path in (record.report, record.frames)
            )
            write_reports(report, frames, result, recorder, settings, record.command)
        keeper.finish(replace(record, finished=summarize_result(result)))
    print_result(f"{result.reason} Loss {result.losses[0]:.4g} -> {result.losses[-1]:.4g}.")
    print_result(f"{output} written after {result.seconds:.0f} seconds.")


@contextmanager
def nothing_lost(keeper, output):
    """Where the ``with`` block is stopped, write what there is and say so."""
    try:
        yield
    except Interrupted as stop:
        ignore_signals()
        stop.message = f"interrupted. {write_best(keeper, output)} {save(keeper)}".strip()
        raise
    except NotFinite as error:
        raise NotFinite(f"{error} {write_best(keeper, output)}") from error


def write_last(keeper, output, picture):
    """Write the picture of a job that is done; where that cannot be, keep it for `resume`."""
    try:
        write_picture(output, picture, picture_metadata(keeper.record.job))
    except InputError as error:
        raise InputError(f"{error} {save(keeper) or rescued(output, picture)}".strip()) from error


def rescued(output, picture):
    """Write a picture to the folder for temporary files, and return a sentence on that."""
    other = Path(tempfile.gettempdir(), f"{os.getpid()}-{Path(output).name}")
    with suppress(InputError):
        write_picture(other, picture)
        return f"The picture is in {other}."
    return "The picture is lost."


def write_best(keeper, output):
    """Write the best picture so far, and return a sentence about it."""
    if keeper.state is None:
        return "Nothing was painted yet."
    iteration = keeper.state["iteration"]
    about = picture_metadata(keeper.record.job) | {"interrupted": iteration}
    try:
        write_picture(output, keeper.state["picture"], about)
    except InputError as error:
        return str(error)
    return f"{output} holds the best picture so far, after {iteration} iterations."


def save(keeper):
    """Write a snapshot of what is there, and return a sentence on how to go on."""
    if keeper.state is not None and not keeper.schedule.never:
        keeper.save_snapshot()
    if keeper.last_snapshot is None or not keeper.last_snapshot.exists():
        keeper.discard_if_empty()
        return ""
    return f"Resume with 'nst-numpy resume {shlex.quote(str(keeper.path))}'."


def iterations_of(record):
    """How many iterations a job takes at the most, all scales together."""
    job, settings = JOBS[record.kind], record.settings
    if job is stylize_like:
        given = {n: value for n, value in settings.items() if n not in ("name", "content", "style")}
        return settings_like(settings["name"], given)["iterations"]
    settings = defaults_of(stylize if job is stylize else reconstruct) | settings
    steps = steps_of(settings.get("scales", 1), settings["size"], settings["iterations"])
    return sum(iterations for _, iterations in steps)
