"""Before grading: what nbgrader would grade as zero without a word."""

import asyncio
import subprocess
from collections import Counter
from pathlib import Path

from nst_numpy.classroom.assignments import (
    ASSIGNMENTS,
    KERNEL,
    grade_id,
    notebook,
    read_notebook,
    source_cells,
)
from nst_numpy.utils.errors import InputError

TIMEOUT = 90  # seconds that one cell may take, as in the configuration that `init` writes


def check(path, assignments, client=None, timeout=TIMEOUT):
    """Say what is wrong with a notebook that was handed in, apart from its answers.

    Parameters
    ----------
    path : path
    assignments : dict of str to list of dict
        Their cells, see `assignments_of`.
    client : module, optional
        nbclient (see `import_client`), to run it with the kernel that grades.
    timeout : float
        Seconds that one cell may take.

    Returns
    -------
    list of str
        One sentence for each thing; empty if it can be graded.

    Raises
    ------
    InputError
        If it cannot be read, or is none of the assignments.
    """
    cells, metadata = read_notebook(path)
    name = _which(Path(path).stem, cells, assignments)
    told = _told_of_marks(name, cells, assignments[name])
    told += _told_of_names(path, name, metadata)
    if client is not None:
        told += _told_of_running(client, cells, timeout, Path(path).resolve().parent)
    return told


def assignments_of(course=None):
    """{name: cells} of a course folder, or of what ships."""
    if course is None:
        return {name: source_cells(name) for name in ASSIGNMENTS}
    found = sorted(Path(course).glob("source/*/*.ipynb"))
    if not found:
        raise InputError(f"{course} is no course folder: it holds no source/*/*.ipynb.")
    return {path.stem: read_notebook(path)[0] for path in found}


def _which(stem, cells, assignments):
    """The assignment that a notebook belongs to: by its name, else by the cells it holds."""
    if stem in assignments:
        return stem
    there = {grade_id(cell) for cell in cells} - {None}
    shared = {
        name: len(there & {grade_id(cell) for cell in source})
        for name, source in assignments.items()
    }
    best = max(shared, key=shared.get)
    if not shared[best]:
        raise InputError(
            f"{stem}.ipynb belongs to none of the assignments ({', '.join(assignments)}): neither "
            "its name nor a cell of it is theirs."
        )
    return best


def _told_of_marks(name, cells, source):
    """What is missing of nbgrader's marks."""
    wanted = {grade_id(cell): cell["metadata"]["nbgrader"] for cell in source if grade_id(cell)}
    there = Counter(grade_id(cell) for cell in cells if grade_id(cell))
    if not there:
        return [
            "all of nbgrader's marks are gone, so it would get 0 points in silence. Copy the "
            f"answers into {name}.ipynb as it was handed out."
        ]
    told = []
    missing = [cell for cell in wanted if cell not in there]
    if missing:
        lost = sum(wanted[cell].get("points", 0) for cell in missing)
        told.append(
            f"cells are missing, with {lost} points that would be lost in silence: "
            f"{', '.join(missing)}. Copy the answers into the notebook as it was handed out."
        )
    twice = [cell for cell, times in there.items() if times > 1]
    if twice:
        told.append(f"cells are there twice, which nbgrader refuses: {', '.join(twice)}.")
    return told


def _told_of_names(path, name, metadata):
    """What is wrong with the names of the file and of the kernel."""
    told = []
    if Path(path).name != f"{name}.ipynb":
        told.append(
            f"it must be called {name}.ipynb; under another name nbgrader takes it as not "
            "handed in."
        )
    kernel = metadata.get("kernelspec", {}).get("name", "none")
    if kernel != KERNEL["name"]:
        told.append(
            f"its kernel is {kernel}; expected python3. Choose Python 3 in the menu Kernel "
            "and save."
        )
    return told


def import_client():
    """nbclient, which comes with nbgrader."""
    try:
        import nbclient
    except ImportError as error:
        raise InputError(
            "To run notebooks as nbgrader does, install it: pip install '.[classroom]'; or "
            "leave that out with --no-run."
        ) from error
    return nbclient


def _told_of_running(client, cells, timeout, folder):
    """What happens when the cells are run. That a test fails is not told: grading tells it."""
    import nbformat

    started = []

    def note(cell, cell_index, **_):
        started.append(cell_index)

    run = client.NotebookClient(
        nbformat.from_dict(notebook(_distinct(cells))),
        timeout=timeout,
        kernel_name=KERNEL["name"],
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=note,
    )
    try:
        asyncio.run(run.async_execute(stderr=subprocess.DEVNULL))  # the kernel's own warnings
    except client.exceptions.CellTimeoutError:
        return [f"{_name(cells, started)} does not come back within {timeout:g} s."]
    except client.exceptions.DeadKernelError:
        return [f"{_name(cells, started)} ends the kernel: nothing of it would be graded."]
    return []


def _distinct(cells):
    """The cells with ids that differ, whatever the notebook's were."""
    return [{**cell, "id": f"cell-{i}"} for i, cell in enumerate(cells)]


def _name(cells, started):
    """What to call the cell that was started last."""
    i = started[-1]
    return f"the cell {grade_id(cells[i]) or i + 1}"
