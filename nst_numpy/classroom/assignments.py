"""Read the assignments from their sources and convert them to notebooks, with or without answers.

A source is a Python file in jupytext's percent format, so that it can be read, compared and linted.
The header of a cell holds nbgrader's metadata; values that follow from the others are omitted:

    # %% nbgrader={"grade_id": "gram", "solution": true}          the student writes here
    # %% nbgrader={"grade_id": "gram_entries", "points": 2}       a test, locked
    # %% nbgrader={"grade_id": "imports"}                         locked
"""

import json
import re
import textwrap
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any, TypeAlias

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_input_file
from nst_numpy.utils.types import File

# A cell as in a notebook file: cell_type, metadata, source, ...
Cell: TypeAlias = dict[str, Any]

ASSIGNMENTS = ("1_gram", "2_style", "3_layers", "4_gradcheck", "5_transfer")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
HEADER = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?: (?P<key>\w+)=(?P<value>\{.*\}))?$", re.M)
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.M | re.S)
HIDDEN = re.compile(r"^ *### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS$\n?", re.M | re.S)


def assignment_path(name: str) -> Traversable | Path:
    """Path of a file of ``notebooks/assignments``, in an installation or in a checkout."""
    try:
        return files("nst_numpy.assignments") / name
    except ModuleNotFoundError:
        return Path(__file__).resolve().parents[2] / "notebooks" / "assignments" / name


def source_cells(name: str) -> list[Cell]:
    """Cells of an assignment with its answers and all its tests."""
    return read_cells(assignment_path(f"{name}.py").read_text(encoding="utf-8"))


def read_cells(text: str) -> list[Cell]:
    """Parse a text in jupytext's percent format.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of dict
        Cells as in a notebook file: ``cell_type``, ``metadata``, ``source``, ...
    """
    headers = list(HEADER.finditer(text))
    ends = [*(header.start() for header in headers[1:]), len(text)]
    return [
        _cell(i, header, text[header.end() : end].strip("\n"))
        for i, (header, end) in enumerate(zip(headers, ends, strict=True))
    ]


def _cell(i: int, header: re.Match[str], source: str) -> Cell:
    metadata: dict[str, Any] = {}
    if header["key"]:
        metadata[header["key"]] = json.loads(header["value"])
    if "nbgrader" in metadata:
        metadata["nbgrader"] = _completed(metadata["nbgrader"])
    cell = {"id": grade_id({"metadata": metadata}) or f"text-{i}", "metadata": metadata}
    if header["markdown"]:
        return {**cell, "cell_type": "markdown", "source": re.sub("^# ?", "", source, flags=re.M)}
    code: Cell = {"cell_type": "code", "source": source, "execution_count": None, "outputs": []}
    return {**cell, **code}


def _completed(mark: dict[str, Any]) -> dict[str, Any]:
    """nbgrader's metadata of a cell with the omitted values."""
    solution = mark.get("solution", False)
    implied = {"schema_version": 3, "task": False, "solution": solution, "locked": not solution}
    return {**implied, "grade": "points" in mark, **mark}


def notebook(cells: list[Cell]) -> dict[str, Any]:
    """Content of a notebook file with these cells, ready for ``json.dump``."""
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def blank(cells: list[Cell]) -> list[Cell]:
    """Cells of the student's version, as nbgrader's generate_assignment makes it."""
    return [{**cell, "source": _without_answers(cell)} for cell in cells]


def _without_answers(cell: Cell) -> str:
    mark = cell["metadata"].get("nbgrader", {})
    if mark.get("solution") and cell["cell_type"] == "markdown":
        return "YOUR ANSWER HERE"
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    source = SOLUTION.sub(lambda found: textwrap.indent(stub, found[1]), cell["source"])
    return HIDDEN.sub("", source).rstrip("\n")


def grade_id(cell: Cell) -> str | None:
    """nbgrader's identifier of a cell, or None."""
    identifier: str | None = cell["metadata"].get("nbgrader", {}).get("grade_id")
    return identifier


def is_test(cell: Cell) -> bool:
    """Whether a cell is graded automatically."""
    mark = cell["metadata"].get("nbgrader", {})
    return bool(mark.get("grade") and not mark.get("solution"))


def read_notebook(path: File) -> tuple[list[Cell], dict[str, Any]]:
    """Cells and metadata of a notebook file.

    Parameters
    ----------
    path : str or path

    Returns
    -------
    cells : list of dict
        Their ``source`` is a string each.
    metadata : dict

    Raises
    ------
    InputError
        If the file does not exist or is not a notebook.
    """
    check_input_file(path, "notebook")
    try:
        book = json.loads(Path(path).read_text(encoding="utf-8"))
        cells = [_checked_cell(cell) for cell in book["cells"]]
        return cells, dict(book.get("metadata", {}))
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a Jupyter notebook (.ipynb), or it is damaged.") from error


def _checked_cell(cell: Cell) -> Cell:
    """A cell that has a type, metadata and a source; raise KeyError or TypeError otherwise."""
    required = {"cell_type": str(cell["cell_type"]), "metadata": dict(cell["metadata"])}
    return {**cell, **required, "source": "".join(cell["source"])}


def write_notebook(path: File, cells: list[Cell]) -> None:
    """Write cells as a notebook file."""
    text = json.dumps(notebook(cells), indent=1, ensure_ascii=False) + "\n"
    Path(path).write_text(text, encoding="utf-8")
