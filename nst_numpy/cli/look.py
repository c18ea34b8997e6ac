"""Something to look at: ``--report`` and ``--frames``."""

import os
import shlex

from nst_numpy.cli import grids, options
from nst_numpy.cli.options import DEFAULTS
from nst_numpy.errors import InputError
from nst_numpy.paper import settings_like
from nst_numpy.paper.like import FREE
from nst_numpy.pictures import check_output
from nst_numpy.run.film import ANIMATED, Film, write_frames
from nst_numpy.run.report import ENDINGS, write_report
from nst_numpy.run.results import written


def add_look_options(parser):
    """Add --report and --frames."""
    group = parser.add_argument_group("something to look at")
    group.add_argument(
        "--report",
        metavar="FILE.html",
        help="one page with the pictures, how the result formed, the losses, the derivative of "
        "each term, all settings and the command; opens in any browser, without a network",
    )
    group.add_argument(
        "--frames",
        metavar="FILE.webp",
        help="an animated picture of how the result formed: .webp, .gif or .apng",
    )


def check_look(arguments, inputs):
    """Find out before the work starts whether both can be written.

    Parameters
    ----------
    arguments : argparse.Namespace
    inputs : sequence of path
        Files that must not be overwritten.
    """
    for name, formats in (("report", ENDINGS), ("frames", ANIMATED)):
        path = getattr(arguments, name)
        if path is None:
            continue
        check_output(path, inputs, formats)
        if os.path.abspath(path) == os.path.abspath(arguments.output):
            raise InputError(f"{path} is the output already: choose another file for --{name}.")


def watched(arguments, progress):
    """What a job is to be given so that it can be looked at, and the film, None if not asked for.

    Parameters
    ----------
    arguments : argparse.Namespace
    progress : callable
        The callback that it has anyway.

    Returns
    -------
    settings : dict
        ``callback`` and ``gradients`` of `nst_numpy.stylize`.
    film : Film or None
    """
    if not (arguments.report or arguments.frames):
        return {"callback": progress}, None
    film = Film()

    def both(*state):
        film(*state)
        progress(*state)

    return {"callback": both, "gradients": bool(arguments.report)}, film


def write_look(arguments, result, film):
    """Write what was asked for."""
    if arguments.report:
        job, command = settings_of(arguments), command_of(arguments)
        write_report(arguments.report, result, film, job, command)
    if arguments.frames:
        write_frames(arguments.frames, result, film)


def settings_of(arguments):
    """All settings in force, as the report tells them."""
    if arguments.convention is None:
        return {name: value for name, value in vars(arguments).items() if name in DEFAULTS}
    settings = settings_like(arguments.convention, options.given(arguments))
    told = {name: value for name, value in settings.items() if name in FREE}
    return {"convention": arguments.convention, **told}


def command_of(arguments):
    """The command that does the same again, as a shell reads it."""
    given, pictures = options.given(arguments), [arguments.content, *arguments.style]
    words = []
    for name in ("output", "convention", "report", "frames"):
        words += option(f"--{name}", getattr(arguments, name))
    for action in grids.job_options():
        if action.dest in given:
            flag = action.option_strings[-1]
            words += [flag] if action.nargs == 0 else option(flag, given[action.dest])
    if any(picture.startswith("-") for picture in pictures):
        return shlex.join(["nst-numpy", "transfer", *words, "--", *pictures])
    return shlex.join(["nst-numpy", "transfer", *pictures, *words])


def option(flag, value):
    """An option as it is typed, if it has a value."""
    text = written(value)
    return [f"{flag}={text}"] if text.startswith("-") else [flag, text] if text else []
