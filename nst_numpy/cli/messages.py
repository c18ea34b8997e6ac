"""What the command line says: one sentence that a terminal can show, with options as typed."""

import argparse
import re
import sys

from tqdm import tqdm

LONGEST = 300  # letters of a word that are shown; a file's name has fewer


def typed_names(parser, arguments):
    """{argument of Python: how it is typed} of the command that was called.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    arguments : argparse.Namespace
        What it made of the words.
    """
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            return typed_names(action.choices[getattr(arguments, action.dest)], arguments)
    return {a.dest: [a.metavar, *a.option_strings][-1] for a in parser._actions}


def one_line(text, typed=()):
    """A message as one line: arguments in backticks as typed, no control codes, no endless words.

    Parameters
    ----------
    text : object
        An exception or a string.
    typed : dict of str to str
        As of `typed_names`.
    """
    line = " ".join(str(text).split())
    line = re.sub(r"`(\w+)`", lambda name: dict(typed).get(name[1], name[0]), line)
    line = re.sub(rf"\S{{{LONGEST},}}", lambda word: f"{word[0][:40]}...{word[0][-20:]}", line)
    return "".join(c if c.isprintable() else ascii(c)[1:-1] for c in line)


def print_message(text, typed=()):
    """Say a sentence on standard error."""
    tqdm.write(f"nst-numpy: {one_line(text, typed)}", file=sys.stderr)  # above a bar, if any
