"""``nst-numpy figure``: the figures of the paper, with pictures of your own."""

from pathlib import Path

from nst_numpy.cli import grid_options, options, reconstruct
from nst_numpy.images import picture_shape, scaled_size, write_picture
from nst_numpy.networks import load_network
from nst_numpy.paper import figures
from nst_numpy.sweeps import write_results
from nst_numpy.utils.available_memory import memory_budget
from nst_numpy.utils.errors import InputError

DESCRIPTION = """
Make a figure of the paper: a labeled sheet figureN.png, its single pictures, and figureN.json and
figureN.csv with all settings and final losses. What is done in the folder is not done again.
"""
RECONSTRUCTIONS = """
Style (above) and content (below) reconstructed from white noise, from conv1_1, conv2_1, ...,
conv5_1; the style from all of them up to that one.
"""
STYLES = """
The photograph (A) and the photograph in several styles (B, C, ...), each painting small in its
corner.
"""
GRID = """
Rows: the style layers conv1_1; conv1_1 and conv2_1; ... Columns: alpha / beta from 1e-5 to 1e-2,
for the content loss per element of its features.
"""
START = {"init": "noise", "size": reconstruct.DEFAULTS["size"]}  # as in the paper
SET_BY_FIGURE = ("ratio", "style_layers", "style_weights")
FIGURES = (figures.figure1, figures.figure2, figures.figure3)


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser("figure", help="the paper's figures", description=DESCRIPTION)
    numbers = parser.add_subparsers(dest="number", required=True, metavar="1|2|3")
    first = numbers.add_parser("1", help="what layers know", description=RECONSTRUCTIONS)
    second = numbers.add_parser("2", help="one photograph, several styles", description=STYLES)
    third = numbers.add_parser("3", help="layers by alpha / beta", description=GRID)
    actions = {
        first: [
            a for a in grid_options.job_options(SET_BY_FIGURE) if a.dest in reconstruct.DEFAULTS
        ],
        second: grid_options.job_options(),
        third: grid_options.job_options(SET_BY_FIGURE),
    }
    for number, make in zip(actions, FIGURES, strict=True):
        number.add_argument("content", metavar="CONTENT", help="picture that gives the content")
        several = {"nargs": "+"} if number is second else {}
        number.add_argument(
            "style", metavar="STYLE", help="picture that gives the style", **several
        )
        grid_options.add_grid_options(number)
        _add_sheet_options(number)
        for action in actions[number]:
            number._add_action(action)
        names = [action.dest for action in actions[number]]
        number.set_defaults(run=run, make=make, settings=names)
        number.set_defaults(**{name: START[name] for name in START if name in names})
    third.add_argument(
        "--ratios",
        type=options.numbers,
        default=figures.RATIOS,
        metavar="R,...",
        help=f"of the columns (default: {','.join(f'{r:g}' for r in figures.RATIOS)})",
    )
    third.get_default("settings").append("ratios")


def _add_sheet_options(parser):
    """Add --pdf and --partial."""
    parser.add_argument("--pdf", action="store_true", help="write the sheet as PDF too")
    parser.add_argument(
        "--partial",
        action="store_true",
        help="where the network lacks layers, make the parts that can be made",
    )


def run(arguments):
    """Make the cells that can be made, the sheet and the tables."""
    settings = {name: getattr(arguments, name) for name in arguments.settings}
    figure = arguments.make(arguments.content, arguments.style, **settings)
    folder, shape = Path(arguments.output), picture_shape(arguments.content)
    cell = scaled_size(arguments.size, shape)
    if isinstance(arguments.style, str):
        picture_shape(arguments.style)  # without it there is no figure
    figures.check_sheet(figure, shape, arguments.size, memory_budget(arguments.memory))
    missing = figures.missing_layers(figure, load_network(arguments.weights))
    _check(figure, missing, arguments.partial)
    left_out = {name: f"Not made: no {', '.join(layers)}." for name, layers in missing.items()}
    records = grid_options.do_cells([c for c in figure.cells if c.name not in left_out], arguments)
    why_not = left_out | {r["cell"]: r["error"] for r in records if r["error"] is not None}
    page = figures.draw(figure, why_not, folder, cell)
    sheets = [folder / f"{figure.name}{ending}" for ending in (".png", ".pdf")[: 1 + arguments.pdf]]
    for path in sheets:
        write_picture(path, page)
    table = folder / f"{figure.name}.json"
    write_results(table, records, figure=figure.name, note=figure.note, left_out=left_out)
    return grid_options.conclude(records, *sheets, table)


def _check(figure, missing, partial):
    """Refuse a figure that cannot be made as a whole, unless its parts are asked for."""
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
