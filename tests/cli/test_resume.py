"""Resuming a run, and the cases in which that is an error."""

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
from nst_numpy.cli import transfer as transfer_command
from nst_numpy.runs.folder_lock import locked
from nst_numpy.runs.snapshots import write_snapshot
from nst_numpy.utils.errors import NotFinite


@pytest.fixture
def stopped(folder, monkeypatch, capsys):
    """A run of six iterations that was interrupted after its third, in this process.

    Another signal arrives while the picture is written.
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
    assert "after 3 iterations. Resume with" in capsys.readouterr().err
    return folder


def test_resume_works_in_any_working_directory(stopped, monkeypatch, tmp_path_factory):
    monkeypatch.chdir(tmp_path_factory.mktemp("elsewhere"))
    assert main(["resume", str(stopped / "out.png")]) == 0
    assert (stopped / "out.png").read_bytes() == (stopped / "expected.png").read_bytes()


def test_resume_with_more_iterations_equals_a_longer_run(stopped):
    assert main(transfer(9, "-o nine.png").split()) == 0
    assert main(["resume", "out.run", "--iterations", "9"]) == 0
    assert (stopped / "out.png").read_bytes() == (stopped / "nine.png").read_bytes()


def test_resuming_a_finished_run_changes_nothing(stopped, capsys):
    main(["resume", "out.run"])
    written = (stopped / "out.png").stat().st_mtime_ns
    assert main(["resume", "out.run"]) == 0
    assert "is finished" in capsys.readouterr().out
    assert (stopped / "out.png").stat().st_mtime_ns == written
    record = json.loads((stopped / "out.run" / "run.json").read_text())
    assert (record["finished"]["iterations"], record["settings"]["seed"]) == (6, 0)


def change(path, name, value):
    """Change a value in a JSON file."""
    record = json.loads(Path(path).read_text())
    record[name] = {**record[name], **value} if isinstance(value, dict) else value
    Path(path).write_text(json.dumps(record))


RECORD = "out.run/run.json"
MISTAKES = {
    "changed input": (
        lambda: nst_numpy.write_picture("a.png", np.zeros((24, 32, 3))),
        "a.png has changed since out.png was made from it",
    ),
    "no input": (
        lambda: os.remove("p.png"),
        "The file p.png, from which out.png was made, is missing",
    ),
    "no run": (lambda: shutil.rmtree("out.run"), "out.run is not the folder of a run"),
    "no record": (lambda: Path(RECORD).write_text("{"), "run.json cannot be read"),
    "another record": (lambda: Path(RECORD).write_text("[1]"), "is not the record of a run"),
    "another job": (lambda: change(RECORD, "job", "bake"), "the kind 'bake', which this version"),
    "another argument": (lambda: change(RECORD, "settings", {"oil": 1}), "does not know: oil"),
    "a report that is no name": (lambda: change(RECORD, "report", 7), "is not the record of a run"),
    "iterations that are none": (
        lambda: change(RECORD, "settings", {"iterations": "a"}),
        "out.run has settings that this version of nst_numpy does not know: --iterations must be",
    ),
    "other settings": (lambda: change(RECORD, "settings", {"tv": 2.0}), "its tv is 0.3"),
    "damaged": (
        lambda: Path("out.run/00000003.snapshot").write_bytes(b"nst"),
        "Remove out.run and start the job again",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_run_that_cannot_be_resumed_is_an_error(stopped, capsys, mistake):
    make, sentence = MISTAKES[mistake]
    make()
    picture = (stopped / "out.png").read_bytes()
    assert main(["resume", "out.run"]) == 2
    assert sentence in capsys.readouterr().err
    assert (stopped / "out.png").read_bytes() == picture


def test_another_version_gives_a_warning(stopped, capsys, monkeypatch):
    monkeypatch.setattr("nst_numpy.__version__", "9.9")
    assert main(["resume", "out.run"]) == 0
    assert (
        "nst_numpy 0.1.0 (here 9.9): the last bits of the picture may differ"
        in capsys.readouterr().err
    )


def test_new_run_does_not_overwrite_an_unfinished_one(stopped, capsys):
    before = (stopped / "out.png").read_bytes()
    assert main(transfer(6).split()) == 2
    assert "resume it with 'nst-numpy resume out.run', or remove" in capsys.readouterr().err
    assert (stopped / "out.png").read_bytes() == before
    shutil.rmtree("out.run")
    assert main(transfer(6).split()) == 0


def test_two_processes_cannot_use_one_folder(stopped, capsys):
    with locked(Path("out.run")):
        assert main(["resume", "out.run"]) == 2
    assert "Another process is working in out.run" in capsys.readouterr().err
    assert main(["resume", "out.run"]) == 0


def test_folder_with_other_files_is_left_alone(folder, capsys):
    (folder / "out.run").mkdir()
    (folder / "out.run" / "mine").touch()
    assert main(transfer(2).split()) == 2
    assert main(transfer(2, "-o out.png --run p.png").split()) == 2
    messages = capsys.readouterr().err
    assert "out.run contains files that do not belong to a run" in messages
    assert "p.png cannot be used as a folder" in messages
    assert os.listdir("out.run") == ["mine"]


@pytest.mark.parametrize("text", ["", "s", "-1", "1.5", "5d", "soon", "²"])
def test_invalid_intervals_are_errors(folder, capsys, text):
    with pytest.raises(SystemExit, match="2"):
        main(["transfer", "p.png", "a.png", "-o", "out.png", f"--snapshot-every={text}"])
    assert "as in 60s, 5m, 1h" in capsys.readouterr().err


def test_intervals():
    """(iterations, seconds) from one snapshot to the next."""
    every = ("7", "0", "60s", "5m", "1h", "0s")
    expected = [(7, 0), (0, 0), (0, 60), (0, 300), (0, 3600), (0, 0)]
    assert [run_options.snapshot_interval(text) for text in every] == expected


def test_short_job_writes_only_the_picture(folder):
    before = set(os.listdir())
    assert main(transfer(2, "-o out.png").split()) == 0
    assert main(transfer(2, "-o other.png --snapshot-every 0").split()) == 0
    assert set(os.listdir()) - before == {"out.png", "other.png"}


def test_nonfinite_numbers_keep_the_best_picture_so_far(folder, capsys, monkeypatch):
    good = np.full((24, 32, 3), 7, np.uint8)

    def stylize(checkpoint, **settings):
        checkpoint({"iteration": 4, "picture": good})
        raise NotFinite("The loss is not finite in iteration 5.")

    monkeypatch.setattr(transfer_command, "stylize", stylize)
    assert main(transfer(6, "-o out.png").split()) == 2
    messages = capsys.readouterr().err
    assert "not finite in iteration 5. out.png holds the best picture so far, after 4" in messages
    assert np.array_equal(Image.open("out.png"), good)


def test_swallowed_signal_is_sent_again(folder, monkeypatch):
    """Python swallows it in a callback from C, such as those of the kernel compiler."""

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


def test_picture_that_cannot_be_written_is_kept_in_a_snapshot(folder, capsys, monkeypatch):
    """Its folder is removed during the job."""
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
    messages = capsys.readouterr().err
    assert "there/out.png cannot be written" in messages
    assert "Resume with 'nst-numpy resume kept.run'" in messages
    assert main(["resume", "kept.run"]) == 0
    assert (folder / "there" / "out.png").read_bytes() == (folder / "expected.png").read_bytes()


def test_moved_run_is_resumed_at_its_new_place(folder, monkeypatch, tmp_path_factory):
    """With its pictures and its report, which shows the command that repeats the job."""
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


def test_finished_run_is_neither_continued_nor_overwritten(stopped, capsys):
    main(["resume", "out.run"])
    assert main(["resume", "out.run", "--iterations", "9"]) == 2
    assert (
        "Its snapshots have been removed: repeat it with 'nst-numpy rerun out.run'"
        in capsys.readouterr().err
    )
    record = Path(RECORD).read_text()
    assert main(transfer(2, "-o other.png --run out.run").split()) == 2
    assert "contains the run of" in capsys.readouterr().err
    assert Path(RECORD).read_text() == record
    assert main(transfer(2, "-o out.png --snapshot-every 1").split()) == 0  # its own


def test_invalid_job_leaves_no_folder(folder):
    before = sorted(folder.iterdir())
    words = transfer(2, "-o out.png --snapshot-every 1 --scales 9")
    assert main(words.split()) == 2
    assert sorted(folder.iterdir()) == before


def test_picture_that_cannot_be_written_is_kept_in_the_temporary_folder(
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


def interrupting(at, before=lambda: None):
    """A progress bar that does something before it sends SIGTERM after some iterations."""

    def call(progress, iteration, *rest):
        if iteration == at:
            before()
            os.kill(os.getpid(), signal.SIGTERM)

    return call


def test_interrupted_job_without_its_folder_keeps_the_picture(folder, capsys, monkeypatch):
    (folder / "gone").mkdir()
    (folder / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder / "temporary"))
    stop = interrupting(3, before=lambda: shutil.rmtree(folder / "gone"))
    monkeypatch.setattr(run_job.ProgressBar, "__call__", stop)
    assert main(transfer(6, "-o gone/out.png").split()) == 143
    (picture,) = (folder / "temporary").iterdir()
    assert f"The picture is in {picture}." in capsys.readouterr().err
    assert nst_numpy.read_picture(picture).shape == (24, 32, 3)


def test_advice_names_the_iteration_of_an_older_snapshot(folder, capsys, monkeypatch):
    def fail(*arguments):
        raise OSError(28, "No space left on device")

    def full():
        monkeypatch.setattr("nst_numpy.runs.run_folder.write_snapshot", fail)

    monkeypatch.setattr(run_job.ProgressBar, "__call__", interrupting(4, before=full))
    assert main(transfer(6, "-o out.png --snapshot-every 2").split()) == 143
    sentence = "No space left on device. The last snapshot is that of iteration 2: resume with"
    assert sentence in capsys.readouterr().err


def test_advice_does_not_offer_the_start(folder, capsys, monkeypatch):
    def fail(path, iteration, *rest):
        if iteration:
            raise OSError(28, "No space left on device")
        return write_snapshot(path, iteration, *rest)

    monkeypatch.setattr("nst_numpy.runs.run_folder.write_snapshot", fail)
    monkeypatch.setattr(run_job.ProgressBar, "__call__", interrupting(4))
    assert main(transfer(6, "-o out.png --snapshot-every 1").split()) == 143
    messages = capsys.readouterr().err
    assert "The only snapshot is that of the start." in messages
    assert "esume with" not in messages


def test_removed_run_folder_is_created_again(folder, monkeypatch):
    monkeypatch.setattr(
        run_job.ProgressBar,
        "__call__",
        lambda progress, iteration, *rest: iteration == 2 and shutil.rmtree("out.run"),
    )
    monkeypatch.setattr("nst_numpy.runs.run_folder.remove_snapshots", lambda folder: None)
    assert main(transfer(4, "-o out.png --snapshot-every 1").split()) == 0
    assert Path("out.run/00000004.snapshot").exists()
    assert json.loads(Path(RECORD).read_text())["finished"]["iterations"] == 4


def test_failing_report_says_that_the_picture_is_written(folder, capsys, monkeypatch):
    (folder / "pages").mkdir()
    monkeypatch.setattr(
        run_job.ProgressBar,
        "__call__",
        lambda progress, *rest: shutil.rmtree(folder / "pages", ignore_errors=True),
    )
    assert main(transfer(2, "-o out.png --report pages/out.html").split()) == 2
    messages = capsys.readouterr().err
    assert "pages" in messages
    assert "The picture out.png is written." in messages
    assert nst_numpy.read_picture("out.png").shape == (24, 32, 3)
