"""``nst-numpy demo``: paint a photograph in four styles, with the files of the package."""

import argparse
import sys
from dataclasses import replace
from typing import Any

import numpy.typing as npt

from nst_numpy.cli import settings_options
from nst_numpy.cli.messages import print_result
from nst_numpy.cli.progress_bar import ProgressBar
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import check_output, make_contact_sheet, scaled_size, write_picture
from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.transfer.prepare_job import prepare_job
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.transfer.stylize import run_stylize
from nst_numpy.utils.types import Picture

DESCRIPTION = """
Paint a photograph in four styles with the pictures and the network of the package. No file and no
download is needed. Writes a sheet with the photograph, the styles and the four results.
"""
OPTIONS = ("size", "iterations", "threads", "memory", "weights", "normalized", "pooling")
DEFAULTS = {"size": 320, "iterations": 100}


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser("demo", help="paint four styles at once", description=DESCRIPTION)
    parser.add_argument(
        "-o",
        "--output",
        default="nst-demo.png",
        metavar="OUT",
        help="sheet to write (default: %(default)s)",
    )
    parser.add_argument(
        "--content",
        choices=CONTENTS,
        default=CONTENTS[0],
        help="photograph to paint (default: %(default)s)",
    )
    settings_options.add_settings(parser, StylizeSettings, OPTIONS, DEFAULTS)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Paint the four pictures and write the sheet."""
    check_output(arguments.output)
    given = settings_options.settings_given(arguments, StylizeSettings) | {"content": ""}
    p, *styles = (sample_picture(name) for name in (arguments.content, *STYLES))
    settings = StylizeSettings(**{**DEFAULTS, **given, "content": p, "style": styles[0]})
    job = prepare_job(settings)  # mistakes are reported before the first bar
    print("The first run compiles for some seconds before the first bar.", file=sys.stderr)
    results: list[Picture] = []
    for name, a in zip(STYLES, styles, strict=True):
        with ProgressBar(settings.iterations, name) as progress:
            each = replace(settings, weights=job.network, style=a, callback=progress)
            results.append(run_stylize(each).picture)
    width, height = scaled_size(settings.size, p.shape)
    palette = make_contact_sheet([styles[:2], styles[2:]], (width // 2, height // 2))
    rows: list[list[npt.NDArray[Any]]] = [[p, *results[:2]], [palette, *results[2:]]]
    write_picture(arguments.output, make_contact_sheet(rows, (width, height)))
    print_result(
        f"{arguments.output}: the photograph, the four styles, and the photograph in each style."
    )
    return 0
