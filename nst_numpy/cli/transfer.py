"""``nst-numpy transfer``: the content of one picture in the style of another."""

import numpy as np

from nst_numpy.cli import options
from nst_numpy.cli.control_options import add_control_options
from nst_numpy.cli.job_checks import idle
from nst_numpy.cli.messages import one_line
from nst_numpy.cli.options import DEFAULTS
from nst_numpy.cli.report_options import add_report_options, check_report_paths
from nst_numpy.cli.run_job import paint
from nst_numpy.cli.run_options import add_run_options, open_run_folder
from nst_numpy.images import check_output
from nst_numpy.networks import load_network
from nst_numpy.paper import CONVENTIONS, settings_like
from nst_numpy.runs.record import record_job
from nst_numpy.transfer.inputs import STARTS

DESCRIPTION = """
Minimize alpha L_content + beta L_style over the pixels [Gatys et al. 2015, eq. 7]: the features
of one layer are to stay those of CONTENT, the correlations between features (Gram matrices)
of several layers are to become those of STYLE.
"""


def add_to(commands):
    """Add this command's options to the command line."""
    parser = commands.add_parser(
        "transfer", help="paint one picture in the style of another", description=DESCRIPTION
    )
    parser.add_argument("content", metavar="CONTENT", help="picture that gives the content")
    parser.add_argument(
        "style", nargs="+", metavar="STYLE", help="picture that gives the style, or several"
    )
    options.add_output(parser)
    add_convention(parser)
    add_report_options(parser)
    add_run_options(parser)
    add_job_options(parser)
    parser.set_defaults(run=run)


def add_convention(parser):
    """Add --convention."""
    parser.add_argument(
        "--convention",
        metavar="NAME",
        help=f"minimize what another implementation does: {', '.join(CONVENTIONS)}; layers, "
        "pooling, start, iterations and --tv given beside it win ('nst-numpy conventions' tells "
        "what each is)",
    )


def add_job_options(parser):
    """Add the options of one job: the keyword arguments of `stylize`."""
    options.add_size(parser)
    options.add_iterations(parser)
    _add_terms(parser)
    _add_layers(parser)
    parser.add_argument(
        "--init",
        action=options.Given,
        default=DEFAULTS["init"],
        metavar="|".join((*STARTS, "FILE")),
        help="where to start; noise is the paper's start and needs more iterations "
        "(default: %(default)s)",
    )
    options.add_seed(parser)
    options.add_optimizer(parser)
    options.add_threads(parser)
    options.add_memory(parser)
    options.add_network_options(parser)
    add_control_options(parser)


def _add_terms(parser):
    """Add --ratio and --tv, the weights of the terms."""
    parser.add_argument(
        "--ratio",
        action=options.Given,
        type=options.number,
        default=DEFAULTS["ratio"],
        metavar="R",
        help="alpha / beta, the weight of content (per element of its features) against style: ten "
        "times more keeps the photograph clearer, ten times less gives more of the painting, 0 is "
        "texture alone (default: %(default)s)",
    )
    parser.add_argument(
        "--tv",
        action=options.Given,
        type=options.number,
        default=DEFAULTS["tv"],
        metavar="WEIGHT",
        help="weight of the total variation: smooths grain, too much of it softens strokes; "
        "0 is the paper (default: %(default)s)",
    )


def _add_layers(parser):
    """Add --content-layer, --style-layers and --style-weights."""
    parser.add_argument(
        "--content-layer",
        action=options.Given,
        type=options.name_or_names,
        default=DEFAULTS["content_layer"],
        metavar="LAYER,...",
        help="layer of the content loss, read after its ReLU, or several; lower layers keep more "
        "of the pixels (default: %(default)s)",
    )
    parser.add_argument(
        "--style-layers",
        action=options.Given,
        type=options.names,
        default=DEFAULTS["style_layers"],
        metavar="LAYER,...",
        help="layers of the style loss; lower ones carry color and fine strokes, higher ones "
        f"larger forms (default: {','.join(DEFAULTS['style_layers'])})",
    )
    parser.add_argument(
        "--style-weights",
        action=options.Given,
        type=options.numbers,
        metavar="W,...",
        help="weight w_l of each style layer (default: 1 / number of layers)",
    )


def run(arguments):
    """Do the job and tell where the picture is and why the job stopped."""
    read = (arguments.content, *arguments.style, arguments.init, arguments.weights)
    masks = (each for each in (arguments.content_mask, *(arguments.style_mask or ())) if each)
    read = [*read, *masks]
    check_output(arguments.output, inputs=read)
    check_report_paths(arguments.output, arguments.report, arguments.frames, inputs=read)
    kind, settings = "stylize", {n: value for n, value in vars(arguments).items() if n in DEFAULTS}
    settings["dtype"] = np.dtype(DEFAULTS["dtype"]).name
    notes = idle(settings)
    if arguments.convention:
        given = options.given(arguments)
        notes = outweighing(arguments.convention, given, arguments.weights)
        kind = "stylize_like"
        settings = {"name": arguments.convention, **given, "weights": arguments.weights}
    keeper = open_run_folder(arguments, record_job(kind, settings))
    told = [one_line(note, arguments.typed) for note in notes]
    paint(keeper, settings, arguments.output, notes=told)
    return 0


def outweighing(name, given, weights):
    """What is to be told of a convention's total variation: a list of one sentence, or none.

    Parameters
    ----------
    name : str
        Of the convention.
    given : dict
        The settings that are not the convention's.
    weights : str or path

    Raises
    ------
    InputError
        If one of them cannot be combined with the convention.
    """
    normalized = settings_like(name, given)["normalized"]
    if "tv" in given or normalized or not CONVENTIONS[name].tv.name:
        return []
    network = load_network(weights)
    told = (
        f"The total variation of the convention {name} was chosen for VGG-19's original weights. "
        f"The activations of the network {network.name}, which is normalized, are much smaller "
        "and it may outweigh them: `tv` 0 leaves it out."
    )
    return [told] if network.normalized else []
