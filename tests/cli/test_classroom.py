"""learn and classroom as a person types them."""

import json

import pytest

from nst_numpy.classroom.assignments import ASSIGNMENTS, source_cells, write_notebook
from nst_numpy.cli import main


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_learn_puts_the_notebook_there_and_never_again(folder, capsys):
    assert main(["learn", "1"]) == 0
    path = folder / "nst-learn" / "1_gram.ipynb"
    path.write_text(path.read_text("utf-8").replace("# YOUR CODE HERE", "# mine"), "utf-8")
    assert main(["learn", "1"]) == 0
    assert "# mine" in path.read_text("utf-8")
    assert "stays as it is" in capsys.readouterr().out


def test_learn_checks_what_was_written(folder, capsys):
    main(["learn", "1"])
    assert main(["learn", "1", "--check"]) == 1
    assert "NOT YET: gram is not written yet" in capsys.readouterr().out
    write_notebook(folder / "nst-learn" / "1_gram.ipynb", source_cells("1_gram"))
    assert main(["learn", "1", "--check"]) == 0
    assert "18 of 18 points" in capsys.readouterr().out


def test_learn_restores_tests_and_tells_of_those_that_are_gone(folder, capsys):
    cells = source_cells("1_gram")
    (folder / "nst-learn").mkdir()
    for cell in cells:
        if cell["id"] in ("gram", "gram_scale"):
            cell["source"] = "%time\ngram = len" if cell["id"] == "gram" else "pass"
    kept = [cell for cell in cells if cell["id"] != "mask_at_zero"]
    write_notebook(folder / "nst-learn" / "1_gram.ipynb", kept)
    assert main(["learn", "1", "--check"]) == 1
    told = capsys.readouterr().out
    assert "gram_scale              NOT YET: Features three times as strong" in told
    assert "mask_at_zero            NOT YET: The notebook has no such cell any more." in told


def hand_in(path, change=lambda cells: cells, kernel="python3"):
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
            "marks are gone",
        ),
        ("1_gram", lambda cells: cells[:-1], "python3", "missing, with 1 points"),
        ("1_gram", lambda cells: [*cells, cells[-1]], "python3", "there twice"),
        ("1_gram", lambda cells: cells, "ir", "its kernel is ir"),
        ("1_gram-2", lambda cells: cells, "python3", "it must be called 1_gram.ipynb"),
        ("essay", lambda cells: cells[:1], "python3", "belongs to none of the assignments"),
    ],
)
def test_check_tells_what_would_be_lost_in_silence(folder, capsys, name, change, kernel, sentence):
    hand_in(folder / f"{name}.ipynb", change, kernel)
    code = main(["classroom", "check", "--no-run", f"{name}.ipynb"])
    assert sentence in capsys.readouterr().out
    assert code == (0 if sentence.endswith("fine") else 1)


def test_check_of_files_that_are_no_notebooks(folder, capsys):
    (folder / "1_gram.ipynb").write_text("{}", "utf-8")
    assert main(["classroom", "check", "--no-run", "1_gram.ipynb", "none.ipynb"]) == 1
    told = capsys.readouterr().out
    assert "1_gram.ipynb is not a Jupyter notebook" in told
    assert "There is no notebook none.ipynb" in told
    assert main(["classroom", "check", "--no-run", "--course", ".", "1_gram.ipynb"]) == 2
    assert "no course folder" in capsys.readouterr().err


def test_check_follows_a_course_that_was_changed(folder, capsys):
    assert main(["classroom", "init", "course"]) == 0
    source = folder / "course" / "source" / "1_gram" / "1_gram.ipynb"
    cells = source_cells("1_gram")
    write_notebook(source, [cell for cell in cells if cell["id"] != "mask_at_zero"])
    hand_in(folder / "1_gram.ipynb", lambda cells: cells[:-1])
    assert main(["classroom", "check", "--no-run", "--course", "course", "1_gram.ipynb"]) == 0
    assert len(list((folder / "course" / "source").iterdir())) == len(ASSIGNMENTS)
    assert main(["classroom", "init", "course"]) == 2
    assert "holds a course already" in capsys.readouterr().err
