"""Define each option once: valid values, default and help; and what is made from the definition.

A settings dataclass such as `nst_numpy.transfer.settings.StylizeSettings` defines each option once,
as a field made by `option`. The command line, the keywords of `stylize`, the check, the record, the
sweep and the reference table all read these fields.
"""

import functools
import inspect
from collections.abc import Callable
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, ParamSpec, TypeVar

import numpy as np

from nst_numpy.transfer.option_values import Values
from nst_numpy.utils.errors import InputError, short_repr, unknown_name

P = ParamSpec("P")
S = TypeVar("S")
R = TypeVar("R")


@dataclass(frozen=True)
class Option:
    """One option of a job.

    Attributes
    ----------
    values : Values
        Which values are valid, and how the command line reads them.
    help : str
        One sentence without a full stop, with the unit, for the command line and the reference.
    group : str
        Heading under which the command line lists the option.
    decides_result : bool
        Whether the picture depends on it. Only such options are stored in the record.
    with_convention : bool
        Whether it can be combined with the convention of another implementation.
    flag : str
        Command-line switch that sets the option to False, in place of ``--name VALUE``.
    command_line : bool
        Whether the command line has the option.
    has_effect : callable, optional
        ``has_effect(settings)`` is False if the option changes nothing with these settings.
    no_effect : str
        Why it then changes nothing.
    """

    values: Values
    help: str
    group: str = ""
    decides_result: bool = True
    with_convention: bool = False
    flag: str = ""
    command_line: bool = True
    has_effect: Callable[[Any], bool] | None = None
    no_effect: str = ""


def option(default: Any, values: Values, help: str, **attributes: Any) -> Any:
    """Define an option as a dataclass field.

    Parameters
    ----------
    default : object
        Default value; `dataclasses.MISSING` for a required argument.
    values : Values
    help : str
    **attributes
        The other attributes of `Option`.
    """
    return field(default=default, metadata={"option": Option(values, help, **attributes)})


def copied(settings: type, name: str, **changes: Any) -> Any:
    """Reuse the definition of an option of another settings class, with another default or help."""
    original = next(f for f in fields(settings) if f.name == name)
    default = changes.pop("default", original.default)
    values = {**vars(original.metadata["option"]), **changes}
    return option(default, values.pop("values"), values.pop("help"), **values)


def options_of(settings: Any) -> dict[str, Option]:
    """All options of a settings class or object, by name, in the order of their definition."""
    return {f.name: f.metadata["option"] for f in fields(settings) if "option" in f.metadata}


def defaults_of(settings: Any) -> dict[str, Any]:
    """Default values by name, without the required arguments."""
    return {f.name: f.default for f in fields(settings) if f.default is not MISSING}


def check_options(settings: Any) -> None:
    """Check the type and the range of every option.

    Parameters
    ----------
    settings : dataclass object
        Its fields are made by `option`.

    Raises
    ------
    InputError
        If a value is not valid. The message names the option and the expected value.
    """
    for name, defined in options_of(settings).items():
        value = getattr(settings, name)
        if not defined.values.accepts(value):
            expected = defined.values.expected
            raise InputError(f"`{name}` must be {expected}, got {short_repr(value)}.")
        known = defined.values.choices
        if known and value is not None and value not in known:
            raise unknown_name(f"`{name}`", value, known)


def without_effect(settings: Any) -> list[str]:
    """Sentences about the options that differ from their defaults and change nothing."""
    defaults = defaults_of(settings)
    return [
        f"`{name}` has no effect: {defined.no_effect}."
        for name, defined in options_of(settings).items()
        if defined.has_effect is not None
        and getattr(settings, name) is not defaults[name]
        and getattr(settings, name) != defaults[name]
        and not defined.has_effect(settings)
    ]


def recorded_defaults(settings: Any) -> dict[str, Any]:
    """Default values of the options that decide the result, by name."""
    defined = options_of(settings)
    defaults = defaults_of(settings)
    return {n: plain(value) for n, value in defaults.items() if defined[n].decides_result}


def resources(given: dict[str, Any], settings: Any) -> dict[str, Any]:
    """The given options that do not decide the result, such as the memory budget."""
    defined = options_of(settings)
    return {n: v for n, v in given.items() if n in defined and not defined[n].decides_result}


def plain(value: Any) -> Any:
    """A value as a record stores it: the name of a dtype, any other value as it is."""
    is_dtype = isinstance(value, np.dtype) or (
        isinstance(value, type) and issubclass(value, np.generic)
    )
    return np.dtype(value).name if is_dtype else value


def recorded_names(settings: Any) -> list[str]:
    """Names of the options that decide the result."""
    return [name for name, defined in options_of(settings).items() if defined.decides_result]


def recorded(settings: Any) -> dict[str, Any]:
    """The options that decide the result, by name: what a record stores."""
    return {
        name: plain(getattr(settings, name))
        for name, defined in options_of(settings).items()
        if defined.decides_result
    }


def keywords_of(settings: Callable[P, S]) -> Callable[[Callable[[S], R]], Callable[P, R]]:
    """Give a function of a settings object the settings' fields as its own arguments.

    The decorated function has the typed signature of the settings class, and its docstring gets a
    section on the parameters that is made from the options' definitions.

    Parameters
    ----------
    settings : dataclass
    """

    def decorate(function: Callable[[S], R]) -> Callable[P, R]:
        @functools.wraps(function)
        def with_keywords(*args: P.args, **kwargs: P.kwargs) -> R:
            for name in kwargs:
                if name not in known:
                    message = unknown_name(f"argument of {function.__name__}", name, known)
                    raise TypeError(str(message))
            return function(settings(*args, **kwargs))

        signature = inspect.signature(settings)
        known = tuple(signature.parameters)
        result = inspect.signature(function).return_annotation
        with_keywords.__signature__ = signature.replace(return_annotation=result)  # type: ignore[attr-defined]
        annotations = {n: t for n, t in inspect.get_annotations(settings).items() if n in known}
        with_keywords.__annotations__ = {**annotations, "return": result}
        # Without indentation, as Python 3.13 stores docstrings.
        text = inspect.cleandoc(function.__doc__ or "")
        with_keywords.__doc__ = text.replace("{parameters}", parameters_section(settings))
        return with_keywords

    return decorate


def parameters_section(settings: Any) -> str:
    """The numpydoc section on the parameters, made from the options' definitions."""
    lines = ["Parameters", "----------"]
    for f in fields(settings):
        if "option" not in f.metadata:
            continue
        lines.append(f"{f.name} : {f.metadata['option'].values.expected}{default_text(f)}")
        lines.append(f"    {description(f.metadata['option'])}")
    return "\n".join(lines)


def default_text(f: "Field[Any]") -> str:
    """How a reference names a default: ``, default 512``, ``, optional`` or nothing."""
    if f.default is MISSING:
        return ""
    if f.default is None:
        return ", optional"
    name = getattr(f.default, "__name__", None)
    return f", default {name or repr(f.default)}"


def description(defined: Option) -> str:
    """An option's help as a sentence."""
    return f"{defined.help[:1].upper()}{defined.help[1:]}."
