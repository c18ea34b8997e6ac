"""``nst-numpy resume``: resume an interrupted run."""

import argparse
import os
import shlex
from dataclasses import replace
from pathlib import Path

from nst_numpy.cli import settings_options
from nst_numpy.cli.job_kinds import job_kind_of
from nst_numpy.cli.messages import print_result
from nst_numpy.cli.report_options import check_report_paths
from nst_numpy.cli.run_job import run_job
from nst_numpy.cli.run_options import add_snapshot_option, schedule_from
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import check_output
from nst_numpy.images.metadata import read_metadata
from nst_numpy.reports.html_report import is_report
from nst_numpy.runs.folder_checks import remove_leftovers, remove_partial_files
from nst_numpy.runs.provenance import JobRecord, identity
from nst_numpy.runs.record import (
    RECORD_FILE,
    RUN_SUFFIX,
    RunRecord,
    job_from_metadata,
    locate_files,
    read_record,
    settings_with_files,
    warn_about_versions,
    write_record,
)
from nst_numpy.runs.run_folder import RunFolder
from nst_numpy.transfer.option_values import parse_whole_number
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import Record, Settings

DESCRIPTION = """
Resume a run from its last snapshot. The picture is the same, bit for bit, as that of an
uninterrupted run. The exception is SciPy's L-BFGS-B, which starts with an empty history and gives
a different picture.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "resume", help="resume an interrupted run", description=DESCRIPTION
    )
    parser.add_argument("run_folder", metavar="RUN", help="the run folder; out.run for out.png")
    parser.add_argument("-o", "--output", metavar="OUT", help="write the picture to another file")
    parser.add_argument(
        "--iterations",
        type=parse_whole_number,
        metavar="N",
        help="change the number of iterations, counted from the start of the run",
    )
    settings_options.add_settings(parser, StylizeSettings, ("threads",))
    add_snapshot_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Find the last snapshot and resume the job."""
    folder = run_folder_of(Path(arguments.run_folder))
    record = with_current_paths(read_record(folder), folder)
    if record.finished is not None:
        return report_finished(arguments, folder, record.output)
    kind = job_kind_of(record.job, folder)
    output = arguments.output or record.output
    with RunFolder(folder, record, schedule_from(arguments)) as run_folder:
        run_folder.lock(resuming=True)
        snapshot = load_snapshot(run_folder)
        files = locate_files(
            record.job, (record.folder, folder.parent, ""), os.path.basename(record.output)
        )
        check_output(output, files.values())
        written_by_run = [None if arguments.output else output, record.report, record.frames]
        for path in filter(None, written_by_run):
            check_belongs_to_run(path, record, folder)
        check_report_paths(output, record.report, record.frames, files.values())
        warn_about_versions(snapshot["versions"] if snapshot else record.job.versions, folder)
        if os.path.samefile(os.path.dirname(output) or ".", folder.parent):
            remove_partial_files(folder.parent, record.process)
        resumed = by_this_process(record, output, getattr(arguments, "threads", None))
        write_record(folder, resumed)
        # The new number is written with the first snapshot, because the job may refuse it.
        run_folder.record = with_iterations(resumed, arguments.iterations)
        settings = settings_with_files(run_folder.record.job, files)
        iterations = kind.iterations(run_folder.record.job.settings)
        state = snapshot["state"] if snapshot else None
        run_job(run_folder, kind.run, settings, output, iterations, state)
    return 0


def check_belongs_to_run(path: str, record: RunRecord, folder: Path) -> None:
    """Refuse to overwrite a file that the run has not written.

    A ``run.json`` may come from someone else, and name any file as an output. A run has written
    the picture with its metadata. It may also overwrite the files of its own name next to its
    folder, ``out.png`` and ``out.html`` next to ``out.run``, and any report of this package.
    """
    if not os.path.lexists(path):
        return
    named_like_run = Path(path).stem == folder.stem and not os.path.islink(path)
    if named_like_run and os.path.samefile(os.path.dirname(path) or ".", folder.parent):
        return
    if is_report(path):
        return
    try:
        written = job_from_metadata(read_metadata(path), path)
    except InputError:
        written = None
    if written is None or identity_of(written) != identity_of(record.job):
        raise InputError(
            f"{path} exists, and nothing shows that the run in {folder} has written it: move the "
            "file away, or choose another output with -o."
        )


def identity_of(job: JobRecord) -> object:
    """What two records of the same job agree on, whatever the number of iterations."""
    settings = {name: value for name, value in job.settings.items() if name != "iterations"}
    return identity(job.kind, settings, job.files)


def load_snapshot(run_folder: RunFolder) -> Record | None:
    """The newest valid snapshot of a run, or None if the run has to start from the beginning."""
    snapshot = run_folder.load_snapshot()
    if snapshot is not None:
        settings = run_folder.record.job.settings
        check_same_job(snapshot["settings"], settings, run_folder.last_snapshot)
        run_folder.extra = snapshot["extra"]
    return snapshot


def by_this_process(record: RunRecord, output: str, threads: int | None) -> RunRecord:
    """The record of a run that this process continues."""
    return replace(
        record,
        output=os.path.abspath(output),
        process=os.getpid(),
        threads=threads or number_of_threads(),
    )


def run_folder_of(path: Path) -> Path:
    """The run folder that a path stands for: the folder, its ``run.json`` or its picture."""
    if path.is_file():
        return path.parent if path.name == RECORD_FILE else path.with_suffix(RUN_SUFFIX)
    return path


def with_current_paths(record: RunRecord, folder: Path) -> RunRecord:
    """The record with the paths where the outputs are to be written now."""
    return replace(
        record,
        output=current_path(record.output, record.folder, folder),
        report=record.report and current_path(record.report, record.folder, folder),
        frames=record.frames and current_path(record.frames, record.folder, folder),
    )


def current_path(path: str, working_directory: str, folder: Path) -> str:
    """Where to write an output of a run: next to the run folder, if that has been moved.

    Parameters
    ----------
    path : str
        The path in the record, relative to the working directory.
    working_directory : str
        The working directory of the original command.
    folder : path
        The run folder, where it is now.
    """
    original = os.path.join(working_directory, path)
    if os.path.isdir(os.path.dirname(original)):
        return original
    return os.path.abspath(folder.parent / os.path.basename(path))


def with_iterations(record: RunRecord, iterations: int | None) -> RunRecord:
    """The record with another number of iterations, if one is given."""
    if iterations is None:
        return record
    settings: Settings = {**record.job.settings, "iterations": iterations}
    return replace(
        record,
        job=replace(record.job, settings=settings),
        command=f"{record.command} --iterations {iterations}",  # the last option counts
    )


def report_finished(arguments: argparse.Namespace, folder: Path, output: str) -> int:
    """Print that the run is finished; refuse options that would continue it."""
    remove_leftovers(folder)
    rerun = f"'nst-numpy rerun {shlex.quote(str(folder))}'"
    finished = f"The run in {folder} is finished; its picture is {output}"
    if arguments.output or arguments.iterations:
        raise InputError(f"{finished}. Its snapshots have been removed: repeat it with {rerun}.")
    print_result(f"{finished}. Repeat it with {rerun}.")
    return 0


def check_same_job(settings: Record, expected: Record, path: Path | None) -> None:
    """Refuse a snapshot whose settings differ from those of the run."""
    for name in expected:
        if name != "iterations" and settings.get(name) != expected[name]:
            raise InputError(
                f"{path} is a snapshot of another job: its {name} is "
                f"{short_repr(settings.get(name))}, but that of the run is "
                f"{short_repr(expected[name])}. Remove the snapshot or the run folder."
            )
