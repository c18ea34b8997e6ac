"""Real processes that are killed, interrupted or out of disk space resume to the same bytes."""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers.quick_commands import transfer
from PIL import Image

from nst_numpy.cli import main
from nst_numpy.images.metadata import read_metadata
from nst_numpy.runs.snapshots import read_tree, snapshots

KILLS = int(os.environ.get("NST_KILLS", 10))
TESTS = Path(__file__).parents[1]
LONG = 60  # iterations of a job that is still running when it is interrupted in its third


@pytest.fixture(scope="module")
def server():
    """``tests/helpers/crash_server.py``: ``send(words, ...)`` runs a command in its own process."""
    one = {"PYTHONPATH": str(TESTS.parent), "NST_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    server = subprocess.Popen(
        [sys.executable, TESTS / "helpers/crash_server.py"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | one,
    )

    def send(words, **how):
        command = {"words": words.split(), "folder": os.getcwd(), **how}
        print(json.dumps(command), file=server.stdin, flush=True)
        return json.loads(server.stdout.readline())

    yield send
    server.communicate()


@pytest.fixture
def command(folder, server):
    """The server, its kernels loaded, in a folder with pictures."""
    server(transfer(2, "-o warm.png"), warm=True)
    return server


def check_whole(folder, run="out.run"):
    """Every file under its final name can be read completely."""
    for path in snapshots(folder / run):
        with path.open("rb") as file:
            assert read_tree(file)["state"]["picture"].shape == (24, 32, 3)
    if (folder / run / "run.json").exists():
        json.loads((folder / run / "run.json").read_text())
    if (folder / "out.png").exists():
        Image.open(folder / "out.png").load()


def test_run_killed_at_any_moment_resumes_to_the_same_bytes(folder, command):
    """Killed at the start, or some time after a snapshot, and again while it resumes."""
    rng, resumed = random.Random(0), 0
    an_iteration = command(transfer(6))["seconds"] / 8
    expected = (folder / "out.png").read_bytes()
    for _ in range(KILLS):
        (folder / "out.png").unlink(missing_ok=True)
        shutil.rmtree(folder / "out.run", ignore_errors=True)
        moment = [
            "output.txt" if rng.random() < 0.1 else f"out.run/{rng.randrange(6):08}.snapshot",
            "",
        ]
        command(transfer(6), until=moment, after=rng.uniform(0, an_iteration))
        check_whole(folder)
        resumed += bool(snapshots(folder / "out.run"))
        begun = (folder / "out.run" / "run.json").exists()
        words = "resume out.run --snapshot-every 1" if begun else transfer(6)
        command(words, after=rng.uniform(0, 4 * an_iteration))
        check_whole(folder)
        begun = (folder / "out.run" / "run.json").exists()
        again = command("resume out.run" if begun else transfer(6))
        assert again["code"] == 0, again["output"]
        assert (folder / "out.png").read_bytes() == expected
        assert sorted(os.listdir(folder / "out.run")) == [".lock", "run.json"]
        assert not list(folder.glob(".*"))
    assert resumed > KILLS / 2


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_signal_keeps_the_best_picture_and_a_snapshot(folder, command, number):
    command(transfer(LONG, "-o expected.png"))
    third = "out.run/00000003.snapshot", ""
    stopped = command(transfer(LONG), until=third, signals=[number, number, number])
    assert stopped["code"] == 128 + number
    assert "Traceback" not in stopped["output"]
    assert "Resume with 'nst-numpy resume out.run'." in stopped["output"]
    iteration = read_metadata("out.png")["interrupted"]
    (*_, last) = snapshots("out.run")
    with last.open("rb") as file:
        state = read_tree(file)["state"]
    assert state["iteration"] == iteration
    assert 3 <= iteration < LONG
    assert np.array_equal(Image.open("out.png"), state["picture"])
    assert command("resume out.run")["code"] == 0
    assert (folder / "out.png").read_bytes() == (folder / "expected.png").read_bytes()


@pytest.fixture(params=["largest file", "disk"])
def full_disk(request, folder):
    """(run's folder, bytes of the largest file): the first snapshots fit, the later ones do not."""
    if request.param == "largest file":
        yield "out.run", 100_000
        return
    disk = folder / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=500k", "none", str(disk)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("no file system can be mounted here")
    yield "disk/run", None
    subprocess.run(["umount", "-l", str(disk)], check=True)


def test_on_a_full_disk_the_job_continues_and_keeps_the_earlier_snapshot(
    folder, command, full_disk
):
    run, largest = full_disk
    command(transfer(LONG, "-o expected.png"))
    words = transfer(LONG, f"-o out.png --run {run} --snapshot-every 1")
    done = command(words, largest=largest)
    assert done["code"] == 0
    assert done["output"].count("No snapshot could be written") == 1
    assert (folder / "out.png").read_bytes() == (folder / "expected.png").read_bytes()
    warning = "output.txt", "No snapshot"
    stopped = command(words, largest=largest, until=warning, signals=[signal.SIGTERM])
    assert stopped["code"] == 128 + signal.SIGTERM
    assert f"resume {run}" in stopped["output"]
    check_whole(folder, run)
    assert not list((folder / run).glob("*.part"))
    assert command(f"resume {run}", largest=largest)["code"] == 0
    assert (folder / "out.png").read_bytes() == (folder / "expected.png").read_bytes()


def test_any_number_of_threads_computes_the_same_bytes(folder, command):
    command(transfer(3, "-o one.png --threads 1"))
    assert main(transfer(3, "-o two.png --threads 2").split()) == 0
    assert (folder / "one.png").read_bytes() == (folder / "two.png").read_bytes()


def test_interruption_during_the_import_gives_no_traceback(folder):
    program = """if True:
        import builtins, os, signal, sys
        signal.signal(signal.SIGINT, signal.default_int_handler)  # not what a shell has set
        from nst_numpy_command import main

        class Interrupt:
            def find_spec(self, name, *rest):
                if name == "nst_numpy.cli":
                    os.kill(os.getpid(), signal.%s)

        sys.meta_path.insert(0, Interrupt())
        main()
    """
    for name in ("SIGINT", "SIGTERM"):
        number = getattr(signal, name)
        python = [sys.executable, "-c", program % name]
        environment = os.environ | {"PYTHONPATH": str(TESTS.parent)}
        ended = subprocess.run(python, capture_output=True, env=environment)
        assert (ended.returncode, ended.stderr) == (128 + number, b"\nnst-numpy: interrupted.\n")
