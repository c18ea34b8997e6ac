"""The real command line, in a fresh folder for each call."""

import os
import shutil

import pytest
from helpers import cli_invariants as laws
from helpers import fork_server as forks
from PIL import Image

OFFLINE = {"NST_MIRROR": "http://127.0.0.1:9", "NST_CACHE": "cache", "NST_WEIGHTS": "w.h5"}


@pytest.fixture(scope="session")
def inputs(tmp_path_factory):
    """What lies in the folder of every call."""
    folder = tmp_path_factory.mktemp("inputs")
    laws.write_inputs(folder)
    Image.new("RGB", (26, 20), "red").save(folder / "m.png")
    (folder / "text.txt").write_text("no picture\n")
    (folder / "empty.png").touch()
    (folder / "folder").mkdir()
    (folder / "cache").mkdir()  # of networks, which is there to stay
    shutil.copy(folder / "p.png", folder / "folder" / "q.png")
    return folder


@pytest.fixture(scope="session")
def nst_numpy(inputs, tmp_path_factory):
    """The command line, in a fresh folder for each call; what it broke is a list in the end."""
    home = tmp_path_factory.mktemp("server")
    shutil.copytree(inputs, home, dirs_exist_ok=True)
    command_line = forks.CommandLine(home)
    yield Caller(command_line, inputs, tmp_path_factory.mktemp("calls") / "here")
    command_line.close()


class Caller:
    """Calls the command line and judges how it ended."""

    def __init__(self, command_line, inputs, folder):
        self.command_line, self.inputs, self.folder = command_line, inputs, folder

    def __call__(self, words, prepare=lambda folder: None, **how):
        """(how it ended, the law that was broken or None)."""
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(self.inputs, self.folder)
        os.chmod(self.folder, 0o777)
        prepare(self.folder)
        before = laws.listing(self.folder)
        ended = self.command_line(words, self.folder, env=OFFLINE, **how)
        broken = laws.broken_law(words, ended, before, laws.listing(self.folder))
        if not broken and ended.code == 0 and words[0] in ("transfer", "reconstruct"):
            written = self.folder / words[words.index("--output") + 1]
            if "--help" not in words and not laws.is_whole_picture(
                written, int(words[words.index("--size") + 1])
            ):
                broken = "wrote another picture than it should"
        return ended, broken
