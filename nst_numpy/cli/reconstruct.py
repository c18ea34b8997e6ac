"""``nst-numpy reconstruct``: what layers still know of a picture, from white noise."""

from nst_numpy.cli import options
from nst_numpy.cli.run_job import paint
from nst_numpy.cli.run_options import add_run_options, open_run_folder
from nst_numpy.images import check_output
from nst_numpy.paper import reconstruct
from nst_numpy.runs.record import record_job
from nst_numpy.transfer.checks import defaults_of

DESCRIPTION = """
Start from white noise and find an image that looks the same to some layers of the network as
PICTURE does [Gatys et al. 2015, Fig. 1].
"""
CONTENT = """
Find an image with the features of PICTURE in one layer. Low layers keep the pixels; higher ones
keep what stands where, and lose the pixels.
"""
STYLE = """
Find an image with the correlations between features (Gram matrices) of PICTURE in some layers: a
texture. conv1_1 alone gives color and grain; with each higher layer the forms grow.
"""
DEFAULTS = defaults_of(reconstruct)


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "reconstruct", help="what layers know of a picture", description=DESCRIPTION
    )
    kinds = parser.add_subparsers(dest="kind", required=True, metavar="content|style")
    content = kinds.add_parser("content", help="from one layer's features", description=CONTENT)
    content.add_argument("--layer", required=True, metavar="LAYER", help="for example conv4_2")
    style = kinds.add_parser("style", help="from Gram matrices", description=STYLE)
    style.add_argument(
        "--layers",
        required=True,
        type=options.names,
        metavar="LAYER,...",
        help="for example conv1_1,conv2_1",
    )
    for parser in (content, style):
        parser.add_argument("picture", metavar="PICTURE", help="picture to reconstruct")
        options.add_output(parser)
        options.add_size(parser, DEFAULTS["size"])
        options.add_iterations(parser, DEFAULTS["iterations"])
        options.add_seed(parser)
        options.add_optimizer(parser)
        options.add_threads(parser)
        options.add_memory(parser)
        options.add_network_options(parser)
        add_run_options(parser)
    content.set_defaults(run=run, job_kind="reconstruct_content")
    style.set_defaults(run=run, job_kind="reconstruct_style")


def run(arguments):
    """Reconstruct the picture and tell where the result is and how near it came."""
    settings = {name: value for name, value in vars(arguments).items() if name in DEFAULTS}
    check_output(arguments.output, inputs=[arguments.picture, arguments.weights])
    layers = "layer" if arguments.kind == "content" else "layers"
    settings[layers] = getattr(arguments, layers)
    record = record_job(arguments.job_kind, settings)
    paint(open_run_folder(arguments, record), settings, arguments.output)
    return 0
