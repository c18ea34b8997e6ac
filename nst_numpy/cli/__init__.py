"""The command line ``nst-numpy``, with one module for each command."""

import argparse
import contextlib
import io
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from typing import Any, NoReturn, TextIO

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
  nst-numpy demo                                    a first picture; needs no files of yours
  nst-numpy transfer photo.jpg painting.jpg -o out.png
  nst-numpy transfer photo.jpg painting.jpg -o out.png --size 768 --ratio 1e-4 --init noise
  nst-numpy weights fetch vgg19                     download the network of the paper
  nst-numpy gradcheck                               check every derivative numerically

'nst-numpy COMMAND --help' lists the options of a command.
"""

BROKEN_PIPE = 141  # 128 + SIGPIPE, the exit code in shells if the reader of a pipe has ended


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, without abbreviated options."""

    def __init__(self, **settings: Any) -> None:
        """Disallow abbreviations: their meaning would change with each new option."""
        super().__init__(allow_abbrev=False, **settings)

    def parse_args(  # type: ignore[override]
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> argparse.Namespace:
        """Reject ``--option=--``, which argparse accepts as an option without a value."""
        for word in sys.argv[1:] if args is None else args:
            if word.startswith("--") and word.endswith("=--"):
                self.error(f"argument {word[:-3]}: expected a value, got '--'")
        return super().parse_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """Print one sentence and exit with code 2."""
        self.exit(2, f"{self.prog}: {one_line(message)} (see {self.prog} --help)\n")


def parser() -> argparse.ArgumentParser:
    """Return the parser of the complete command line."""
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
        help="report each step of a job; -vv: also each evaluation of the loss. "
        "Place it before the command",
    )
    commands = top.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        command.add_to(commands)
    return top


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        Arguments of the command line; `sys.argv` without its first entry if omitted.

    Returns
    -------
    int
        Exit code: 0 for success, 2 for an input error, 128 plus its number for a signal.
    """
    _prepare_streams()
    words = sys.argv[1:] if argv is None else argv
    names: dict[str, str] = {}  # Python's name of each argument and its name on the command line
    code = 2
    try:
        with interruptible():
            top = parser()
            arguments = top.parse_args(words)
            names = typed_names(top, arguments)
            arguments.typed, arguments.words = names, words
            with _print_notices(names), show_log(arguments.verbose), report_out_of_memory():
                code = arguments.run(arguments)
    except InputError as error:
        print_message(error, names)
    except Interrupted as stop:
        with contextlib.suppress(OSError):  # the terminal may be closed
            print(file=sys.stderr)
            print_message(stop.message, names)
        code = 128 + stop.number
    except BrokenPipeError:
        code = BROKEN_PIPE
    finally:
        flushed = _flush_output()
    return code if flushed else 2


def _prepare_streams() -> None:
    """Replace closed output streams, and escape characters that a terminal cannot show."""
    sys.stdout = _usable(sys.stdout)
    sys.stderr = _usable(sys.stderr)


def _usable(stream: TextIO | None) -> TextIO:
    stream = stream or io.StringIO()  # a closed stream is None
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="backslashreplace")
    return stream


@contextlib.contextmanager
def _print_notices(names: dict[str, str]) -> Iterator[None]:
    """Print each `Notice` as one sentence, without the source line of other warnings."""
    with warnings.catch_warnings():
        show_other = warnings.showwarning

        def show(
            message: Warning | str, category: type[Warning], *position: Any, **more: Any
        ) -> None:
            if issubclass(category, Notice):
                print_message(message, names)
            else:
                show_other(message, category, *position, **more)

        warnings.simplefilter("always", Notice)
        warnings.showwarning = show
        yield


def _flush_output() -> bool:
    """Flush the standard output; return False if it cannot be written.

    A reader that has ended, such as ``head``, is not an error.
    """
    try:
        sys.stdout.flush()
    except OSError as error:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        if not isinstance(error, BrokenPipeError):
            print_message(f"The standard output cannot be written: {error.strerror}.")
            return False
    return True
