"""``nst-numpy reconstruct``: reconstruct an image from the features of a picture."""

import argparse

from nst_numpy.cli import settings_options
from nst_numpy.cli.job_kinds import RECONSTRUCT_CONTENT, RECONSTRUCT_STYLE
from nst_numpy.cli.run_job import run_job
from nst_numpy.cli.run_options import add_run_options, open_run_folder
from nst_numpy.cli.subparsers_type import Subcommands
from nst_numpy.images import check_output
from nst_numpy.paper import ReconstructSettings
from nst_numpy.runs.record import record_job
from nst_numpy.transfer.option_definition import options_of, recorded_defaults, resources
from nst_numpy.transfer.option_values import parse_names

DESCRIPTION = """
Start from white noise and find an image that has the same features in some layers of the network
as PICTURE [Gatys et al. 2015, Fig. 1].
"""
CONTENT = """
Find an image with the features of PICTURE in one layer. Low layers determine the pixels almost
exactly; higher layers determine only the objects and their positions.
"""
STYLE = """
Find an image with the correlations between features (Gram matrices) of PICTURE in some layers: a
texture. conv1_1 alone gives color and grain; with higher layers the structures become
larger.
"""


def add_to(commands: Subcommands) -> None:
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "reconstruct", help="reconstruct a picture from layers", description=DESCRIPTION
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="content|style")
    content = kinds.add_parser("content", help="from one layer's features", description=CONTENT)
    content.add_argument("--layer", required=True, metavar="LAYER", help="for example conv4_2")
    style = kinds.add_parser("style", help="from Gram matrices", description=STYLE)
    style.add_argument(
        "--layers",
        required=True,
        type=parse_names,
        metavar="LAYER,...",
        help="for example conv1_1,conv2_1",
    )
    for each in (content, style):
        help = options_of(ReconstructSettings)["picture"].help
        each.add_argument("picture", metavar="PICTURE", help=help)
        settings_options.add_output(each)
        settings_options.add_settings(each, ReconstructSettings)
        add_run_options(each)
        each.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Reconstruct the picture, write it, and print how close it came."""
    kind = RECONSTRUCT_CONTENT if arguments.kind == "content" else RECONSTRUCT_STYLE
    given = settings_options.settings_given(arguments, ReconstructSettings)
    check_output(arguments.output, inputs=[arguments.picture, given.get("weights", "")])
    budget = resources(given, ReconstructSettings)
    defaults = recorded_defaults(ReconstructSettings)
    settings = {**defaults, **{n: value for n, value in given.items() if n not in budget}}
    layers = "layer" if arguments.kind == "content" else "layers"
    settings[layers] = getattr(arguments, layers)
    run_folder = open_run_folder(arguments, record_job(kind.name, settings))
    iterations = kind.iterations(settings)
    run_job(run_folder, kind.run, {**settings, **budget}, arguments.output, iterations)
    return 0
