"""The sweep command."""

import csv
import json
import os
import signal

import pytest

from nst_numpy import read_picture
from nst_numpy.cli import main, parser
from nst_numpy.cli.messages import typed_names
from nst_numpy.cli.sweep import lists_of
from nst_numpy.paper import stylize_like
from nst_numpy.transfer.option_definition import recorded_defaults
from nst_numpy.transfer.settings import StylizeSettings

QUICK = ["--size", "32", "--iterations", "1", "--jobs", "1", "-o", "out"]

QUICK_SETTINGS = {"size": 32, "iterations": 1, "init": "content", "style_layers": ["conv1_1"]}


def sweep(*words):
    return main(["sweep", "--content", "p.png", "--style", "a.png", *words, *QUICK])


def test_lists_of_options_give_a_table_and_a_sheet(folder, capsys):
    lists = ["--style", "a.png", "b.png", "--style-layers", "conv1_1", "conv1_1,conv2_1"]
    assert sweep(*lists, "--seed", "0", "1") == 0
    rows = list(csv.DictReader((folder / "out/results.csv").read_text().splitlines()))
    assert len(rows) == 8
    assert {row["style_layers"] for row in rows} == {"conv1_1", "conv1_1,conv2_1"}
    records = json.loads((folder / "out/results.json").read_text())["cells"]
    for row, record in zip(rows, records, strict=True):
        assert float(row["loss total"]) == record["losses"]["total"]
        assert read_picture(f"out/{row['cell']}.png").shape == (24, 32, 3)
    assert read_picture("out/sheet.png").shape[0] > 0
    assert "8 of 8 cells done" in capsys.readouterr().out


def test_failing_cell_gives_a_message_and_exit_code_1(folder, capsys):
    assert sweep("--tv", "0", "1e300") == 1
    captured = capsys.readouterr()
    assert "1 of 2 cells done" in captured.out
    assert "not finite" in captured.err
    rows = list(csv.DictReader((folder / "out/results.csv").read_text().splitlines()))
    assert [bool(row["error"]) for row in rows] == [False, True]


def test_every_option_of_transfer_accepts_a_list():
    """With the same defaults: an option of transfer is automatically one of sweep."""
    defaults = recorded_defaults(StylizeSettings)
    words = ["transfer", "p.png", "a.png", "-o", "out.png"]
    typed = typed_names(parser(), parser().parse_args(words))
    transfer = {n: v for n, v in defaults.items() if n in typed} | {"content": "p.png"}
    words = ["sweep", "--content", "p.png", "--style", "a.png", "-o", "out"]
    arguments = parser().parse_args(words)
    transfer["style"] = "a.png"  # transfer may combine several; in a sweep each has its own cells
    assert lists_of(arguments) == {name: [value] for name, value in transfer.items()}
    assert arguments.convention is None


def test_conventions_keep_their_own_settings(folder):
    """Except for the settings that are given."""
    names = ["paper", "gatys"]
    assert sweep("--convention", *names, "--init", "content", "--style-layers", "conv1_1") == 0
    records = json.loads((folder / "out/results.json").read_text())["cells"]
    assert [record["settings"]["name"] for record in records] == names
    alike = stylize_like("gatys", "p.png", "a.png", **QUICK_SETTINGS)
    assert records[1]["losses"]["total"] == alike.losses[-1]


def test_flags_are_yes_or_no(capsys):
    words = ["sweep", "--content", "p.png", "--style", "a.png", "-o", "out", "--original-weights"]
    assert parser().parse_args([*words, "yes", "no"]).normalized == [False, True]
    with pytest.raises(SystemExit):
        main([*words, "maybe"])
    assert "expected yes or no, got 'maybe'" in capsys.readouterr().err


def test_input_is_not_overwritten(folder, capsys):
    """The contact sheet of a sweep is sheet.png, which is also the input here."""
    (folder / "p.png").rename(folder / "sheet.png")
    before = (folder / "sheet.png").read_bytes()
    words = ["--content", "sheet.png", "--style", "a.png", "--size", "32", "-o", "."]
    assert main(["sweep", *words]) == 2
    assert "is in the folder" in capsys.readouterr().err
    assert (folder / "sheet.png").read_bytes() == before


def test_interruption_says_how_to_run_the_rest(folder, capsys, monkeypatch):
    monkeypatch.setattr(
        "nst_numpy.cli.grid_options.run_grid",
        lambda *_, **how: os.kill(os.getpid(), signal.SIGTERM),
    )
    assert (
        main(["sweep", "--content", "p.png", "--style", "a.png", "-o", "out"])
        == 128 + signal.SIGTERM
    )
    assert "the same command runs the rest" in capsys.readouterr().err
