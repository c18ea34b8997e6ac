"""What the commands share: the options, their types, and the defaults of `stylize`."""

import argparse
import math

from nst_numpy.networks import NAMED_NETWORKS
from nst_numpy.networks.formats import supported_libraries
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.transfer.checks import defaults_of
from nst_numpy.transfer.stylize import stylize

DEFAULTS = defaults_of(stylize)


def whole(text, smallest=1):
    """A whole number from 1 on."""
    try:
        value = int(text)
    except ValueError:
        value = smallest - 1
    if value < smallest:
        raise argparse.ArgumentTypeError(
            f"expected a whole number from {smallest} on, got {text!r}"
        )
    return value


def number(text):
    """A number from 0 on."""
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (math.isfinite(value) and value >= 0):
        raise argparse.ArgumentTypeError(f"expected a number from 0 on, got {text!r}")
    return value


def above_zero(text):
    """A number above 0."""
    value = number(text)
    if not value:
        raise argparse.ArgumentTypeError(f"expected a number above 0, got {text!r}")
    return value


def seed(text):
    """A whole number from 0 on."""
    return whole(text, 0)


def names(text):
    """Names separated by commas."""
    return tuple(name.strip() for name in text.split(",") if name.strip())


def name_or_names(text):
    """One name as a string, several as `names`."""
    several = names(text)
    return several[0] if len(several) == 1 else several


def numbers(text):
    """Numbers from 0 on, separated by commas."""
    return tuple(number(part) for part in text.split(","))


def scales(text):
    """A number of scales, or SIZE:ITERATIONS,... of those before the last."""
    if ":" not in text:
        return whole(text)
    return tuple(tuple(whole(part) for part in pair.split(":")) for pair in text.split(","))


class Given(argparse.Action):
    """Store a value, and its name in ``given``: a convention must not replace it."""

    def __call__(self, parser, namespace, value, option=None):
        setattr(namespace, self.dest, value)
        namespace.given = {*getattr(namespace, "given", ()), self.dest}


def given(arguments):
    """The arguments of `stylize` that a person gave, even those with the default's value."""
    names = getattr(arguments, "given", ())
    return {
        name: value
        for name, value in vars(arguments).items()
        if name in DEFAULTS and (name in names or value != DEFAULTS[name])
    }


def add_output(parser):
    """Add -o, the picture to write."""
    parser.add_argument(
        "-o",
        "--output",
        required=True,
        metavar="OUT",
        help="picture to write: .png, .jpg, .webp, .tif",
    )


def add_size(parser, default=DEFAULTS["size"]):
    """Add --size."""
    parser.add_argument(
        "--size",
        type=whole,
        default=default,
        metavar="PIXELS",
        help="longer side of the result (default: %(default)s)",
    )


def add_iterations(parser, default=DEFAULTS["iterations"]):
    """Add --iterations."""
    parser.add_argument(
        "--iterations",
        action=Given,
        type=whole,
        default=default,
        metavar="N",
        help="of the optimizer; about 100 give the picture, more refine it (default: %(default)s)",
    )


def add_seed(parser):
    """Add --seed."""
    parser.add_argument(
        "--seed",
        type=seed,
        default=DEFAULTS["seed"],
        metavar="N",
        help="of the noise (default: %(default)s)",
    )


def add_optimizer(parser):
    """Add --optimizer."""
    parser.add_argument(
        "--optimizer",
        choices=OPTIMIZERS,
        default=DEFAULTS["optimizer"],
        help="the package's own L-BFGS in float32, or SciPy's L-BFGS-B in float64 (lbfgsb), which "
        "takes more time and memory; the others are for study (default: %(default)s)",
    )


def add_threads(parser):
    """Add --threads."""
    parser.add_argument(
        "--threads",
        type=whole,
        metavar="N",
        help="threads to use (default: NST_NUM_THREADS or all cores)",
    )


def add_memory(parser):
    """Add --memory."""
    parser.add_argument(
        "--memory",
        type=number,
        default=DEFAULTS["memory"],
        metavar="MB",
        help="budget, but no more than is free; a picture that needs more is worked on strip by "
        "strip, where that can be, which takes more time (default: 0.7 of what is free)",
    )


def add_weights(parser):
    """Add --weights."""
    parser.add_argument(
        "--weights",
        default=DEFAULTS["weights"],
        metavar="NAME|FILE",
        help=f"the network: {', '.join(NAMED_NETWORKS)}, or a weights file of "
        f"{supported_libraries()} (default: NST_WEIGHTS or tiny)",
    )


def add_network_options(parser):
    """Add the options that any command with a network has."""
    add_weights(parser)
    parser.add_argument(
        "--original-weights",
        dest="normalized",
        action="store_false",
        help="take the weights as they are; by default they are scaled as in the paper, so that "
        "each filter's mean activation is one",
    )
    parser.add_argument(
        "--pooling",
        action=Given,
        choices=("average", "max"),
        default=DEFAULTS["pooling"],
        help="the paper's average pooling or the released VGG's max pooling (default: %(default)s)",
    )
