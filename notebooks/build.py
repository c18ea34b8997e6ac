"""Execute the notebooks from their sources, check them, or print them.

    python notebooks/build.py                  execute all
    python notebooks/build.py 01 03            those whose names begin so
    python notebooks/build.py --check          report outdated, slow or failing notebooks
    python notebooks/build.py --pdf FILE       all as one PDF

Needs the extra ``[notebooks]`` and, for the PDF, ``[pdf]``. Repeated runs write equal files.
"""

import argparse
import math
import os
import re
import sys
import time
from pathlib import Path

import jupytext
import nbclient
import nbformat
from links import broken_links

HERE = Path(__file__).resolve().parent
CELL_SECONDS, NOTEBOOK_SECONDS = 30, 60
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
VARIES = "varies"  # tag of cells that print measured numbers, which are not compared
NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?")
ROUNDING = 1e-5  # smaller numbers are rounding errors, which differ between machines
AGREE = 0.1  # relative difference; optimizations differ slightly between machines


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="beginnings of names (default: all notebooks)")
    parser.add_argument("--check", action="store_true", help="write nothing; report problems")
    parser.add_argument(
        "--pdf", metavar="FILE", type=Path, help="write the executed notebooks to a PDF"
    )
    parser.add_argument(
        "--patience",
        type=float,
        default=1,
        metavar="N",
        help="multiply the time limits by N, for busy machines",
    )
    arguments = parser.parse_args()
    limits = [arguments.patience * seconds for seconds in (CELL_SECONDS, NOTEBOOK_SECONDS)]
    sources = sources_of(arguments.names or [""])
    if not sources:
        parser.error(
            f"no notebook in {HERE} has a name that begins with {' or '.join(arguments.names)}"
        )
    if arguments.pdf:
        from pdf import print_pdf

        return print_pdf([source.with_suffix(".ipynb") for source in sources], arguments.pdf)
    problems = broken_links(HERE) if arguments.check else []
    for source in sources:
        notebook, seconds = run(read(source), source, limits[0])
        print(f"{source.stem}: {seconds:.0f} s", flush=True)
        if seconds > limits[1]:
            problems.append(f"{source.name} took {seconds:.0f} s, above {limits[1]:g} s.")
        if arguments.check:
            problems += differences(notebook, source.with_suffix(".ipynb"))
        else:
            nbformat.write(notebook, source.with_suffix(".ipynb"))
    print(*problems, sep="\n", file=sys.stderr)
    return 1 if problems else 0


def sources_of(beginnings):
    """The sources whose names begin with one of `beginnings`, in reading order."""
    return [p for p in sorted(HERE.glob("[0-9]*_*.py")) if p.name.startswith(tuple(beginnings))]


def read(source):
    """The notebook of a source, without outputs; the ids of its cells are their numbers."""
    notebook = jupytext.read(source)
    notebook.metadata = nbformat.from_dict({"kernelspec": KERNEL})
    for number, cell in enumerate(notebook.cells, start=1):
        cell["id"] = f"cell-{number}"
    return notebook


def run(notebook, source, cell_seconds=CELL_SECONDS):
    """Execute a notebook: (the notebook with its outputs, seconds)."""
    os.environ["TQDM_DISABLE"] = "1"  # a progress bar would print one line for each update
    client = nbclient.NotebookClient(
        notebook,
        timeout=cell_seconds,
        startup_timeout=10 * CELL_SECONDS,
        record_timing=False,
        coalesce_streams=True,  # makes outputs independent of when the kernel flushes them
        resources={"metadata": {"path": str(HERE)}},
    )
    began = time.perf_counter()
    try:
        client.execute()
    except nbclient.exceptions.CellTimeoutError:
        sys.exit(f"{source.name}: a cell took more than {cell_seconds:g} s.")
    except nbclient.exceptions.CellExecutionError as error:
        sys.exit(f"{source.name}: a cell failed.\n{error}")
    for output in (o for cell in notebook.cells for o in cell.get("outputs", [])):
        if is_picture(output):
            output.data.pop("text/plain", None)  # "<Figure size ...>", next to the figure
    notebook.metadata.language_info = {"name": "python"}  # without the version of Python
    return notebook, time.perf_counter() - began


def differences(fresh, path):
    """Differences between the committed notebook and a newly executed one, one sentence each."""
    remedy = f"run `python notebooks/build.py {path.stem[:2]}` and commit."
    if not path.exists():
        return [f"{path.name} is missing: {remedy}"]
    committed = nbformat.read(path, as_version=4)
    if [(c.cell_type, c.metadata, c.source) for c in committed.cells] != [
        (c.cell_type, c.metadata, c.source) for c in fresh.cells
    ]:
        return [f"{path.name} differs from its source: {remedy}"]
    return [
        f"{path.name}, {new.id}: the output is outdated:\n{text(old)}\nnow\n{text(new)}\n{remedy}"
        for old, new in zip(committed.cells, fresh.cells, strict=True)
        if not same(text(old), text(new), VARIES in new.metadata.get("tags", []))
    ]


def text(cell):
    """The printed output of a cell, with a placeholder for each picture."""
    outputs = cell.get("outputs", [])
    printed = [o.text for o in outputs if o.output_type == "stream"]
    words = [o for o in outputs if "text/plain" in o.get("data", {}) and not is_picture(o)]
    printed += [o.data["text/plain"] for o in words]
    return "".join(printed) + "[picture]" * sum(map(is_picture, outputs))


def is_picture(output):
    """Whether an output is a picture."""
    return any(kind.startswith("image/") for kind in output.get("data", {}))


def same(old, new, varies):
    """Whether two texts agree: word by word, their numbers within `AGREE`."""
    if [s.split() for s in NUMBER.split(old)] != [s.split() for s in NUMBER.split(new)]:
        return False
    pairs = zip(NUMBER.findall(old), NUMBER.findall(new), strict=True)
    return varies or all(
        math.isclose(float(a), float(b), rel_tol=AGREE, abs_tol=ROUNDING) for a, b in pairs
    )


if __name__ == "__main__":
    sys.exit(main())
