"""Text for the terminal: any text becomes one printable line, with options as they are typed."""

import argparse
import re
import sys
from collections.abc import Mapping

from tqdm import tqdm

MAX_LINE = 3000  # letters of a line that are shown in full
MAX_WORD = 300  # letters of a word that are shown in full; file names are shorter


def typed_names(parser: argparse.ArgumentParser, arguments: argparse.Namespace) -> dict[str, str]:
    """How each Python argument of the selected command is typed: ``{"size": "--size", ...}``.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    arguments : argparse.Namespace
        What the parser has made of the command line.
    """
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return typed_names(action.choices[getattr(arguments, action.dest)], arguments)
    return {a.dest: [str(a.metavar), *a.option_strings][-1] for a in parser._actions}


def one_line(text: object, typed: Mapping[str, str] | None = None) -> str:
    """A text as one line that is safe to print. All output of the command line passes through here.

    Arguments in backticks are replaced by their options, white space by single spaces, control
    characters by escapes, and the middle of very long words and lines by an ellipsis.

    Parameters
    ----------
    text : object
        A string or an exception.
    typed : dict of str to str, optional
        As returned by `typed_names`.
    """
    names = typed or {}
    line = " ".join(str(text).split())
    line = re.sub(r"`(\w+)`", lambda name: names.get(name[1], name[0]), line)
    line = re.sub(rf"\S{{{MAX_WORD},}}", lambda word: f"{word[0][:40]}...{word[0][-20:]}", line)
    return printable(line)


def printable(line: str) -> str:
    """A line in which control characters are escapes, and the middle of a long line an ellipsis."""
    if len(line) > MAX_LINE:
        line = f"{line[: MAX_LINE // 2]} ... {line[-MAX_LINE // 2 :]}"
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def print_message(text: object, typed: Mapping[str, str] | None = None) -> None:
    """Print a message, a warning or an error on the standard error, above a progress bar."""
    tqdm.write(f"nst-numpy: {one_line(text, typed)}", file=sys.stderr)


def print_result(text: object) -> None:
    """Print a result of a command on the standard output."""
    print(one_line(text))


def print_aligned(line: str) -> None:
    """Print a line of a table on the standard output, with its spaces."""
    print(printable(line))
