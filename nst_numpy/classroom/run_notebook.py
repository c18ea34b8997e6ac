"""Run the cells of a notebook in this process, without nbgrader and without a kernel."""

import linecache
from typing import Any

from nst_numpy.classroom.assertions import FailedTestError
from nst_numpy.classroom.assignments import Cell, grade_id, is_test

NOT_WRITTEN = "It is not written yet."


def run_cells(cells: list[Cell]) -> dict[str, str | None]:
    """Run the code cells in order, continuing after errors, as nbgrader does.

    Parameters
    ----------
    cells : list of dict

    Returns
    -------
    dict of str to (str or None)
        For each test cell None, or the reason of its failure; for other cells that raised an
        error, the error.
    """
    namespace: dict[str, Any] = {"__name__": "__main__"}
    outcomes: dict[str, str | None] = {}
    for i, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            error = _run_cell(cell["source"], f"<cell {i + 1}>", namespace)
            if error or is_test(cell):
                outcomes[grade_id(cell) or f"cell {i + 1}"] = error
    return outcomes


def _run_cell(text: str, name: str, namespace: dict[str, Any]) -> str | None:
    """Run the source of one cell; return the error as a text, or None."""
    # Commands to IPython, such as %matplotlib inline, are skipped.
    lines = text.splitlines(keepends=True)
    source = "".join("\n" if line.lstrip().startswith(("%", "!")) else line for line in lines)
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    try:
        exec(compile(source, name, "exec"), namespace)
    except FailedTestError as failed:
        return str(failed)
    except NotImplementedError:
        return NOT_WRITTEN
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return None


def restore_locked_cells(cells: list[Cell], source: list[Cell]) -> tuple[list[Cell], list[str]]:
    """Replace the locked cells of a student's notebook by the original ones.

    Parameters
    ----------
    cells : list of dict
        Cells of the student's notebook.
    source : list of dict
        Cells of the assignment.

    Returns
    -------
    cells : list of dict
    missing : list of str
        Names of the tests that were removed from the student's notebook.
    """
    locked = {
        grade_id(cell): cell
        for cell in source
        if cell["metadata"].get("nbgrader", {}).get("locked")
    }
    present = {grade_id(cell) for cell in cells}
    tests = [name for cell in source if is_test(cell) and (name := grade_id(cell))]
    missing = [name for name in tests if name not in present]
    return [locked.get(grade_id(cell), cell) for cell in cells], missing
