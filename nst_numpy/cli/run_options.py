"""The options ``--run`` and ``--snapshot-every``, and the run folder that they describe."""

import argparse
import os
import platform
import shlex
from pathlib import Path

from nst_numpy.runs.provenance import JobRecord
from nst_numpy.runs.record import RUN_SUFFIX, RunRecord
from nst_numpy.runs.run_folder import RunFolder
from nst_numpy.runs.snapshot_schedule import SnapshotSchedule
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_output_file
from nst_numpy.utils.threads import number_of_threads
from nst_numpy.utils.types import File

UNITS = {"s": 1, "m": 60, "h": 3600}
DEFAULT_INTERVAL = 60  # seconds from one snapshot to the next


def add_run_options(parser: argparse.ArgumentParser) -> None:
    """Add --run and --snapshot-every."""
    add_snapshot_option(parser)
    parser.add_argument(
        "--run",
        dest="run_folder",
        metavar="FOLDER",
        help="folder for the snapshots; after any interruption 'nst-numpy resume FOLDER' continues "
        "the job (default: the output's name with the suffix .run, created with the first "
        "snapshot)",
    )


def add_snapshot_option(parser: argparse.ArgumentParser) -> None:
    """Add --snapshot-every."""
    parser.add_argument(
        "--snapshot-every",
        type=snapshot_interval,
        metavar="N|60s|5m|1h",
        help="iterations, seconds, minutes or hours between snapshots; 0 for no snapshots "
        f"(default: {DEFAULT_INTERVAL}s)",
    )


def snapshot_interval(text: str) -> tuple[int, int]:
    """The interval between snapshots.

    Parameters
    ----------
    text : str
        A number of iterations, or a number with a unit of time.

    Returns
    -------
    iterations, seconds : int
        One of them is 0; both if there are to be no snapshots.
    """
    number, unit = (text[:-1], text[-1]) if text[-1:] in UNITS else (text, None)
    if not (number.isascii() and number.isdigit()):
        raise argparse.ArgumentTypeError(
            "expected a number of iterations, or of seconds, minutes or hours as in 60s, 5m, 1h; "
            f"got {text!r}"
        )
    return (int(number), 0) if unit is None else (0, int(number) * UNITS[unit])


def schedule_from(arguments: argparse.Namespace) -> SnapshotSchedule:
    """The schedule that --snapshot-every describes."""
    iterations, seconds = arguments.snapshot_every or (0, DEFAULT_INTERVAL)
    return SnapshotSchedule(iterations, seconds)


def absolute(path: File | None) -> str | None:
    """The absolute path of a file, or None."""
    return None if path is None else os.path.abspath(path)


def open_run_folder(arguments: argparse.Namespace, job: JobRecord) -> RunFolder:
    """The run folder of a new job, locked if it already exists.

    Parameters
    ----------
    arguments : argparse.Namespace
        With ``output``, ``threads``, ``words`` and the options of `add_run_options`.
    job : JobRecord

    Raises
    ------
    InputError
        If the folder cannot be used.
    """
    folder = Path(arguments.run_folder or Path(arguments.output).with_suffix(RUN_SUFFIX))
    record = RunRecord(
        job,
        command=shlex.join(["nst-numpy", *arguments.words]),
        folder=os.getcwd(),
        output=os.path.abspath(arguments.output),
        report=absolute(getattr(arguments, "report", None)),
        frames=absolute(getattr(arguments, "frames", None)),
        threads=getattr(arguments, "threads", None) or number_of_threads(),
        process=os.getpid(),
        platform=platform.platform(),
    )
    outputs = [path for path in (record.output, record.report, record.frames) if path]
    if os.path.abspath(folder) in map(os.path.abspath, outputs):
        raise InputError(f"{folder} is also an output file: choose another folder with --run.")
    requested = bool(arguments.run_folder) or any(arguments.snapshot_every or ())
    run_folder = RunFolder(folder, record, schedule_from(arguments), requested)
    if os.path.lexists(folder):
        run_folder.lock()
    elif requested:
        check_output_file(folder, "folder")
        if not os.access(folder.parent, os.W_OK | os.X_OK):
            raise InputError(
                f"The folder {folder} cannot be created: {folder.parent} does not exist or cannot "
                "be written."
            )
    return run_folder
