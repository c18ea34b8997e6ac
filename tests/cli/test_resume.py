"""Going on with a run, and all that speaks against it."""

import ctypes
import json
import os
import shutil
import signal
import time
from pathlib import Path

import numpy as np
import pytest
from helpers.quick_commands import transfer
from PIL import Image

import nst_numpy
from nst_numpy.cli import main, run_job, run_options
from nst_numpy.runs.folder_lock import locked
from nst_numpy.utils.errors import NotFinite


@pytest.fixture
def stopped(folder, monkeypatch, capsys):
    """A run of six iterations that was stopped after its third, in this process.

    Another signal comes while the picture is written.
    """

    class Stopping(run_job.ProgressBar):
        def __call__(self, iteration, *rest):
            super().__call__(iteration, *rest)
            if iteration == 4:
                os.kill(os.getpid(), signal.SIGTERM)

    def write(*picture):
        os.kill(os.getpid(), signal.SIGINT)
        nst_numpy.write_picture(*picture)

    assert main(transfer(6, "-o expected.png").split()) == 0
    monkeypatch.setattr(run_job, "ProgressBar", Stopping)
    monkeypatch.setattr(run_job, "write_picture", write)
    assert main(transfer(6, "-o out.png").split()) == 143
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    assert "after 3 iterations. Go on with" in capsys.readouterr().err
    return folder


def test_a_run_is_gone_on_with_from_anywhere(stopped, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["resume", str(stopped / "out.png")]) == 0
    assert (stopped / "out.png").read_bytes() == (stopped / "expected.png").read_bytes()


def test_more_iterations_are_those_of_a_longer_run(stopped):
    assert main(transfer(9, "-o nine.png").split()) == 0
    assert main(["resume", "out.run", "--iterations", "9"]) == 0
    assert (stopped / "out.png").read_bytes() == (stopped / "nine.png").read_bytes()


def test_a_finished_run_says_so(stopped, capsys):
    main(["resume", "out.run"])
    written = (stopped / "out.png").stat().st_mtime_ns
    assert main(["resume", "out.run"]) == 0
    assert "is finished" in capsys.readouterr().out
    assert (stopped / "out.png").stat().st_mtime_ns == written
    record = json.loads((stopped / "out.run" / "run.json").read_text())
    assert (record["finished"]["iterations"], record["settings"]["seed"]) == (6, 0)


def change(path, name, value):
    """Another value at a place in a JSON file."""
    record = json.loads(Path(path).read_text())
    record[name] = {**record[name], **value} if isinstance(value, dict) else value
    Path(path).write_text(json.dumps(record))


RECORD = "out.run/run.json"
MISTAKES = {
    "changed input": (
        lambda: nst_numpy.write_picture("a.png", np.zeros((24, 32, 3))),
        "a.png is not the file any more from which out.png was painted",
    ),
    "no input": (lambda: os.remove("p.png"), "There is no file p.png any more"),
    "no run": (lambda: shutil.rmtree("out.run"), "out.run is no folder of a run"),
    "no record": (lambda: Path(RECORD).write_text("{"), "run.json cannot be read"),
    "another record": (lambda: Path(RECORD).write_text("[1]"), "is not the record of a run"),
    "another job": (lambda: change(RECORD, "job", "bake"), "bake, which this version does not"),
    "another argument": (lambda: change(RECORD, "settings", {"oil": 1}), "argument 'oil'"),
    "a report that is no name": (lambda: change(RECORD, "report", 7), "is not the record of a run"),
    "iterations that are none": (
        lambda: change(RECORD, "settings", {"iterations": "a"}),
        "out.run was made with other settings than there are",
    ),
    "other settings": (lambda: change(RECORD, "settings", {"tv": 2.0}), "its tv is 0.0"),
    "damaged": (
        lambda: Path("out.run/00000003.snapshot").write_bytes(b"nst"),
        "Remove out.run and start the job anew",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_gone_on_with_is_told(stopped, capsys, mistake):
    make, sentence = MISTAKES[mistake]
    make()
    picture = (stopped / "out.png").read_bytes()
    assert main(["resume", "out.run"]) == 2
    assert sentence in capsys.readouterr().err
    assert (stopped / "out.png").read_bytes() == picture


def test_another_version_is_told(stopped, capsys, monkeypatch):
    monkeypatch.setattr("nst_numpy.__version__", "9.9")
    assert main(["resume", "out.run"]) == 0
    assert "nst_numpy 0.1.0 (here 9.9): the picture may differ" in capsys.readouterr().err


def test_a_new_run_does_not_write_over_one_that_is_not_finished(stopped, capsys):
    before = (stopped / "out.png").read_bytes()
    assert main(transfer(6).split()) == 2
    assert "go on with 'nst-numpy resume out.run', or remove" in capsys.readouterr().err
    assert (stopped / "out.png").read_bytes() == before
    shutil.rmtree("out.run")
    assert main(transfer(6).split()) == 0


def test_two_processes_do_not_work_in_one_folder(stopped, capsys):
    with locked(Path("out.run")):
        assert main(["resume", "out.run"]) == 2
    assert "Another process is at work in out.run" in capsys.readouterr().err
    assert main(["resume", "out.run"]) == 0


def test_a_folder_of_something_else_is_left_alone(folder, capsys):
    (folder / "out.run").mkdir()
    (folder / "out.run" / "mine").touch()
    assert main(transfer(2).split()) == 2
    assert main(transfer(2, "-o out.png --run p.png").split()) == 2
    told = capsys.readouterr().err
    assert "out.run holds something else than a run" in told
    assert "p.png cannot be used as a folder" in told
    assert os.listdir("out.run") == ["mine"]


@pytest.mark.parametrize("text", ["", "s", "-1", "1.5", "5d", "soon", "²"])
def test_other_intervals_are_refused(folder, capsys, text):
    with pytest.raises(SystemExit, match="2"):
        main(["transfer", "p.png", "a.png", "-o", "out.png", f"--snapshot-every={text}"])
    assert "as in 60s, 5m, 1h" in capsys.readouterr().err


def test_intervals():
    every = ("7", "0", "60s", "5m", "1h", "0s")
    assert [list(run_options.snapshot_interval(text).values()) for text in every] == [
        *([7], [0], [60], [300], [3600], [0]),
    ]
    assert set(run_options.snapshot_interval("5m")) == {"seconds"}


def test_a_short_job_leaves_nothing_but_the_picture(folder):
    before = set(os.listdir())
    assert main(transfer(2, "-o out.png").split()) == 0
    assert main(transfer(2, "-o other.png --snapshot-every 0").split()) == 0
    assert set(os.listdir()) - before == {"out.png", "other.png"}


def test_numbers_that_are_not_finite_leave_the_last_good_picture(folder, capsys, monkeypatch):
    good = np.full((24, 32, 3), 7, np.uint8)

    def stylize(checkpoint, **settings):
        checkpoint({"iteration": 4, "picture": good})
        raise NotFinite("The loss is not finite in iteration 5.")

    monkeypatch.setitem(run_job.JOBS, "stylize", stylize)
    assert main(transfer(6, "-o out.png").split()) == 2
    told = capsys.readouterr().err
    assert "not finite in iteration 5. out.png holds the best picture so far, after 4" in told
    assert np.array_equal(Image.open("out.png"), good)


def test_a_signal_that_is_swallowed_comes_again(folder, monkeypatch):
    """As in a callback from C, of which the compiler of the kernels has some."""

    @ctypes.CFUNCTYPE(None)
    def callback():
        os.kill(os.getpid(), signal.SIGTERM)
        for _ in range(1000):
            pass

    class Swallowing(run_job.ProgressBar):
        def __call__(self, *progress):
            callback()
            for _ in range(600):
                time.sleep(0.1)

    monkeypatch.setattr(run_job, "ProgressBar", Swallowing)
    assert main(transfer(6, "-o out.png").split()) == 143


def test_a_picture_that_cannot_be_written_is_kept(folder, capsys, monkeypatch):
    """Its folder goes away while it is painted."""
    (folder / "there").mkdir()

    class Removing(run_job.ProgressBar):
        def __exit__(self, *exception):
            (folder / "there").mkdir()

        def __call__(self, *progress):
            shutil.rmtree(folder / "there", ignore_errors=True)

    assert main(transfer(3, "-o expected.png").split()) == 0
    monkeypatch.setattr(run_job, "ProgressBar", Removing)
    assert main(transfer(3, "-o there/out.png --run kept.run").split()) == 2
    monkeypatch.undo()
    monkeypatch.chdir(folder)
    told = capsys.readouterr().err
    assert "there/out.png cannot be written" in told
    assert "Go on with 'nst-numpy resume kept.run'" in told
    assert main(["resume", "kept.run"]) == 0
    assert (folder / "there" / "out.png").read_bytes() == (folder / "expected.png").read_bytes()


def test_a_run_is_gone_on_with_where_it_has_been_moved(folder, monkeypatch, tmp_path_factory):
    """With its pictures, and the report that was asked for; that tells what repeats it."""
    moved = tmp_path_factory.mktemp("moved") / "there"
    before = folder / "before"
    before.mkdir()
    for name in ("p.png", "a.png"):
        shutil.copy(folder / name, before)
    monkeypatch.chdir(before)

    def stop(progress, iteration, *rest):
        if iteration == 2:
            os.kill(os.getpid(), signal.SIGTERM)

    monkeypatch.setattr(run_job.ProgressBar, "__call__", stop)
    assert main(transfer(3, "-o out.png --report out.html --snapshot-every 1").split()) == 143
    monkeypatch.undo()
    before.rename(moved)
    monkeypatch.chdir(folder)
    (moved / "out.png").unlink()
    assert main(["resume", str(moved / "out.run"), "--iterations", "4"]) == 0
    assert (moved / "out.png").exists()
    assert "--snapshot-every 1 --iterations 4" in (moved / "out.html").read_text("utf-8")


def test_what_is_finished_is_neither_gone_on_with_nor_written_over(stopped, capsys):
    main(["resume", "out.run"])
    assert main(["resume", "out.run", "--iterations", "9"]) == 2
    assert "its snapshots are gone: 'nst-numpy rerun out.run' makes it" in capsys.readouterr().err
    record = Path(RECORD).read_text()
    assert main(transfer(2, "-o other.png --run out.run").split()) == 2
    assert "holds the run of" in capsys.readouterr().err
    assert Path(RECORD).read_text() == record
    assert main(transfer(2, "-o out.png --snapshot-every 1").split()) == 0  # its own


def test_a_mistake_leaves_no_folder(folder):
    before = sorted(folder.iterdir())
    words = transfer(2, "-o out.png --snapshot-every 1 --scales 9")
    assert main(words.split()) == 2
    assert sorted(folder.iterdir()) == before


def test_a_picture_for_which_there_is_no_place_any_more_is_put_elsewhere(
    folder, capsys, monkeypatch
):
    (folder / "gone").mkdir()
    (folder / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder / "temporary"))

    def remove(*progress):
        shutil.rmtree(folder / "gone", ignore_errors=True)

    monkeypatch.setattr(run_job.ProgressBar, "__call__", remove)
    assert main(transfer(2, "-o gone/out.png").split()) == 2
    (picture,) = (folder / "temporary").iterdir()
    assert f"The picture is in {picture}." in capsys.readouterr().err
    assert nst_numpy.read_picture(picture).shape == (24, 32, 3)
