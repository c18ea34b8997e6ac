"""Every public name of the package has type annotations, which a user's type checker reads."""

import importlib
import inspect
import pkgutil
import types
import typing
from importlib.resources import files

import pytest
from helpers import typed_user

import nst_numpy

# All modules except `__main__` and those of the kernels, whose functions numba compiles.
MODULES = ["nst_numpy"] + [
    module.name
    for module in pkgutil.walk_packages(nst_numpy.__path__, "nst_numpy.")
    if not module.name.endswith("__main__") and not module.name.startswith("nst_numpy.kernels.")
]


def public_names(module):
    """{name: object} of a module's __all__, or of the public names that it defines."""
    own = [
        name for name, v in vars(module).items() if getattr(v, "__module__", "") == module.__name__
    ]
    names = getattr(module, "__all__", [name for name in own if not name.startswith("_")])
    return {name: getattr(module, name) for name in names}


def functions(thing):
    """A public function, or the public methods and properties of a class."""
    if inspect.isfunction(thing):
        yield thing
    for name, member in vars(thing).items() if inspect.isclass(thing) else ():
        member = getattr(member, "fget", None) or getattr(member, "func", member)
        if isinstance(member, types.FunctionType) and not name.startswith("_"):
            yield member


@pytest.mark.parametrize("name", MODULES)
def test_every_public_function_is_annotated(name):
    for thing in public_names(importlib.import_module(name)).values():
        for function in functions(thing):
            signature = inspect.signature(function)
            annotated = typing.get_type_hints(function)
            expected = {*signature.parameters, "return"} - {"self", "cls"}
            assert expected <= set(annotated), f"{function.__module__}.{function.__qualname__}"


def test_the_py_typed_marker_is_installed():
    assert (files("nst_numpy") / "py.typed").is_file()


def test_the_typed_program_of_mypy_runs():
    typed_user.main()
