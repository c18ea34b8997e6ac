"""``nst-numpy rerun``: make a picture again, from what it says about itself."""

from pathlib import Path

from nst_numpy.cli import options
from nst_numpy.cli.report_options import add_report_options, check_report_paths
from nst_numpy.cli.run_job import find_job, paint
from nst_numpy.cli.run_options import add_run_options, open_run_folder
from nst_numpy.images import check_output
from nst_numpy.images.metadata import read_metadata
from nst_numpy.runs.provenance import picture_metadata
from nst_numpy.runs.record import (
    RECORD_FILE,
    checked,
    find_files,
    read_record,
    warn_about_versions,
    with_files,
)

DESCRIPTION = """
Do again what made a picture. Its settings, the versions it was made with, and the checksums of the
files it was made from stand in the PNG, JPEG or WebP itself, and in the run.json of its run. With
the same versions on the same kind of processor the same file comes out.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("rerun", help="make a picture again", description=DESCRIPTION)
    parser.add_argument("source", metavar="PICTURE|RUN", help="a picture, or the folder of its run")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="picture to write (default: out.png gives out-again.png)",
    )
    options.add_threads(parser)
    add_report_options(parser)
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments):
    """Make it again, and tell whether it came out the same."""
    source = Path(arguments.source)
    record, first = read_source(source)
    find_job(record, source)
    files = find_files(record, ("", source.parent, record.get("folder", "")), source)
    arguments.output = arguments.output or first.with_stem(f"{first.stem}-again")
    inputs = [first, *files.values()]
    check_output(arguments.output, inputs)
    check_report_paths(arguments.output, arguments.report, arguments.frames, inputs)
    warn_about_versions(record, source)
    if "interrupted" in record:
        print(f"{source} was interrupted after {record['interrupted']} iterations; this is all.")
    keeper = open_run_folder(arguments, picture_metadata(record))
    paint(keeper, with_files(record, files), arguments.output)
    print(compared(first, Path(arguments.output)))
    return 0


def read_source(source):
    """The record of a picture or of a run, and where the picture is."""
    if source.name == RECORD_FILE:
        source = source.parent
    if source.is_dir():
        record = read_record(source)
        return record, Path(record["folder"], record["output"])
    return checked(read_metadata(source), source), source


def compared(first, again):
    """A sentence on whether two pictures are the same."""
    if first.suffix != again.suffix:
        return f"{first} is of another format and was not compared."
    if not first.exists():
        return f"There is no {first} any more to compare it with."
    if first.read_bytes() == again.read_bytes():
        return f"It is the same as {first} to the byte."
    return f"It is not the same as {first}."
