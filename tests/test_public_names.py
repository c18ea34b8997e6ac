"""The public names of the package: where they are listed, and what importing them costs."""

import ast
import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import nst_numpy

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.rst"))]


def test_import_of_the_package_loads_neither_kernels_nor_scipy():
    heavy = "numba scipy h5py PIL nst_numpy.kernels nst_numpy.optimizers"
    script = f"""
import sys, nst_numpy
assert set(nst_numpy.__all__) <= set(dir(nst_numpy))
print([name for name in {heavy.split()} if name in sys.modules])
"""
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_public_name_imports_and_is_described_in_the_docstring():
    described = set(re.findall(r"`(\w+)`", inspect.getdoc(nst_numpy)))
    assert described == set(nst_numpy.__all__)
    for name in nst_numpy.__all__:
        assert getattr(nst_numpy, name) is not None


def test_type_checkers_see_the_names_that_import():
    tree = ast.parse(Path(nst_numpy.__file__).read_text("utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    seen = {alias.asname for node in imports for alias in node.names} - {None}
    assert seen == set(nst_numpy.__all__)


def test_gradcheck_is_the_function_after_its_subpackage_is_imported():
    script = (
        "import nst_numpy.gradcheck.checker; from nst_numpy import gradcheck; gradcheck.__code__"
    )
    subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'no_such_name'"):
        nst_numpy.no_such_name  # noqa: B018


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_names_that_the_documents_import_are_public(path):
    text = path.read_text("utf-8")
    for names in re.findall(r"from nst_numpy import \(?([\w, \n]+)", text):
        imported = {name.strip() for name in re.split(r"[,\n]", names.split("\n\n")[0])}
        assert imported - {""} <= set(nst_numpy.__all__), names
