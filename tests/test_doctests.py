"""The examples in the docstrings are true."""

import doctest
import importlib
import inspect
from pathlib import Path

import pytest

import nst_numpy

PACKAGE = Path(nst_numpy.__file__).parent
WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts).removesuffix(".__init__")
    for path in PACKAGE.rglob("*.py")
    if ">>> " in path.read_text("utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)  # some of them write pictures
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_public_functions_have_an_example():
    functions = {name: getattr(nst_numpy, name) for name in nst_numpy.__all__}
    del functions["live"]  # draws in a notebook
    for name, function in functions.items():
        assert not inspect.isfunction(function) or ">>> " in function.__doc__, name
