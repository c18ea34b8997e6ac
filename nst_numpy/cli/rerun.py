"""``nst-numpy rerun``: repeat a job from the metadata of its picture or from its run folder."""

import argparse
import os
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from nst_numpy.cli import settings_options
from nst_numpy.cli.job_kinds import job_kind_of
from nst_numpy.cli.messages import print_result
from nst_numpy.cli.report_options import add_report_options, check_report_paths
from nst_numpy.cli.run_job import run_job
from nst_numpy.cli.run_options import add_run_options, open_run_folder
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import check_output, format_of, read_picture
from nst_numpy.images.metadata import read_metadata
from nst_numpy.runs.provenance import JobRecord
from nst_numpy.runs.record import (
    RECORD_FILE,
    RUN_SUFFIX,
    interrupted_after,
    job_from_metadata,
    locate_files,
    read_record,
    settings_with_files,
    warn_about_versions,
)
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File

DESCRIPTION = """
Repeat the job that made a picture. The settings, the versions of the packages and the checksums of
the input files are stored in the PNG, JPEG or WebP file, and in the run.json of a run folder. The
same versions on the same type of processor produce an identical file.
"""


@dataclass(frozen=True)
class Source:
    """A job to repeat.

    Attributes
    ----------
    job : JobRecord
    picture : path
        The picture that the job has made.
    working_directory : str
        Where the job ran, if known; its files may be there.
    known : dict of str to str
        Paths where files with a given SHA-256 were, if the picture has a run folder.
    interrupted : int or None
        The iteration after which the job was interrupted.
    """

    job: JobRecord
    picture: Path
    working_directory: str = ""
    known: dict[str, str] = field(default_factory=dict)
    interrupted: int | None = None


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser("rerun", help="repeat a job", description=DESCRIPTION)
    parser.add_argument("source", metavar="PICTURE|RUN", help="a picture, or a run folder")
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="picture to write (default: out-again.png for out.png)",
    )
    settings_options.add_settings(parser, StylizeSettings, ("threads",))
    add_report_options(parser)
    add_run_options(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Repeat the job, and compare the two pictures."""
    path = Path(arguments.source)
    source = read_source(path)
    kind = job_kind_of(source.job, path)
    folders = (path.parent, "", source.working_directory)
    files = locate_files(source.job, folders, path, source.known)
    first = source.picture
    arguments.output = arguments.output or first.with_stem(f"{first.stem}-again")
    inputs: list[File] = [first, *files.values()]
    check_output(arguments.output, inputs)
    check_report_paths(arguments.output, arguments.report, arguments.frames, inputs)
    warn_about_versions(source.job.versions, path)
    if source.interrupted is not None:
        print_result(
            f"{path} was interrupted after {source.interrupted} iterations; the new picture is "
            "that of the complete job."
        )
    run_folder = open_run_folder(arguments, source.job)
    settings = settings_with_files(source.job, files)
    iterations = kind.iterations(source.job.settings)
    run_job(run_folder, kind.run, settings, arguments.output, iterations)
    print_result(compare(first, Path(arguments.output)))
    return 0


def read_source(path: Path) -> Source:
    """The job of a picture or of a run folder."""
    folder = path.parent if path.name == RECORD_FILE else path
    if folder.is_dir():
        record = read_record(folder)
        return Source(record.job, Path(record.folder, record.output), record.folder)
    metadata = read_metadata(path)
    job, interrupted = job_from_metadata(metadata, path), interrupted_after(metadata, path)
    return Source(job, path, known=paths_in_run_folder(path), interrupted=interrupted)


def paths_in_run_folder(picture: Path) -> dict[str, str]:
    """The files of a picture's run folder by their SHA-256; none if it has no run folder."""
    try:
        record = read_record(picture.with_suffix(RUN_SUFFIX))
    except InputError:
        return {}
    return {d: os.path.join(record.folder, path) for path, d in record.job.files.items()}


def compare(first: Path, second: Path) -> str:
    """A sentence on whether two pictures are identical."""
    if not first.exists():
        return f"{first} does not exist any more, so the two were not compared."
    if first.read_bytes() == second.read_bytes():
        return f"{second} is identical to {first}."
    if format_of(first) != format_of(second):
        return f"{first} has another format, so the two were not compared."
    one, other = read_picture(first), read_picture(second)
    if one.shape == other.shape and np.array_equal(one, other):
        return f"{second} has the same pixels as {first}, stored in another way."
    return f"{second} differs from {first}."
