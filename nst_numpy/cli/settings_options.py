"""Command-line options, made from the definitions of a job's settings."""

import argparse
from collections.abc import Collection, Mapping
from dataclasses import MISSING
from typing import Any

from nst_numpy.images.write import FORMATS
from nst_numpy.transfer.option_definition import Option, defaults_of, options_of

OUTPUT_HELP = f"picture to write: {', '.join(FORMATS)}"


def add_output(parser: argparse.ArgumentParser) -> None:
    """Add -o, the picture to write."""
    parser.add_argument("-o", "--output", required=True, metavar="OUT", help=OUTPUT_HELP)


def add_settings(
    parser: argparse.ArgumentParser,
    settings: type,
    names: Collection[str] | None = None,
    defaults: Mapping[str, Any] | None = None,
    lists: bool = False,
) -> None:
    """Add the options of a settings class to a parser.

    An option that is not given is missing from the parsed arguments, so that `settings_given`
    returns what the user typed.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    settings : dataclass
        Its fields are made by `nst_numpy.transfer.option_definition.option`.
    names : collection of str, optional
        The options to add; all optional ones if not given.
    defaults : mapping, optional
        Defaults that this command shows in place of the settings' own.
    lists : bool
        Whether each option takes several values, as in a sweep.
    """
    own, groups = {**defaults_of(settings), **(defaults or {})}, {}
    for name, defined in options_of(settings).items():
        required = own.get(name, MISSING) is MISSING
        if not defined.command_line or required or (names is not None and name not in names):
            continue
        target: Any = parser
        if defined.group:
            if defined.group not in groups:
                groups[defined.group] = parser.add_argument_group(defined.group)
            target = groups[defined.group]
        _add_option(target, name, defined, own[name], lists)


def add_pictures(
    parser: argparse.ArgumentParser, settings: type, style_count: str | None = "+"
) -> None:
    """Add CONTENT and STYLE; ``style_count`` is how many styles, as argparse's ``nargs``."""
    defined = options_of(settings)
    help = "picture that gives the content"
    parser.add_argument("content", metavar=defined["content"].values.metavar, help=help)
    help = defined["style"].help
    metavar = defined["style"].values.metavar
    parser.add_argument("style", metavar=metavar, help=help, nargs=style_count)


def settings_given(arguments: argparse.Namespace, settings: type) -> dict[str, Any]:
    """The options of a settings class that the user typed, by name."""
    return {n: getattr(arguments, n) for n in options_of(settings) if hasattr(arguments, n)}


def option_string(name: str, defined: Option) -> str:
    """How an option is typed: ``--style-layers``."""
    return defined.flag or "--" + name.replace("_", "-")


def help_text(defined: Option, default: Any) -> str:
    """One line of help with the default."""
    text = f"do not {defined.help}" if defined.flag else defined.help
    shown = "" if default is None or defined.flag else f" (default: {default_text(default)})"
    return f"{text}{shown}".replace("%", "%%")


def default_text(value: Any) -> str:
    """A default value as it is typed."""
    if isinstance(value, list | tuple):
        return ",".join(map(default_text, value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _add_option(target: Any, name: str, defined: Option, default: Any, lists: bool) -> None:
    """Add one option to a parser or a group."""
    string, values = option_string(name, defined), defined.values
    how: dict[str, Any] = {"dest": name, "default": argparse.SUPPRESS}
    how["help"] = help_text(defined, default)
    if defined.flag and not lists:
        target.add_argument(string, action="store_const", const=False, **how)
        return
    if defined.flag:
        how |= {"type": _parse_negated_flag, "metavar": "yes|no"}
    elif values.choices:
        how["choices"] = values.choices
    else:
        how |= {"type": values.parse, "metavar": values.metavar}
    if lists or values.several:
        how["nargs"] = "+"
    target.add_argument(string, **how)


def _parse_negated_flag(text: str) -> bool:
    """Read yes as False and no as True: the option switches something off."""
    if text not in ("yes", "no"):
        raise argparse.ArgumentTypeError(f"expected yes or no, got {text!r}")
    return text == "no"
