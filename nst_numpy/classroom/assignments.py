"""The assignments: where they lie, and from their text to a notebook, with or without answers.

A source is a Python file in jupytext's percent format, so that it can be read, compared and linted.
The header of a cell carries nbgrader's metadata, of which only what is not the rule is written:

    # %% nbgrader={"grade_id": "gram", "solution": true}          the student writes here
    # %% nbgrader={"grade_id": "gram_entries", "points": 2}       a test, locked
    # %% nbgrader={"grade_id": "imports"}                         locked
"""

import json
import re
import textwrap
from importlib.resources import files
from pathlib import Path

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.file_checks import check_input_file

ASSIGNMENTS = ("1_gram", "2_style", "3_layers", "4_gradcheck", "5_transfer")
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
HEADER = re.compile(r"^# %%(?P<markdown> \[markdown\])?(?: (?P<key>\w+)=(?P<value>\{.*\}))?$", re.M)
SOLUTION = re.compile(r"^( *)### BEGIN SOLUTION\n.*?### END SOLUTION$", re.M | re.S)
HIDDEN = re.compile(r"^ *### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS$\n?", re.M | re.S)


def assignment_path(name):
    """Where a file of ``notebooks/assignments`` lies: installed, or beside the package."""
    try:
        return files("nst_numpy.assignments") / name
    except ModuleNotFoundError:
        return Path(__file__).resolve().parents[2] / "notebooks" / "assignments" / name


def source_cells(name):
    """Cells of an assignment with its answers and all its tests."""
    return read_cells(assignment_path(f"{name}.py").read_text(encoding="utf-8"))


def read_cells(text):
    """Cells of a notebook from a text in jupytext's percent format.

    Parameters
    ----------
    text : str

    Returns
    -------
    list of dict
        As in a notebook file: ``cell_type``, ``metadata``, ``source``, ...
    """
    headers = list(HEADER.finditer(text))
    ends = [*(header.start() for header in headers[1:]), len(text)]
    return [
        _cell(i, header, text[header.end() : end].strip("\n"))
        for i, (header, end) in enumerate(zip(headers, ends, strict=True))
    ]


def _cell(i, header, source):
    metadata = {}
    if header["key"]:
        metadata[header["key"]] = json.loads(header["value"])
    if "nbgrader" in metadata:
        metadata["nbgrader"] = _completed(metadata["nbgrader"])
    cell = {"id": grade_id({"metadata": metadata}) or f"text-{i}", "metadata": metadata}
    if header["markdown"]:
        return {**cell, "cell_type": "markdown", "source": re.sub("^# ?", "", source, flags=re.M)}
    return {
        **cell,
        "cell_type": "code",
        "source": source,
        "execution_count": None,
        "outputs": [],
    }


def _completed(mark):
    """nbgrader's metadata of a cell with what is the rule filled in."""
    solution = mark.get("solution", False)
    rule = {"schema_version": 3, "task": False, "solution": solution, "locked": not solution}
    return {**rule, "grade": "points" in mark, **mark}


def notebook(cells):
    """Cells as a whole notebook, ready for ``json.dump``."""
    metadata = {"kernelspec": KERNEL, "language_info": {"name": "python"}}
    return {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}


def blank(cells):
    """The cells as students get them: what nbgrader's generate_assignment makes of them."""
    return [{**cell, "source": _without_answers(cell)} for cell in cells]


def _without_answers(cell):
    mark = cell["metadata"].get("nbgrader", {})
    if mark.get("solution") and cell["cell_type"] == "markdown":
        return "YOUR ANSWER HERE"
    stub = "# YOUR CODE HERE\nraise NotImplementedError()"
    source = SOLUTION.sub(lambda found: textwrap.indent(stub, found[1]), cell["source"])
    return HIDDEN.sub("", source).rstrip("\n")


def grade_id(cell):
    """Name that nbgrader knows a cell by, or None."""
    return cell["metadata"].get("nbgrader", {}).get("grade_id")


def is_test(cell):
    """Whether a cell gives points by itself, without a person who reads it."""
    mark = cell["metadata"].get("nbgrader", {})
    return bool(mark.get("grade") and not mark.get("solution"))


def read_notebook(path):
    """Cells and metadata of a notebook file.

    Raises
    ------
    InputError
        If there is no such file, or it is no notebook.
    """
    check_input_file(path, "notebook")
    try:
        book = json.loads(Path(path).read_text(encoding="utf-8"))
        cells = [{**cell, "source": "".join(cell["source"])} for cell in book["cells"]]
        kinds = [(cell["cell_type"], dict(cell["metadata"])) for cell in cells]
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}.") from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise InputError(f"{path} is not a Jupyter notebook (.ipynb), or it is damaged.") from error
    del kinds
    return cells, book.get("metadata", {})


def write_notebook(path, cells):
    """Write cells as a notebook file."""
    text = json.dumps(notebook(cells), indent=1, ensure_ascii=False) + "\n"
    Path(path).write_text(text, encoding="utf-8")
