"""The command line: one file a command, no mathematics."""

import argparse
import contextlib
import os
import sys
import warnings

import nst_numpy
from nst_numpy.cli import (
    classroom,
    conventions,
    demo,
    figure,
    gradcheck,
    learn,
    plan,
    reconstruct,
    sweep,
    transfer,
    weights,
)
from nst_numpy.errors import InputError, Notice

COMMANDS = (
    *(transfer, sweep, figure, reconstruct, conventions, demo, plan, weights, gradcheck),
    *(learn, classroom),
)
EPILOG = """\
examples:
  nst-numpy demo                                    a picture without any file of yours
  nst-numpy transfer photo.jpg painting.jpg -o out.png
  nst-numpy transfer photo.jpg painting.jpg -o out.png --size 768 --ratio 1e-4 --init noise
  nst-numpy weights fetch vgg19                     the network that the paper uses
  nst-numpy gradcheck                               every derivative against differences

'nst-numpy COMMAND --help' explains a command's options.
"""


class _Parser(argparse.ArgumentParser):
    def error(self, message):
        """One sentence and exit code 2."""
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


@contextlib.contextmanager
def _telling():
    """Print a `Notice` as one sentence, without the line of code it comes from."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def tell(message, category, *where, **more):
            if issubclass(category, Notice):
                print(f"nst-numpy: {message}", file=sys.stderr)
            else:
                others(message, category, *where, **more)

        warnings.simplefilter("always", Notice)
        warnings.showwarning = tell
        yield


def parser():
    """Return the parser of the whole command line."""
    top = _Parser(
        prog="nst-numpy",
        description="Neural style transfer [Gatys, Ecker, Bethge 2015] by hand in NumPy.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    top.add_argument("--version", action="version", version=f"nst_numpy {nst_numpy.__version__}")
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(argv=None):
    """Run a command and return the exit code: 0 done, 2 a mistake in the input."""
    try:
        arguments = parser().parse_args(argv)
        arguments.words = sys.argv[1:] if argv is None else argv
        with _telling():
            return arguments.run(arguments)
    except InputError as error:
        print(f"nst-numpy: {' '.join(str(error).split())}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nnst-numpy: interrupted.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
