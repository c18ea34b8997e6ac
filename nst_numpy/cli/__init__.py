"""The command line: one file a command, no mathematics."""

import argparse
import contextlib
import io
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
    rerun,
    resume,
    sweep,
    transfer,
    weights,
)
from nst_numpy.cli.log_output import show_log
from nst_numpy.cli.messages import one_line, print_message, typed_names
from nst_numpy.cli.signals import Interrupted, interruptible
from nst_numpy.utils.available_memory import report_out_of_memory
from nst_numpy.utils.errors import InputError, Notice

COMMANDS = (
    *(transfer, resume, rerun, sweep, figure, reconstruct, conventions, demo, plan, weights),
    *(gradcheck, learn, classroom),
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


BROKEN_PIPE = 141  # 128 + SIGPIPE, as a shell tells of any program whose reader has gone


class _Parser(argparse.ArgumentParser):
    def __init__(self, **settings):
        """No abbreviations: what they mean would change with the next option."""
        super().__init__(allow_abbrev=False, **settings)

    def parse_args(self, args=None, namespace=None):
        """Refuse --option=--, which argparse takes for no value at all."""
        for word in sys.argv[1:] if args is None else args:
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word[:-3]}: expected a value, got '--'")
        return super().parse_args(args, namespace)

    def error(self, message):
        """One sentence and exit code 2."""
        self.exit(2, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


@contextlib.contextmanager
def _telling(typed):
    """Print a `Notice` as one sentence, without the line of code it comes from."""
    with warnings.catch_warnings():
        others = warnings.showwarning

        def show(message, category, *where, **more):
            if issubclass(category, Notice):
                print_message(message, typed)
            else:
                others(message, category, *where, **more)

        warnings.simplefilter("always", Notice)
        warnings.showwarning = show
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
    top.add_argument(
        "-v",
        "--verbose",
        action="count",
        default=0,
        help="before the command: tell what a job does; -vv: each evaluation, too",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(argv=None):
    """Run a command and return the exit code.

    0 done, 2 a mistake in the input, 128 and a signal's number when one has ended it.
    """
    sys.stdout, sys.stderr = (each or io.StringIO() for each in (sys.stdout, sys.stderr))  # closed
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):  # names of files are shown by terminals of any kind
            stream.reconfigure(errors="backslashreplace")
    typed, code = {}, 2
    try:
        with interruptible():
            top = parser()
            arguments = top.parse_args(argv)
            typed = typed_names(top, arguments)
            arguments.typed, arguments.words = typed, sys.argv[1:] if argv is None else argv
            with _telling(typed), show_log(arguments.verbose), report_out_of_memory():
                code = arguments.run(arguments)
    except InputError as error:
        print_message(error, typed)
    except Interrupted as stop:
        with contextlib.suppress(OSError):  # of a terminal that was closed
            print(file=sys.stderr)
            print_message(stop.sentence, typed)
        code = 128 + stop.number
    except BrokenPipeError:
        code = BROKEN_PIPE
    finally:
        told = _flush()
    return code if told else 2


def _flush():
    """Whether all that was said has been taken; that a reader has gone, as `head` does, is fine."""
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print_message(f"The standard output cannot be written: {error.strerror}.")
            return False
    return True
