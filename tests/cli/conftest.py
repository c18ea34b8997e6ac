"""Fixtures that call the command line in a new folder for each call."""

import os
import shutil

import pytest
from helpers import cli_invariants as invariants
from helpers import fork_server
from PIL import Image

OFFLINE = {"NST_MIRROR": "http://127.0.0.1:9", "NST_CACHE": "cache", "NST_WEIGHTS": "w.h5"}


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """A folder with the files that every call finds."""
    folder = tmp_path_factory.mktemp("inputs")
    invariants.write_inputs(folder)
    Image.new("RGB", (26, 20), "red").save(folder / "m.png")
    (folder / "text.txt").write_text("no picture\n")
    (folder / "empty.png").touch()
    (folder / "folder").mkdir()
    (folder / "cache").mkdir()  # of networks; it remains between calls
    shutil.copy(folder / "p.png", folder / "folder" / "q.png")
    return folder


@pytest.fixture(scope="session")
def nst_numpy(inputs, tmp_path_factory):
    """The command line, called in a new folder each time."""
    home = tmp_path_factory.mktemp("server")
    shutil.copytree(inputs, home, dirs_exist_ok=True)
    command_line = fork_server.CommandLine(home)
    yield Caller(command_line, inputs, tmp_path_factory.mktemp("calls") / "here")
    command_line.close()


class Caller:
    """Calls the command line and checks its invariants."""

    def __init__(self, command_line, inputs, folder):
        self.command_line, self.inputs, self.folder = command_line, inputs, folder

    def __call__(self, words, prepare=lambda folder: None, **how):
        """Return how the call ended, and the invariant that it violated or None."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.inputs, self.folder)
        os.chmod(self.folder, 0o777)
        prepare(self.folder)
        before = invariants.listing(self.folder)
        ended = self.command_line(words, self.folder, env=OFFLINE, **how)
        violated = invariants.violated_invariant(
            words, ended, before, invariants.listing(self.folder)
        )
        if not violated and ended.code == 0 and words[0] in ("transfer", "reconstruct"):
            written = self.folder / words[words.index("--output") + 1]
            if "--help" not in words and not invariants.is_complete_picture(
                written, int(words[words.index("--size") + 1])
            ):
                violated = "wrote a picture of another size"
        return ended, violated
