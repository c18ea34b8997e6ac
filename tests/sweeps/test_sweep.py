"""The cross product, the names of its cells, and the layout of the contact sheet."""

import csv
import itertools

import numpy as np
import pytest
from helpers import grid_jobs as tasks

from nst_numpy.images.contact_sheet import GAP
from nst_numpy.sweeps import (
    Workers,
    check_grid,
    contact_sheet,
    cross_product,
    run_grid,
    write_results,
)

LISTS = {"content": ["p.png"], "style": ["a.png"]}


def flat(content, style, number, other=0, memory=None):
    return tasks.flat(number + other)


def run(sweep, folder):
    return run_grid(check_grid(sweep.cells, folder, Workers(jobs=1)))


def test_each_combination_occurs_once():
    lists = {**LISTS, "number": [10, 20, 10], "other": [1, 2, 3], "init": ["noise"]}
    sweep = cross_product("flat", flat, lists)
    combinations = [(cell.settings["number"], cell.settings["other"]) for cell in sweep.cells]
    assert combinations == list(itertools.product([10, 20], [1, 2, 3]))
    assert sweep.axes == {"number": [10, 20], "other": [1, 2, 3]}
    assert len({cell.name for cell in sweep.cells}) == 6


def test_longer_lists_keep_the_names_of_cells():
    """So that an extended sweep does not run finished cells again."""
    short = cross_product("flat", flat, {**LISTS, "number": [10], "other": [1, 2]})
    long = cross_product("flat", flat, {**LISTS, "number": [20, 10], "other": [1, 2, 3]})
    assert {cell.name for cell in short.cells} < {cell.name for cell in long.cells}


def test_sheet_has_the_longest_list_across_and_marks_failed_cells(tmp_path):
    """The gray of a cell identifies its settings; a failed cell is white with a frame."""
    numbers = [40, 10, 20]  # the longest, though not the last
    sweep = cross_product(
        "flat", flat, {**LISTS, "number": numbers, "other": [0, tasks.WRONG - 10]}
    )
    records = run(sweep, tmp_path)
    assert [bool(record["error"]) for record in records] == [False] * 3 + [True] + [False] * 2
    page = contact_sheet(sweep, records, tmp_path).astype(int)
    width, height = 320, 213
    top, left = page.shape[0] - 2 * height - GAP, page.shape[1] - 3 * width - 2 * GAP
    assert (page[: top - GAP] < 128).any()  # the labels of the columns
    assert (page[:, : left - GAP] < 128).any()  # and of the rows
    for i, j in np.ndindex(2, 3):
        y, x = top + i * (height + GAP), left + j * (width + GAP)
        cell = page[y : y + height, x : x + width]
        if (i, j) == (1, 1):
            assert (cell[5, 5] == 255).all()
            assert (cell[0, 0] == (178, 34, 34)).all()
        else:
            assert (cell == numbers[j] + [0, tasks.WRONG - 10][i]).all()


def test_sweep_of_one_cell_has_a_sheet(tmp_path):
    sweep = cross_product("flat", flat, {**LISTS, "number": [10]})
    page = contact_sheet(sweep, run(sweep, tmp_path), tmp_path)
    assert page.shape == (213, 320, 3)
    assert (page == 10).all()


def test_table_has_a_row_for_every_cell(tmp_path):
    sweep = cross_product("flat", flat, {**LISTS, "number": [10, tasks.WRONG]})
    write_results(tmp_path / "r.json", run(sweep, tmp_path))
    first, second = csv.DictReader((tmp_path / "r.csv").read_text().splitlines())
    settings = {"content": "p.png", "style": "a.png", "number": "10"}
    figures = {"reason": "Done.", "error": "", "loss total": "1.0", "loss a": "1.0"}
    assert (settings | figures).items() <= first.items()
    assert second["error"] == "This number is wrong."
    assert second["loss total"] == ""


@pytest.mark.parametrize("text", ["=1+1", "+SUM(A1)", "-2+3", "@x", "\t=1", "\r=1"])
def test_the_table_contains_no_formula_from_a_text(tmp_path, text):
    record = {"cell": text, "settings": {"style": [text], "ratio": -0.5}, "error": text}
    write_results(tmp_path / "results.json", [record])
    with open(tmp_path / "results.csv", newline="", encoding="utf-8") as file:
        (row,) = csv.DictReader(file)
    assert [row["cell"], row["style"], row["error"]] == ["'" + text.replace("\r", " ")] * 3
    assert row["ratio"] == "-0.5"
