"""Thousands of wrong calls of the real command line: done, or one sentence and code 2, soon.

Every call is a process of its own (`forks`) in a folder of its own, and keeps to `laws`. NST_FUZZ
is how many there are, 150 if it is not set, 3,000 where CI is; `pytest -s` prints how they ended.
"""

import os
import shutil
from collections import Counter
from itertools import cycle, islice

import corpus
import forks
import laws
import numpy as np
import pytest
import wrong
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from nst_numpy.cli import parser

CALLS = int(os.environ.get("NST_FUZZ") or (3000 if os.environ.get("CI") else 150))
SHARES = {"pictures": 0.35, "names": 0.15, "outputs": 0.1, "options": 0.3, "together": 0.1}
OFFLINE = {"NST_MIRROR": "http://127.0.0.1:9", "NST_CACHE": "cache", "NST_WEIGHTS": "w.h5"}
NETWORK = ["--weights", "w.h5"]

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


@pytest.fixture(scope="module")
def inputs(tmp_path_factory):
    """What lies in the folder of every call."""
    folder = tmp_path_factory.mktemp("inputs")
    laws.write_inputs(folder)
    Image.new("RGB", (26, 20), "red").save(folder / "m.png")
    (folder / "text.txt").write_text("no picture\n")
    (folder / "empty.png").touch()
    (folder / "folder").mkdir()
    shutil.copy(folder / "p.png", folder / "folder" / "q.png")
    return folder


@pytest.fixture(scope="module")
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
            if "--help" not in words and not laws.is_whole_picture(written, 26):
                broken = "wrote another picture than it should"
        return ended, broken


def judge(kind, calls, nst_numpy):
    """Make the share of all calls that a kind has, and fail with those that broke a law."""
    many, counts, failures = round(CALLS * SHARES[kind]), Counter(), []
    for what, words, *more in islice(calls, many):
        ended, broken = nst_numpy(words, *more[:1], **(more[1] if len(more) > 1 else {}))
        counts[{0: "done", 1: "judged"}.get(ended.code, "told")] += 1
        if broken:
            failures.append(f"{what}: {words} {broken}: {ended.code} {ended.err[-600:]!r}")
    print(f"\n{kind}: {many} calls, {dict(counts)}, {len(failures)} against the law")
    assert not failures, "\n".join(failures[:20])


def placed(role, name):
    """The words of a call with a file in some role."""
    words = [word.format(name) for word in corpus.ROLES[role]]
    quick = [] if role == "reconstruct" else ["--style-layers", "conv1_1"]
    network = [] if role == "weights" else NETWORK
    return [*words, *corpus.QUICK, *quick, *network]


def pictures(rng):
    """Damaged pictures of every kind, in every role."""
    whole = corpus.wholes(rng)
    every = whole | corpus.sizes() | corpus.bombs()
    damages = {"cut": corpus.cut, "flipped": corpus.flipped, "lying": corpus.lying}
    roles = [role for role in corpus.ROLES if role != "weights"]
    rest = list(every)
    while True:
        if rest and rng.integers(4) == 0:
            what = rest.pop(rng.integers(len(rest)))
            content = every[what]
        else:
            name, damage = rng.choice(list(whole)), rng.choice(list(damages))
            what, content = f"{name} {damage}", damages[damage](whole[name], rng)
        role = str(rng.choice(roles))
        yield f"{what} as {role}", placed(role, "x.png"), writing("x.png", content)


def writing(name, content):
    """Put a file into the folder."""
    return lambda folder: (folder / name).write_bytes(content)


def test_pictures(nst_numpy):
    judge("pictures", pictures(np.random.default_rng(1)), nst_numpy)


def names(rng):
    """Things that are no files, and files with odd names."""
    while True:
        role = str(rng.choice(list(corpus.ROLES)))
        if rng.integers(2):
            kind = str(rng.choice(corpus.BROUGHT))
            name = "p.png/x.png" if kind == "inside a file" else "x.png"
            user = {"user": forks.NOBODY} if kind == "unreadable" and os.getuid() == 0 else {}
            yield f"{kind} as {role}", placed(role, name), bringing(kind, name, rng), user
        else:
            name = corpus.NAMES[rng.integers(len(corpus.NAMES))]
            encoding = {"encoding": str(rng.choice(["utf-8", "ascii", "latin-1"]))}
            typed = f"./{name}" if name.startswith("-") else name
            yield f"{name!r} as {role}", placed(role, typed), copying(name), encoding


def bringing(kind, name, rng):
    """Put something that is no picture into the folder."""
    return lambda folder: corpus.bring(kind, folder / name, rng)


def copying(name):
    """Put a picture into the folder under another name."""
    return lambda folder: shutil.copy(folder / "p.png", folder / name)


def test_names(nst_numpy):
    judge("names", names(np.random.default_rng(2)), nst_numpy)


OUTPUTS = [
    *("none/out.png", "folder", "folder.png", "p.png", "./p.png", "link.png", "hard.png", "out"),
    *("out.xyz", "", ".", "/", "x" * 300 + ".png", "/dev/full", "/dev/null", "full.png", "\n.png"),
    *("pipe.png", "p.png/out.png", "/proc/out.png", "out.tar.png", "\udcff.png", "-x.png", "a.png"),
    *("out.PNG", "out.jpg", "out.webp", "out.tif", "out.bmp", "w.h5", "loop.png", "out.png\x07"),
]


def outputs(rng):
    """Places of every kind for the result; a full disk; an output that nobody takes."""
    words = [
        "transfer",
        "p.png",
        "a.png",
        "--style-layers",
        "conv1_1",
        *NETWORK,
        *corpus.QUICK[:-2],
    ]
    full, closed = {"stdout": "/dev/full"}, {"stdout": "closed"}
    ways = [{}, {}, {}, {"user": forks.NOBODY}, {"file": 1500}, full, closed, {"encoding": "ascii"}]
    for name in cycle(OUTPUTS):
        how = ways[rng.integers(len(ways))]
        yield f"into {name!r} {how}", [*words, f"--output={name}", "--output", name], places, how


def places(folder):
    """Names that lead elsewhere."""
    (folder / "folder.png").mkdir()
    (folder / "link.png").symlink_to("p.png")
    os.link(folder / "p.png", folder / "hard.png")
    (folder / "full.png").symlink_to("/dev/full")
    (folder / "loop.png").symlink_to("loop.png")
    os.mkfifo(folder / "pipe.png")


def test_outputs(nst_numpy):
    judge("outputs", outputs(np.random.default_rng(3)), nst_numpy)


def options(rng):
    """One wrong value, in all commands alike: a command has as many calls as its parser has."""
    calls = list(wrong.one_wrong(parser()))
    rng.shuffle(calls)
    return cycle([tuple(call) for call in calls])


def test_options(nst_numpy):
    judge("options", options(np.random.default_rng(4)), nst_numpy)


def test_together(nst_numpy):
    """Several wrong values at once, found by hypothesis."""
    commands = [(words, leaf) for words, leaf in wrong.leaves(parser()) if wrong.settable(leaf)]

    @settings(
        max_examples=round(CALLS * SHARES["together"]),
        derandomize=True,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def check(data):
        words, leaf = data.draw(st.sampled_from(commands))
        actions = [a for a in wrong.settable(leaf) if a.nargs != 0]
        given = data.draw(
            st.dictionaries(
                st.sampled_from([a.dest for a in actions]),
                st.lists(st.sampled_from(wrong.VALUES), min_size=1, max_size=2),
                min_size=min(2, len(actions)),
                max_size=min(4, len(actions)),
            )
        )
        call = wrong.call(words, leaf, given)
        ended, law = nst_numpy(call)
        assert law is None, (call, law, ended)

    check()


TRANSFER = ["transfer", "p.png", "a.png", *NETWORK, *corpus.QUICK]
LAPLACIAN = ["--content-loss", "laplacian"]
SWEEP = ["sweep", "--content", "p.png", "--style", "a.png", "--jobs", "1", "-o", "sweep"]
FIGURE = ["figure", "3", "p.png", "a.png", "--jobs", "1", *NETWORK, "-o", "figure"]


@pytest.mark.parametrize(
    ("words", "how", "code", "told"),
    [
        ([*TRANSFER, "--iter", "1"], {}, 2, "unrecognized arguments: --iter 1"),
        ([*TRANSFER, "--style-weights", "1"], {}, 2, "--style-weights needs one number for each"),
        ([*TRANSFER, "--scales", "1" + 30 * "0"], {}, 2, "use fewer --scales"),
        ([*TRANSFER, "--iterations", "1" + 30 * "0"], {}, 2, "--iterations must be a whole number"),
        ([*TRANSFER, "--seed", "9" * 5000], {}, 2, "--seed: expected a whole number"),
        ([*TRANSFER, "--style-loss=--"], {}, 2, "--style-loss: expected a value"),
        ([*TRANSFER, "--content-layer", "x\x1b[31m"], {}, 2, r"'x\x1b[31m'"),
        ([*TRANSFER, "--seed", "3"], {}, 0, "--seed changes nothing here"),
        ([*TRANSFER, *LAPLACIAN, "--content-layer", "conv1_1"], {}, 0, "sees no layer"),
        (["transfer", "a.png", *TRANSFER[1:], "--style-blend", "1e308,1e308"], {}, 0, "loss"),
        ([*TRANSFER, "--content-mask", "tall.png", "--style-mask", "m.png"], {}, 2, "proportions"),
        (["transfer", "pipe.png", *TRANSFER[2:]], {}, 2, "pipe.png is a pipe or a device"),
        ([*TRANSFER, "--output", "pipe.png"], {}, 2, "pipe.png is a pipe or a device"),
        ([*TRANSFER, "--output", "x" * 300 + ".png"], {}, 2, "File name too long"),
        (TRANSFER, {"file": 1500}, 2, "out.png cannot be written: File too large"),
        (TRANSFER, {"stdout": "closed"}, 0, "loss"),
        (TRANSFER, {"stdout": "/dev/full"}, 2, "standard output cannot be written: No space"),
        (
            ["weights", "verify", "g\u0144.png"],
            {"encoding": "ascii"},
            2,
            "no weights file g\\u0144",
        ),
        (["weights", "verify", "\udcff"], {}, 2, r"no weights file \udcff"),
        (["weights", "normalize", "w.h5", "-o", "n.h5", "--images", "x" * 300], {}, 2, "no folder"),
        (["learn", "1", "--folder", "x" * 300], {}, 2, "File name too long"),
        (["classroom", "init", "x" * 300], {}, 2, "File name too long"),
        ([*SWEEP, "--content-layer", "conv4_2", "conv4_9"], {}, 2, "did you mean conv4_4"),
        ([*SWEEP, "--init", "none.png"], {}, 2, "--init 'none.png' is neither"),
        ([*SWEEP, "--style-mask", "m.png"], {}, 2, "style mask but no content mask"),
        ([*SWEEP, "--jobs", "999"], {}, 2, "999 jobs of 1 threads"),
        ([*FIGURE, "--style-scale", "0"], {}, 2, "--style-scale must be a number above 0"),
        ([*FIGURE, "--weights", "none.h5"], {}, 2, "no weights file none.h5"),
    ],
)
def test_what_was_found_before(nst_numpy, words, how, code, told):
    ended, broken = nst_numpy(words, more_places, **how)
    assert broken is None, ended
    assert ended.code == code, ended
    assert told in ended.err


def more_places(folder):
    """A pipe, and a mask of other proportions than the picture's."""
    os.mkfifo(folder / "pipe.png")
    Image.new("RGB", (20, 26), "red").save(folder / "tall.png")
