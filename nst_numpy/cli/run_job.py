"""Run a job from the command line so that nothing computed is lost."""

import os
import shlex
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from nst_numpy.cli.messages import print_result
from nst_numpy.cli.progress_bar import ProgressBar
from nst_numpy.cli.report_options import combine_callbacks, write_reports
from nst_numpy.cli.signals import Interrupted, ignore_signals
from nst_numpy.images import write_picture
from nst_numpy.reports.frames import FrameRecorder
from nst_numpy.runs.provenance import picture_metadata, summarize_result
from nst_numpy.runs.run_folder import RunFolder
from nst_numpy.runs.snapshots import iteration_of
from nst_numpy.transfer.result import Result
from nst_numpy.utils.errors import InputError, NotFinite
from nst_numpy.utils.types import File, Picture, State


def run_job(
    run_folder: RunFolder,
    function: Callable[..., Result],
    settings: dict[str, Any],
    output: File,
    iterations: int,
    state: State | None = None,
    notes: Sequence[str] = (),
) -> None:
    """Run a job and write its picture.

    If the job is interrupted, the best picture so far and a snapshot are written.

    Parameters
    ----------
    run_folder : RunFolder
    function : callable
        ``function(**settings) -> Result``: `stylize`, `stylize_like` or a reconstruction.
    settings : dict
        Arguments of the job. The names of files may differ from those in the record.
    output : path
        Picture to write.
    iterations : int
        Largest number of iterations, all scales together.
    state : dict, optional
        State to resume from.
    notes : sequence of str
        Printed when the job starts.

    Raises
    ------
    Interrupted, NotFinite, InputError
        With a sentence about what was saved.
    """
    record, recorder = run_folder.record, _frame_recorder(run_folder)
    run_folder.state = state
    job = {**settings, "threads": record.threads, "state": state}
    if record.report:
        job["gradients"] = True

    def checkpoint(state: State) -> None:
        run_folder.checkpoint(state, recorder.contents() if recorder else {})

    with run_folder, ProgressBar(iterations, notes=notes) as progress:
        job |= {
            "callback": combine_callbacks(progress, recorder),
            "checkpoint": checkpoint,
        }
        with save_on_interruption(run_folder, output):
            result = function(**job)
            write_result(run_folder, output, result.picture)
        try:
            _write_reports(run_folder, result, recorder, settings)
        except InputError as error:
            raise InputError(f"{error} The picture {output} is written.") from error
        run_folder.finish(replace(record, finished=summarize_result(result)))
    print_result(f"{result.reason} Loss {result.losses[0]:.4g} -> {result.losses[-1]:.4g}.")
    print_result(f"{output} written after {result.seconds:.0f} seconds.")


def _write_reports(
    run_folder: RunFolder, result: Result, recorder: FrameRecorder | None, settings: dict[str, Any]
) -> None:
    """Write the report and the frames that were requested."""
    record = run_folder.record
    if recorder is None:
        return
    report, frames = (
        path and os.path.join(record.folder, path) for path in (record.report, record.frames)
    )
    write_reports(report, frames, result, recorder, settings, record.command)


def _frame_recorder(run_folder: RunFolder) -> FrameRecorder | None:
    """The recorder of frames of a job with a report or frames; snapshots store it."""
    if not (run_folder.record.report or run_folder.record.frames):
        return None
    return FrameRecorder(**run_folder.extra)


@contextmanager
def save_on_interruption(run_folder: RunFolder, output: File) -> Iterator[None]:
    """Write the best picture and a snapshot if the ``with`` block is interrupted."""
    try:
        yield
    except Interrupted as stop:
        ignore_signals()
        saved = f"{write_best(run_folder, output)} {save(run_folder)}"
        stop.message = f"interrupted. {saved}".strip()
        raise
    except NotFinite as error:
        raise NotFinite(f"{error} {write_best(run_folder, output)}") from error


def write_result(run_folder: RunFolder, output: File, picture: Picture) -> None:
    """Write the picture of a finished job; if that fails, keep it elsewhere."""
    try:
        write_picture(output, picture, picture_metadata(run_folder.record.job))
    except InputError as error:
        saved = save(run_folder)
        if not is_saved(run_folder):
            saved = f"{rescue(output, picture)} {saved}"
        raise InputError(f"{error} {saved}".strip()) from error


def rescue(output: File, picture: Picture) -> str:
    """Write a picture to the folder for temporary files, and return a sentence about it."""
    other = Path(tempfile.gettempdir(), f"{os.getpid()}-{Path(output).name}")
    with suppress(InputError):
        write_picture(other, picture)
        return f"The picture is in {other}."
    return "The picture is lost."


def write_best(run_folder: RunFolder, output: File) -> str:
    """Write the best picture so far, and return a sentence about it."""
    if run_folder.state is None:
        return "No picture was computed yet."
    iteration = run_folder.state["iteration"]
    metadata = picture_metadata(run_folder.record.job) | {"interrupted": iteration}
    picture = run_folder.state["picture"]
    try:
        write_picture(output, picture, metadata)
    except InputError as error:
        return f"{error} {rescue(output, picture)}"
    return f"{output} holds the best picture so far, after {iteration} iterations."


def save(run_folder: RunFolder) -> str:
    """Write a snapshot, and return a sentence on how to resume."""
    reason = ""
    if run_folder.state is not None and not run_folder.schedule.never:
        reason = run_folder.save_snapshot()
    failed = f"No snapshot could be written. {reason}" if reason else ""
    last = run_folder.last_snapshot
    if last is None or not last.exists():
        run_folder.discard_if_empty()
        return failed
    advice = f"'nst-numpy resume {shlex.quote(str(run_folder.path))}'"
    if is_saved(run_folder):
        return f"Resume with {advice}."
    iteration = iteration_of(last)
    if iteration == 0:
        return f"{failed} The only snapshot is that of the start."
    return f"{failed} The last snapshot is that of iteration {iteration}: resume with {advice}."


def is_saved(run_folder: RunFolder) -> bool:
    """Whether there is a snapshot of the last iteration."""
    last, state = run_folder.last_snapshot, run_folder.state
    if last is None or state is None or not last.exists():
        return False
    return iteration_of(last) == state["iteration"]
