"""Thousands of wrong calls of the real command line: done, or one sentence and code 2, soon.

Every call is a process of its own (`forks`) in a folder of its own, and keeps to `laws`. NST_FUZZ
is how many there are, 150 if it is not set, 3,000 where CI is; `pytest -s` prints how they ended.
"""

import os
import shutil
from collections import Counter
from itertools import cycle, islice

import numpy as np
import pytest
from helpers import fork_server as forks
from helpers import image_corpus as corpus
from helpers import wrong_values as wrong
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nst_numpy.cli import parser

CALLS = int(os.environ.get("NST_FUZZ") or (3000 if os.environ.get("CI") else 150))
SHARES = {"pictures": 0.35, "names": 0.15, "outputs": 0.1, "options": 0.3, "together": 0.1}
NETWORK = ["--weights", "w.h5"]
KINDS = {0: "done", 1: "judged"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def judge(kind, calls, nst_numpy):
    """Make the share of all calls that a kind has, and fail with those that broke a law."""
    many, counts, failures = round(CALLS * SHARES[kind]), Counter(), []
    for what, words, *more in islice(calls, many):
        ended, broken = nst_numpy(words, *more[:1], **(more[1] if len(more) > 1 else {}))
        counts[KINDS.get(ended.code, "told")] += 1
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
    one_layer = ["--style-layers", "conv1_1"]
    words = ["transfer", "p.png", "a.png", *one_layer, *NETWORK, *corpus.QUICK[:-2]]
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
    """Several values at once, most of them in place, found by hypothesis."""
    counts = Counter()
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
        chosen = data.draw(st.lists(st.sampled_from(actions), min_size=1, max_size=6, unique=True))
        given = {}
        for a in chosen:
            values = wrong.VALUES if data.draw(st.integers(0, 9)) == 9 else wrong.plausible(a)
            given[a.dest] = data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
        call = wrong.call(words, leaf, given)
        ended, law = nst_numpy(call)
        assert law is None, (call, law, ended)
        counts[KINDS.get(ended.code, "told")] += 1

    check()
    print(f"\ntogether: {sum(counts.values())} calls, {dict(counts)}, 0 against the law")
