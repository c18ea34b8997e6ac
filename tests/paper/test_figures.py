"""The figures of the paper: their cells, and the sheets that the command writes."""

import json

import h5py
import numpy as np
import pytest

from nst_numpy import read_picture
from nst_numpy.cli import main
from nst_numpy.images.contact_sheet import GAP
from nst_numpy.networks.shipped_weights import shipped_weights_path
from nst_numpy.paper.figures import RATIOS, figure1, figure2, figure3
from nst_numpy.transfer.recipe import PAPER_STYLE_LAYERS

QUICK = ["--size", "32", "--iterations", "1", "--jobs", "1", "-o", "out"]


def figure(*words):
    return main(["figure", *words, *QUICK])


def test_figure_1_reconstructs_content_from_one_layer_and_style_from_all_up_to_it():
    style, content = figure1("p.png", "a.png").rows
    assert [cell.settings["layer"] for cell in content] == list(PAPER_STYLE_LAYERS)
    assert {cell.settings["picture"] for cell in content} == {"p.png"}
    for n, cell in enumerate(style, start=1):
        assert cell.settings == {"picture": "a.png", "layers": PAPER_STYLE_LAYERS[:n]}


def test_figure_2_has_the_photograph_and_one_cell_per_style():
    made = figure2("p.png", ["a.png", "b.png", "a.png"])
    assert [len(row) for row in made.rows] == [3, 1]
    assert made.rows[0][0] == "p.png"
    assert [cell.settings["style"] for cell in made.cells] == ["a.png", "b.png", "a.png"]
    assert len({cell.name for cell in made.cells}) == 3


def test_figure_3_has_layers_by_ratios():
    rows = figure3("p.png", "a.png").rows
    for n, row in enumerate(rows, start=1):
        assert {cell.settings["style_layers"] for cell in row} == {PAPER_STYLE_LAYERS[:n]}
        assert tuple(cell.settings["ratio"] for cell in row) == RATIOS
    assert len(rows) == 5


@pytest.mark.parametrize(
    ("words", "rows", "columns", "cells"),
    [
        (["1", "p.png", "a.png"], 2, 5, 10),
        (["2", "p.png", "a.png", "b.png"], 1, 3, 2),
        (["3", "p.png", "a.png", "--ratios", "1e-3,1e-2"], 5, 2, 10),
    ],
)
def test_command_writes_sheet_pictures_and_settings(folder, words, rows, columns, cells):
    assert figure(*words, "--pdf") == 0
    name = f"out/figure{words[0]}"
    page = read_picture(f"{name}.png")
    assert page.shape[0] >= rows * 24 + (rows - 1) * GAP
    assert page.shape[1] >= columns * 32 + (columns - 1) * GAP
    table = json.loads((folder / f"{name}.json").read_text())
    assert len(table["cells"]) == cells == len(list(folder.glob(f"{name}-*.png")))
    for record in table["cells"]:
        assert record["error"] is None
        assert record["losses"]["total"] > 0
        assert record["settings"]["iterations"] == 1
    assert (folder / f"{name}.pdf").read_bytes().startswith(b"%PDF")
    corner = read_picture(f"out/{table['cells'][-1]['cell']}.png")
    if words[0] != "2":  # whose pictures have letters on them
        assert np.array_equal(page[-24:, -32:], corner)


def test_pictures_of_figure_2_are_made_as_in_the_paper(folder):
    assert figure("2", "p.png", "a.png") == 0
    (cell,) = json.loads((folder / "out/figure2.json").read_text())["cells"]
    made = {name: cell["settings"][name] for name in ("init", "preconditioner", "tv", "padding")}
    assert made == {"init": "white-noise", "preconditioner": "none", "tv": 0, "padding": "zero"}
    assert tuple(cell["settings"]["style_layers"]) == PAPER_STYLE_LAYERS


def test_figure_continues_after_an_interruption(folder):
    words = ["2", "p.png", "a.png", "b.png"]
    assert figure(*words) == 0
    cell, sheet = folder / "out/figure2-B-a.png", (folder / "out/figure2.png").read_bytes()
    (folder / "out/figure2-C-b.png").unlink()
    before = cell.stat().st_mtime_ns
    assert figure(*words) == 0
    assert cell.stat().st_mtime_ns == before
    assert (folder / "out/figure2.png").read_bytes() == sheet


@pytest.fixture
def network_to_conv4_4(folder):
    with h5py.File(shipped_weights_path("tiny.h5")) as whole, h5py.File("part.h5", "w") as part:
        for name in whole:
            if not name.startswith("block5"):
                whole.copy(name, part)
        part.attrs.update(whole.attrs)
    return ["--weights", "part.h5"]


def test_missing_layers_are_an_error_or_left_out_with_partial(folder, network_to_conv4_4, capsys):
    words = ["3", "p.png", "a.png", "--ratios", "1e-3", *network_to_conv4_4]
    assert figure(*words) == 2
    message = capsys.readouterr().err
    assert "no conv5_1, so these parts of figure3 cannot be made: figure3-conv5_1-0.001" in message
    assert not list(folder.glob("out/*.png"))
    assert figure(*words, "--partial") == 0
    assert len(list(folder.glob("out/figure3-*.png"))) == 4
    table = json.loads((folder / "out/figure3.json").read_text())
    assert table["left_out"] == {"figure3-conv5_1-0.001": "Not made: no conv5_1."}
    assert figure(*words, "--partial", "--content-layer", "conv5_1") == 2
    assert "no part of figure3 can be made" in capsys.readouterr().err


def test_failing_cell_is_marked_and_the_rest_is_made(folder, capsys):
    (folder / "cut.png").write_bytes((folder / "a.png").read_bytes()[:-300])  # its header is whole
    assert figure("2", "p.png", "cut.png", "b.png") == 1
    assert "figure2-B-cut failed: " in capsys.readouterr().err
    page = read_picture("out/figure2.png")
    assert (page[0, 32 + GAP] == (178, 34, 34)).all()
    assert (folder / "out/figure2-C-b.png").exists()


def test_missing_pictures_are_an_error_before_any_cell_runs(folder, capsys):
    for words in (["3", "none.png", "a.png"], ["1", "p.png", "none.png"]):
        assert figure(*words) == 2
        assert "There is no picture none.png." in capsys.readouterr().err
        assert not list(folder.glob("out/*"))
