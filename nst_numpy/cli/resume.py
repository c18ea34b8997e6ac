"""``nst-numpy resume``: go on with a run that was interrupted."""

import os
import shlex
from pathlib import Path

from nst_numpy.cli import options
from nst_numpy.cli.keep import add_snapshot_option, schedule
from nst_numpy.cli.paint import find_job, paint
from nst_numpy.errors import InputError
from nst_numpy.kernels.threads import number_of_threads
from nst_numpy.pictures import check_output
from nst_numpy.run.keeper import Keeper, is_finished, remove_parts, tidy
from nst_numpy.run.record import find_files, read_record, tell_versions, with_files, write_record
from nst_numpy.run.snapshots import newest_snapshot

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
    if folder.is_file():  # the picture's name, in place of its run's
        folder = folder.with_suffix(".run")
    record = read_record(folder)
    output = arguments.output or os.path.join(record["folder"], record["output"])
    if is_finished(folder):
        tidy(folder)
        again = f"nst-numpy rerun {shlex.quote(str(folder))}"
        print(f"The run in {folder} is finished, its picture is {output}; '{again}' repeats it.")
        return 0
    find_job(record, folder)
    with Keeper(folder, record, schedule(arguments)) as keeper:
        keeper.hold(goes_on=True)
        keeper.sound, snapshot = newest_snapshot(folder)
        snapshot = snapshot or {**record, "state": None, "extra": {}}  # from the start
        check_same(snapshot["settings"], record["settings"], keeper.sound)
        files = find_files(record, (record["folder"], ""), record["output"])
        check_output(output, files.values())
        tell_versions(snapshot, folder)
        remove_parts(Path(output).parent, record.get("process"))
        record |= {"process": os.getpid(), "output": os.path.abspath(output)}
        record["threads"] = arguments.threads or number_of_threads()
        write_record(folder, record)
        if arguments.iterations:  # not written down yet: the job may refuse them
            record["settings"]["iterations"] = arguments.iterations
        keeper.extra = snapshot["extra"]
        paint(keeper, with_files(record, files), output, snapshot["state"])
    return 0


def check_same(settings, expected, path):
    """Refuse a snapshot of another job."""
    for name in expected:
        if name != "iterations" and settings.get(name) != expected[name]:
            raise InputError(
                f"{path} is a snapshot of another job: its {name} is {settings.get(name)!r}, that "
                f"of the run is {expected[name]!r}. Remove it, or start anew."
            )
