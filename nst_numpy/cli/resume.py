"""``nst-numpy resume``: go on with a run that was interrupted."""

import os
import shlex
from pathlib import Path

from nst_numpy.cli import options
from nst_numpy.cli.report_options import check_report_paths
from nst_numpy.cli.run_job import find_job, paint
from nst_numpy.cli.run_options import add_snapshot_option, schedule_from
from nst_numpy.images import check_output
from nst_numpy.runs.record import (
    RECORD_FILE,
    find_files,
    read_record,
    warn_about_versions,
    with_files,
    write_record,
)
from nst_numpy.runs.run_folder import RunFolder, is_finished, remove_partial_files, tidy
from nst_numpy.runs.snapshots import newest_snapshot
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.threads import number_of_threads

DESCRIPTION = """
Go on with a run from its last snapshot, as if it had never been interrupted: the picture will be
the same to the bit. Only SciPy's L-BFGS-B starts a fresh history and comes to a picture of its own.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "resume", help="go on with an interrupted run", description=DESCRIPTION
    )
    parser.add_argument("run_folder", metavar="RUN", help="its folder, out.run for out.png")
    parser.add_argument("-o", "--output", metavar="OUT", help="write another picture than it would")
    parser.add_argument(
        "--iterations",
        type=options.whole,
        metavar="N",
        help="go on to another number of iterations, counted from the start of the run",
    )
    options.add_threads(parser)
    add_snapshot_option(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Find out where the run stopped, and go on."""
    folder = Path(arguments.run_folder)
    if folder.is_file():  # the picture's name, or run.json, in place of its run's
        folder = folder.parent if folder.name == RECORD_FILE else folder.with_suffix(".run")
    record = read_record(folder)
    for name in ("output", "report", "frames"):
        record[name] = record.get(name) and place_of(record[name], record["folder"], folder)
    if is_finished(folder):
        return report_finished(arguments, folder, record["output"])
    output = arguments.output or record["output"]
    find_job(record, folder)
    with RunFolder(folder, record, schedule_from(arguments)) as keeper:
        keeper.hold(goes_on=True)
        keeper.sound, snapshot = newest_snapshot(folder)
        snapshot = snapshot or {**record, "state": None, "extra": {}}  # from the start
        check_same(snapshot["settings"], record["settings"], keeper.sound)
        places = record["folder"], folder.parent, ""
        files = find_files(record, places, os.path.basename(record["output"]))
        check_output(output, files.values())
        check_report_paths(output, record["report"], record["frames"], files.values())
        warn_about_versions(snapshot, folder)
        remove_partial_files(Path(output).parent, record.get("process"))
        record |= {"process": os.getpid(), "output": os.path.abspath(output)}
        record["threads"] = arguments.threads or number_of_threads()
        write_record(folder, record)
        if arguments.iterations:  # not written down yet: the job may refuse them
            record["settings"]["iterations"] = arguments.iterations
            record["command"] += f" --iterations {arguments.iterations}"  # the last one counts
        keeper.extra = snapshot["extra"]
        paint(keeper, with_files(record, files), output, snapshot["state"])
    return 0


def report_finished(arguments, folder, output):
    """Say that there is nothing to go on with; refuse what is asked for beyond."""
    tidy(folder)
    again = f"'nst-numpy rerun {shlex.quote(str(folder))}'"
    told = f"The run in {folder} is finished, its picture is {output}"
    if arguments.output or arguments.iterations:
        raise InputError(f"{told}, and its snapshots are gone: {again} makes it anew.")
    print(f"{told}; {again} repeats it.")
    return 0


def place_of(path, before, folder):
    """Where a file of a run is to be written: beside the run, if the run has been moved.

    Parameters
    ----------
    path : str
        From the folder ``before``.
    before : str
        Where the command was given.
    folder : path
        Of the run, where it is now.
    """
    there = os.path.join(before, path)
    if os.path.isdir(os.path.dirname(there)):
        return there
    return os.path.abspath(folder.parent / os.path.basename(path))


def check_same(settings, expected, path):
    """Refuse a snapshot of another job."""
    for name in expected:
        if name != "iterations" and settings.get(name) != expected[name]:
            raise InputError(
                f"{path} is a snapshot of another job: its {name} is {settings.get(name)!r}, that "
                f"of the run is {expected[name]!r}. Remove it, or start anew."
            )
