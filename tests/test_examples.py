"""The programs in the folder ``examples`` run, and the README shows them as they are.

Those in ``benchmarks`` take too long to run here, but the names that they import exist.
"""

import ast
import importlib
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_numpy import read_picture

ROOT = Path(__file__).resolve().parents[1]
MINIMAL = ROOT / "examples" / "minimal.py"
BENCHMARKS = sorted((ROOT / "benchmarks").glob("*.py"))


def test_minimal_example_lowers_the_loss_and_writes_the_picture(folder):
    command = [sys.executable, str(MINIMAL), "p.png", "a.png", "out.png", "48", "6"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=True)
    losses = [float(number) for number in re.findall(r"loss ([\d.e+-]+)", done.stdout)]
    assert len(losses) == 7
    assert all(np.diff(losses) < 0)
    assert losses[-1] < losses[0] / 2
    painted, content = read_picture("out.png"), read_picture("p.png", 48)
    assert painted.shape == content.shape == (36, 48, 3)
    assert np.abs(painted - content).mean() > 1


def test_minimal_example_uses_public_names_in_at_most_40_lines():
    text = MINIMAL.read_text("utf-8")
    assert len(text.splitlines()) <= 40
    imports = re.findall(r"^(?:from|import) .*", text, re.MULTILINE)
    assert [line.split()[1] for line in imports] == ["sys", "nst_numpy"]


@pytest.mark.parametrize("path", BENCHMARKS, ids=lambda path: path.stem)
def test_names_that_a_benchmark_imports_exist(path):
    """Also those of imports within functions."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module.split(".")[0] == "nst_numpy":
            module = importlib.import_module(node.module)
            for alias in node.names:
                if not hasattr(module, alias.name):  # a module, or a mistake
                    importlib.import_module(f"{node.module}.{alias.name}")
