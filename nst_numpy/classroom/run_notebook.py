"""Run a notebook's cells here and now, without nbgrader and without a kernel."""

import linecache

from nst_numpy.classroom.assertions import LawError
from nst_numpy.classroom.assignments import grade_id, is_test


def run(cells):
    """Run the code cells in their order, going on after errors, as nbgrader does.

    Parameters
    ----------
    cells : list of dict

    Returns
    -------
    dict of str to (str or None)
        For each test cell None, or why it failed; for other cells that raised, why.
    """
    namespace, outcomes = {"__name__": "__main__"}, {}
    for i, cell in enumerate(cells):
        if cell["cell_type"] == "code":
            error = _run_cell(cell, f"<cell {i + 1}>", namespace)
            if error or is_test(cell):
                outcomes[grade_id(cell) or f"cell {i + 1}"] = error
    return outcomes


def _run_cell(cell, name, namespace):
    """Run one cell; return what went wrong, or None."""
    # Lines for IPython alone, such as %matplotlib inline, mean nothing here.
    lines = cell["source"].splitlines(keepends=True)
    source = "".join("\n" if text.lstrip().startswith(("%", "!")) else text for text in lines)
    linecache.cache[name] = len(source), None, source.splitlines(keepends=True), name
    try:
        exec(compile(source, name, "exec"), namespace)
    except LawError as failed:
        return str(failed)
    except NotImplementedError:
        return "It is not written yet."
    except (Exception, SystemExit) as error:
        return f"{type(error).__name__}: {error}"
    return None


def restored(cells, source):
    """A student's cells with all that is locked as it was, and the tests that are missing.

    Parameters
    ----------
    cells : list of dict
        Of the student's notebook.
    source : list of dict
        Of the assignment.

    Returns
    -------
    cells : list of dict
    missing : list of str
        Names of tests that the notebook has no more.
    """
    locked = {
        grade_id(cell): cell
        for cell in source
        if cell["metadata"].get("nbgrader", {}).get("locked")
    }
    there = {grade_id(cell) for cell in cells}
    missing = [grade_id(cell) for cell in source if is_test(cell) and grade_id(cell) not in there]
    return [locked.get(grade_id(cell), cell) for cell in cells], missing
