"""``nst-numpy figure``: the figures of the paper with the user's own pictures."""

import argparse
from pathlib import Path

from nst_numpy.cli import grid_options, settings_options
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import picture_shape, scaled_size, write_picture
from nst_numpy.networks import load_network
from nst_numpy.paper import ReconstructSettings, figures
from nst_numpy.paper.figure_sheet import check_sheet, draw_sheet, missing_layers
from nst_numpy.paper.figures import Figure
from nst_numpy.sweeps import write_results
from nst_numpy.transfer.option_definition import defaults_of, options_of, recorded_defaults
from nst_numpy.transfer.option_values import parse_numbers
from nst_numpy.transfer.recipe import PAPER_RECIPE
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.available_memory import memory_budget
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Record, Settings

DESCRIPTION = """
Make a figure of the paper: a labeled sheet figureN.png, its single pictures, and figureN.json and
figureN.csv with all settings and final losses. Pictures that are finished in the folder are not
made again.
"""
RECONSTRUCTIONS = """
Style (above) and content (below) reconstructed from white noise. Columns: the layers conv1_1,
conv2_1, ..., conv5_1; the style is reconstructed from all layers up to that of the column.
"""
STYLES = """
The photograph (A) and the photograph in several styles (B, C, ...), with a small copy of each
painting in the corner.
"""
GRID = """
Rows: the style layers conv1_1; conv1_1 and conv2_1; ... Columns: alpha / beta from 1e-2 to 10,
for the content loss per element of its features.
"""
START = PAPER_RECIPE | {
    "init": "white-noise",
    "preconditioner": "none",
    "iterations": 300,
    "ratio": 1.0,  # of Figure 2; see `nst_numpy.paper.figures.RATIOS`
    "size": defaults_of(ReconstructSettings)["size"],
}
SET_BY_FIGURE = ("ratio", "style_layers", "style_weights")  # not options of Figures 1 and 3


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser("figure", help="the paper's figures", description=DESCRIPTION)
    numbers = parser.add_subparsers(dest="number", required=True, metavar="1|2|3")
    first = numbers.add_parser("1", help="reconstructions from layers", description=RECONSTRUCTIONS)
    second = numbers.add_parser("2", help="one photograph, several styles", description=STYLES)
    third = numbers.add_parser("3", help="style layers by alpha / beta", description=GRID)
    job_options = grid_options.job_options(SET_BY_FIGURE)
    reconstruction_options = [o for o in job_options if o in options_of(ReconstructSettings)]
    _add_options(first, reconstruction_options)
    _add_options(second, grid_options.job_options(), several_styles=True)
    _add_options(third, job_options)
    third.add_argument(
        "--ratios",
        type=parse_numbers,
        default=figures.RATIOS,
        metavar="R,...",
        help=f"alpha / beta of the columns (default: {','.join(f'{r:g}' for r in figures.RATIOS)})",
    )


def _add_options(
    parser: argparse.ArgumentParser,
    job_options: list[str],
    several_styles: bool = False,
) -> None:
    """Add the pictures, the options of the grid and the sheet, and those of each job."""
    parser.add_argument("content", metavar="CONTENT", help="picture that gives the content")
    parser.add_argument(
        "style",
        metavar="STYLE",
        nargs="+" if several_styles else None,
        help="picture that gives the style",
    )
    grid_options.add_grid_options(parser)
    parser.add_argument("--pdf", action="store_true", help="also write the sheet as PDF")
    parser.add_argument(
        "--partial",
        action="store_true",
        help="if the network lacks layers, make the other parts of the figure",
    )
    start = {name: value for name, value in START.items() if name in job_options}
    settings_options.add_settings(parser, StylizeSettings, job_options, start)
    parser.set_defaults(run=run, job_options=job_options)


def run(arguments: argparse.Namespace) -> int:
    """Make the pictures, the sheet and the tables of a figure."""
    figure = _figure_from(arguments)
    shape = picture_shape(arguments.content)
    if isinstance(arguments.style, str):
        picture_shape(arguments.style)  # without it, no part of the figure can be made
    settings = _settings(arguments)
    check_sheet(figure, shape, settings["size"], memory_budget(arguments.memory))
    missing = missing_layers(figure, load_network(settings["weights"]))
    _check_layers(figure, missing, arguments.partial)
    left_out = {name: f"Not made: no {', '.join(layers)}." for name, layers in missing.items()}
    cells = [cell for cell in figure.cells if cell.name not in left_out]
    records = grid_options.run_cells(cells, arguments)
    written = _write_sheets(figure, records, left_out, arguments)
    table = Path(arguments.output) / f"{figure.name}.json"
    header = {"figure": figure.name, "note": figure.note, "left_out": left_out}
    write_results(table, records, header)
    return grid_options.print_summary(records, [*written, table])


def _settings(arguments: argparse.Namespace) -> Settings:
    """The settings of each job of the figure that the options describe."""
    defaults = {**recorded_defaults(StylizeSettings), **START}
    given = settings_options.settings_given(arguments, StylizeSettings)
    return {name: given.get(name, defaults[name]) for name in arguments.job_options}


def _figure_from(arguments: argparse.Namespace) -> Figure:
    """The figure that the options describe."""
    settings = _settings(arguments)
    if arguments.number == "1":
        return figures.figure1(arguments.content, arguments.style, settings)
    if arguments.number == "2":
        return figures.figure2(arguments.content, arguments.style, settings)
    return figures.figure3(arguments.content, arguments.style, settings, arguments.ratios)


def _check_layers(figure: Figure, missing: dict[str, list[str]], partial: bool) -> None:
    """Refuse a figure that needs layers the network lacks, unless --partial allows it."""
    if not missing:
        return
    layers = ", ".join(dict.fromkeys(l for lacking in missing.values() for l in lacking))
    if len(missing) == len(figure.cells):
        raise InputError(f"The network has no {layers}: no part of {figure.name} can be made.")
    if not partial:
        raise InputError(
            f"The network has no {layers}, so these parts of {figure.name} cannot be made: "
            f"{', '.join(missing)}; --partial makes the rest."
        )


def _write_sheets(
    figure: Figure,
    records: list[Record],
    left_out: dict[str, str],
    arguments: argparse.Namespace,
) -> list[Path]:
    """Draw the sheet, and write it as PNG and, with --pdf, as PDF; return the paths."""
    folder = Path(arguments.output)
    errors = {r["cell"]: r["error"] for r in records if r["error"] is not None}
    size = scaled_size(_settings(arguments)["size"], picture_shape(arguments.content))
    page = draw_sheet(figure, {**left_out, **errors}, folder, size)
    suffixes = (".png", ".pdf") if arguments.pdf else (".png",)
    paths = [folder / f"{figure.name}{suffix}" for suffix in suffixes]
    for path in paths:
        write_picture(path, page)
    return paths
