"""What is public says its types, so that a program that uses it can be checked (typed_user.py)."""

import importlib
import inspect
import types
import typing
from importlib.resources import files

import pytest
from helpers import typed_user

PUBLIC = ["nst_numpy"] + [
    f"nst_numpy.{room}"
    for room in (
        *("losses", "layers", "vgg", "objective", "transfer", "optimizers", "networks", "images"),
        *("paper", "runs", "sweeps", "reports", "gradcheck", "kernels", "utils.types"),
    )
]


def public(module):
    """{name: object} of what a module offers: its __all__, or what it defines itself."""
    own = [
        name for name, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__
    ]
    names = getattr(module, "__all__", [name for name in own if not name.startswith("_")])
    return {name: getattr(module, name) for name in names}


def functions(thing):
    """The functions of a public name: itself, or the methods and properties of a class."""
    if inspect.isfunction(thing):
        yield thing
    for name, member in vars(thing).items() if inspect.isclass(thing) else ():
        member = getattr(member, "fget", None) or getattr(member, "func", member)
        if isinstance(member, types.FunctionType) and not name.startswith("_"):
            yield member


@pytest.mark.parametrize("name", PUBLIC)
def test_all_that_is_public_is_annotated(name):
    for thing in public(importlib.import_module(name)).values():
        for function in functions(thing):
            signature = inspect.signature(function)
            given = typing.get_type_hints(function)
            wanted = {*signature.parameters, "return"} - {"self"}
            assert wanted <= set(given), f"{function.__module__}.{function.__qualname__}"


def test_the_marker_of_types_is_shipped():
    assert (files("nst_numpy") / "py.typed").is_file()


def test_the_typed_program_runs():
    typed_user.main()
