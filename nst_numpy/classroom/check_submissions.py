"""Check submitted notebooks for problems that nbgrader grades as zero without a message."""

import asyncio
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any, TypeAlias

from nst_numpy.classroom.assignments import (
    ASSIGNMENTS,
    KERNEL,
    Cell,
    grade_id,
    notebook,
    read_notebook,
    source_cells,
)
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File

Assignments: TypeAlias = dict[str, list[Cell]]
TIMEOUT = 90  # seconds for one cell, as in the configuration that `make_course_folder` writes


@dataclass(frozen=True)
class Runner:
    """How to execute a notebook.

    Attributes
    ----------
    nbclient : module
        See `import_nbclient`.
    timeout : float
        Seconds that one cell may take.
    """

    nbclient: ModuleType
    timeout: float = TIMEOUT


def check_submission(
    path: File, assignments: Assignments, runner: Runner | None = None
) -> list[str]:
    """Find problems of a submitted notebook other than wrong answers.

    Parameters
    ----------
    path : str or path
    assignments : dict of str to list of dict
        Cells of each assignment, see `course_assignments`.
    runner : Runner, optional
        If given, the notebook is executed with the kernel that grades.

    Returns
    -------
    list of str
        One sentence for each problem; empty if the notebook can be graded.

    Raises
    ------
    InputError
        If the file is not a notebook or belongs to none of the assignments.
    """
    cells, metadata = read_notebook(path)
    name = _assignment_of(Path(path).stem, cells, assignments)
    problems = _cell_problems(name, cells, assignments[name])
    problems += _name_problems(path, name, metadata)
    if runner is not None:
        problems += _execution_problems(runner, cells, Path(path).resolve().parent)
    return problems


def course_assignments(course: File | None = None) -> Assignments:
    """{name: cells} of the assignments in a course folder, or of those in the package."""
    if course is None:
        return {name: source_cells(name) for name in ASSIGNMENTS}
    found = sorted(Path(course).glob("source/*/*.ipynb"))
    if not found:
        raise InputError(f"{course} is not a course folder: it has no source/*/*.ipynb.")
    return {path.stem: read_notebook(path)[0] for path in found}


def _assignment_of(stem: str, cells: list[Cell], assignments: Assignments) -> str:
    """The assignment that a notebook belongs to, by its name or else by its cells."""
    if stem in assignments:
        return stem
    present = {grade_id(cell) for cell in cells} - {None}
    shared = {
        name: len(present & {grade_id(cell) for cell in source})
        for name, source in assignments.items()
    }
    best = max(shared, key=lambda name: shared[name])
    if not shared[best]:
        raise InputError(
            f"{stem}.ipynb belongs to none of the assignments ({', '.join(assignments)}): neither "
            "its name nor its cells match."
        )
    return best


def _cell_problems(name: str, cells: list[Cell], source: list[Cell]) -> list[str]:
    """Cells that nbgrader cannot find, or finds twice."""
    expected = {
        cell_id: cell["metadata"]["nbgrader"] for cell in source if (cell_id := grade_id(cell))
    }
    present = Counter(cell_id for cell in cells if (cell_id := grade_id(cell)))
    if not present:
        return [
            "nbgrader's metadata is missing from all cells, so the score would be 0 without a "
            f"message. Copy the answers into {name}.ipynb as it was handed out."
        ]
    problems = []
    missing = [cell_id for cell_id in expected if cell_id not in present]
    if missing:
        lost = sum(expected[cell_id].get("points", 0) for cell_id in missing)
        problems.append(
            f"cells are missing (points lost without a message: {lost}): "
            f"{', '.join(missing)}. Copy the answers into the notebook as it was handed out."
        )
    repeated = [cell_id for cell_id, times in present.items() if times > 1]
    if repeated:
        problems.append(f"cells are repeated, which nbgrader rejects: {', '.join(repeated)}.")
    return problems


def _name_problems(path: File, name: str, metadata: dict[str, Any]) -> list[str]:
    """Problems with the names of the file and of the kernel."""
    problems = []
    if Path(path).name != f"{name}.ipynb":
        problems.append(
            f"the file must be named {name}.ipynb; nbgrader treats any other name as not submitted."
        )
    kernel = metadata.get("kernelspec", {}).get("name", "none")
    if kernel != KERNEL["name"]:
        problems.append(
            f"its kernel is {kernel}; expected python3. Choose Python 3 in the menu Kernel "
            "and save."
        )
    return problems


def import_nbclient() -> ModuleType:
    """Import nbclient, which nbgrader installs; raise `InputError` if it is missing."""
    try:
        import nbclient
    except ImportError as error:
        raise InputError(
            "Executing notebooks needs nbgrader: pip install '.[classroom]'. "
            "With --no-run they are not executed."
        ) from error
    module: ModuleType = nbclient
    return module


def _execution_problems(runner: Runner, cells: list[Cell], folder: Path) -> list[str]:
    """Execute the cells; report a timeout or a dead kernel. Failing tests are left to grading."""
    import nbformat

    started: list[int] = []
    nbclient = runner.nbclient
    client = nbclient.NotebookClient(
        nbformat.from_dict(notebook(_with_unique_ids(cells))),
        timeout=runner.timeout,
        kernel_name=KERNEL["name"],
        allow_errors=True,
        resources={"metadata": {"path": str(folder)}},
        on_cell_start=lambda cell, cell_index: started.append(cell_index),
    )
    try:
        asyncio.run(client.async_execute(stderr=subprocess.DEVNULL))  # hides the kernel's warnings
    except nbclient.exceptions.CellTimeoutError:
        cell = _cell_name(cells, started[-1])
        return [f"{cell} does not finish within {runner.timeout:g} s."]
    except nbclient.exceptions.DeadKernelError:
        return [f"{_cell_name(cells, started[-1])} ends the kernel: nothing would be graded."]
    return []


def _with_unique_ids(cells: list[Cell]) -> list[Cell]:
    """The cells with new ids; a notebook file may repeat an id."""
    return [{**cell, "id": f"cell-{i}"} for i, cell in enumerate(cells)]


def _cell_name(cells: list[Cell], i: int) -> str:
    """Name of a cell in a message: nbgrader's identifier, or its number."""
    return f"the cell {grade_id(cells[i]) or i + 1}"
