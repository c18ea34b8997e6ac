"""Where a job is kept: --run and --snapshot-every, and the keeper of its folder."""

import argparse
import os
import platform
import shlex
from pathlib import Path

from nst_numpy.runs.run_folder import RunFolder
from nst_numpy.runs.snapshot_schedule import SnapshotSchedule
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_output_file
from nst_numpy.utils.threads import number_of_threads

UNITS = {"s": 1, "m": 60, "h": 3600}
BY_DEFAULT = 60  # seconds from one snapshot to the next


def add_run_options(parser):
    """Add --run and --snapshot-every."""
    add_snapshot_option(parser)
    parser.add_argument(
        "--run",
        dest="run_folder",
        metavar="FOLDER",
        help="folder for what is needed to go on after any interruption: 'nst-numpy resume FOLDER' "
        "(default: the output's name with the ending .run, made with the first snapshot)",
    )


def add_snapshot_option(parser):
    """Add --snapshot-every."""
    parser.add_argument(
        "--snapshot-every",
        type=snapshot_interval,
        metavar="N|60s|5m|1h",
        help="iterations, or seconds, minutes or hours, from one snapshot to the next; 0 for none "
        "(default: "
        f"{BY_DEFAULT}s)",
    )


def snapshot_interval(text):
    """A number of iterations, or a number with a unit of time, as arguments of `SnapshotSchedule`."""
    number, seconds = (text[:-1], UNITS[text[-1]]) if text[-1:] in UNITS else (text, None)
    if not (number.isascii() and number.isdigit()):
        raise argparse.ArgumentTypeError(
            f"expected a number of iterations, or of seconds, minutes or hours as in 60s, 5m, 1h; "
            f"got {text!r}"
        )
    return {"seconds": int(number) * seconds} if seconds else {"iterations": int(number)}


def open_run_folder(arguments, record):
    """The keeper of a new job, with its folder where one is asked for or there already.

    Parameters
    ----------
    arguments : argparse.Namespace
        With ``output``, ``threads``, ``words`` and the options of `add_run_options`.
    record : dict
        As of `nst_numpy.runs.record.new_record`.
    """
    asked = arguments.run_folder or any((arguments.snapshot_every or {}).values())
    folder = Path(arguments.run_folder or Path(arguments.output).with_suffix(".run"))
    here = {
        "command": shlex.join(["nst-numpy", *arguments.words]),
        "output": os.fspath(arguments.output),
        "report": getattr(arguments, "report", None),
        "frames": getattr(arguments, "frames", None),
        "folder": os.getcwd(),
        "platform": platform.platform(),
        "threads": arguments.threads or number_of_threads(),
        "process": os.getpid(),
        "finished": None,
    }
    written = filter(None, (here[name] for name in ("output", "report", "frames")))
    if os.path.abspath(folder) in map(os.path.abspath, written):
        raise InputError(f"{folder} is a file to write already: name another folder with --run.")
    keeper = RunFolder(folder, {**record, **here}, schedule_from(arguments), bool(asked))
    if os.path.lexists(folder):
        keeper.hold()
    elif asked:
        check_output_file(folder, "folder")
        if not os.access(folder.parent, os.W_OK | os.X_OK):
            raise InputError(f"{folder.name} cannot be made in {folder.parent}: make that first.")
    return keeper


def schedule_from(arguments):
    """When snapshots are taken."""
    every = arguments.snapshot_every
    return SnapshotSchedule(**({"seconds": BY_DEFAULT} if every is None else every))
