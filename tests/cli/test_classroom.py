"""The commands learn and classroom."""

import json

import pytest

from nst_numpy.classroom.assignments import ASSIGNMENTS, source_cells, write_notebook
from nst_numpy.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_learn_does_not_overwrite_a_notebook(folder, capsys):
    assert main(["learn", "1"]) == 0
    path = folder / "nst-learn" / "1_gram.ipynb"
    path.write_text(path.read_text("utf-8").replace("# YOUR CODE HERE", "# mine"), "utf-8")
    assert main(["learn", "1"]) == 0
    assert "# mine" in path.read_text("utf-8")
    assert "exists and is not changed" in capsys.readouterr().out


def test_learn_check_reports_points(folder, capsys):
    main(["learn", "1"])
    assert main(["learn", "1", "--check"]) == 1
    assert "NOT YET: gram is not written yet" in capsys.readouterr().out
    write_notebook(folder / "nst-learn" / "1_gram.ipynb", source_cells("1_gram"))
    assert main(["learn", "1", "--check"]) == 0
    assert "18 of 18 points" in capsys.readouterr().out


def test_learn_check_restores_changed_tests_and_reports_missing_ones(folder, capsys):
    cells = source_cells("1_gram")
    (folder / "nst-learn").mkdir()
    for cell in cells:
        if cell["id"] in ("gram", "gram_scale"):
            cell["source"] = "%time\ngram = len" if cell["id"] == "gram" else "pass"
    kept = [cell for cell in cells if cell["id"] != "mask_at_zero"]
    write_notebook(folder / "nst-learn" / "1_gram.ipynb", kept)
    assert main(["learn", "1", "--check"]) == 1
    output = capsys.readouterr().out
    assert "gram_scale              NOT YET: Features three times as strong" in output
    assert "mask_at_zero            NOT YET: This cell is missing in the notebook." in output


def submit(path, change=lambda cells: cells, kernel="python3"):
    write_notebook(path, change(source_cells("1_gram")))
    book = json.loads(path.read_text("utf-8"))
    book["metadata"]["kernelspec"]["name"] = kernel
    path.write_text(json.dumps(book), "utf-8")


@pytest.mark.parametrize(
    ("name", "change", "kernel", "sentence"),
    [
        ("1_gram", lambda cells: cells, "python3", "1_gram.ipynb: fine"),
        (
            "1_gram",
            lambda cells: [{**c, "metadata": {}} for c in cells],
            "python3",
            "metadata is missing",
        ),
        (
            "1_gram",
            lambda cells: cells[:-1],
            "python3",
            "missing (points lost without a message: 1)",
        ),
        ("1_gram", lambda cells: [*cells, cells[-1]], "python3", "repeated"),
        ("1_gram", lambda cells: cells, "ir", "its kernel is ir"),
        ("1_gram-2", lambda cells: cells, "python3", "the file must be named 1_gram.ipynb"),
        ("essay", lambda cells: cells[:1], "python3", "belongs to none of the assignments"),
    ],
)
def test_check_reports_problems_that_would_cost_points(
    folder, capsys, name, change, kernel, sentence
):
    submit(folder / f"{name}.ipynb", change, kernel)
    code = main(["classroom", "check", "--no-run", f"{name}.ipynb"])
    assert sentence in capsys.readouterr().out
    assert code == (0 if sentence.endswith("fine") else 1)


def test_check_reports_files_that_are_not_notebooks(folder, capsys):
    (folder / "1_gram.ipynb").write_text("{}", "utf-8")
    assert main(["classroom", "check", "--no-run", "1_gram.ipynb", "none.ipynb"]) == 1
    output = capsys.readouterr().out
    assert "1_gram.ipynb is not a Jupyter notebook" in output
    assert "There is no notebook none.ipynb" in output
    assert main(["classroom", "check", "--no-run", "--course", ".", "1_gram.ipynb"]) == 2
    assert "not a course folder" in capsys.readouterr().err


def test_check_compares_with_the_assignments_of_the_course_folder(folder, capsys):
    assert main(["classroom", "init", "course"]) == 0
    source = folder / "course" / "source" / "1_gram" / "1_gram.ipynb"
    cells = source_cells("1_gram")
    write_notebook(source, [cell for cell in cells if cell["id"] != "mask_at_zero"])
    submit(folder / "1_gram.ipynb", lambda cells: cells[:-1])
    assert main(["classroom", "check", "--no-run", "--course", "course", "1_gram.ipynb"]) == 0
    assert len(list((folder / "course" / "source").iterdir())) == len(ASSIGNMENTS)
    assert main(["classroom", "init", "course"]) == 2
    assert "already contains a course" in capsys.readouterr().err
