"""Thousands of invalid calls: each succeeds, or fails within a time limit with one sentence.

Every call runs in its own process (`helpers.fork_server`) and folder, and is checked against
`helpers.cli_invariants`. NST_FUZZ is the number of calls, by default 3000 in CI and 150 elsewhere.
`pytest -s` prints the exit codes.
"""

import os
import shutil
from collections import Counter
from itertools import cycle, islice

import numpy as np
import pytest
from helpers import fork_server, option_values
from helpers import image_corpus as corpus
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nst_numpy.cli import parser

CALLS = int(os.environ.get("NST_FUZZ") or (3000 if os.environ.get("CI") else 150))
SHARES = {"pictures": 0.35, "names": 0.15, "outputs": 0.1, "options": 0.3, "together": 0.1}
NETWORK = ["--weights", "w.h5"]
OUTCOMES = {0: "done", 1: "negative result"}

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")


def check_calls(kind, calls, nst_numpy):
    """Make a kind's share of all calls; fail if one of them violates an invariant."""
    many, counts, failures = round(CALLS * SHARES[kind]), Counter(), []
    for what, words, *more in islice(calls, many):
        ended, violated = nst_numpy(words, *more[:1], **(more[1] if len(more) > 1 else {}))
        counts[OUTCOMES.get(ended.code, "error")] += 1
        if violated:
            failures.append(f"{what}: {words} {violated}: {ended.code} {ended.err[-600:]!r}")
    print(f"\n{kind}: {many} calls, {dict(counts)}, {len(failures)} violations")
    assert not failures, "\n".join(failures[:20])


def words_with(role, name):
    """Words of a call that uses a file in a role."""
    words = [word.format(name) for word in corpus.ROLES[role]]
    quick = [] if role == "reconstruct" else ["--style-layers", "conv1_1"]
    network = [] if role == "weights" else NETWORK
    return [*words, *corpus.QUICK, *quick, *network]


def pictures(rng):
    """Damaged images of every kind, in every role."""
    valid = corpus.valid_files(rng)
    every = valid | corpus.sizes() | corpus.bombs()
    damages = {
        "truncated": corpus.truncated,
        "flipped": corpus.flipped,
        "mislabeled": corpus.mislabeled,
    }
    roles = [role for role in corpus.ROLES if role != "weights"]
    rest = list(every)
    while True:
        if rest and rng.integers(4) == 0:
            what = rest.pop(rng.integers(len(rest)))
            content = every[what]
        else:
            name, damage = rng.choice(list(valid)), rng.choice(list(damages))
            what, content = f"{name} {damage}", damages[damage](valid[name], rng)
        role = str(rng.choice(roles))
        yield f"{what} as {role}", words_with(role, "x.png"), writing("x.png", content)


def writing(name, content):
    """Return a function that writes a file into a folder."""
    return lambda folder: (folder / name).write_bytes(content)


def test_damaged_images(nst_numpy):
    check_calls("pictures", pictures(np.random.default_rng(1)), nst_numpy)


def names(rng):
    """Paths that are not images, and files with unusual names."""
    while True:
        role = str(rng.choice(list(corpus.ROLES)))
        if rng.integers(2):
            kind = str(rng.choice(corpus.OBSTACLES))
            name = "p.png/x.png" if kind == "inside a file" else "x.png"
            user = {"user": fork_server.NOBODY} if kind == "unreadable" and os.getuid() == 0 else {}
            yield f"{kind} as {role}", words_with(role, name), placing(kind, name, rng), user
        else:
            name = corpus.NAMES[rng.integers(len(corpus.NAMES))]
            encoding = {"encoding": str(rng.choice(["utf-8", "ascii", "latin-1"]))}
            typed = f"./{name}" if name.startswith("-") else name
            yield f"{name!r} as {role}", words_with(role, typed), copying(name), encoding


def placing(kind, name, rng):
    """Return a function that creates something other than an image in a folder."""
    return lambda folder: corpus.place(kind, folder / name, rng)


def copying(name):
    """Return a function that copies an image to another name."""
    return lambda folder: shutil.copy(folder / "p.png", folder / name)


def test_unusual_files_and_names(nst_numpy):
    check_calls("names", names(np.random.default_rng(2)), nst_numpy)


OUTPUTS = [
    *("none/out.png", "folder", "folder.png", "p.png", "./p.png", "link.png", "hard.png", "out"),
    *("out.xyz", "", ".", "/", "x" * 300 + ".png", "/dev/full", "/dev/null", "full.png", "\n.png"),
    *("pipe.png", "p.png/out.png", "/proc/out.png", "out.tar.png", "\udcff.png", "-x.png", "a.png"),
    *("out.PNG", "out.jpg", "out.webp", "out.tif", "out.bmp", "w.h5", "loop.png", "out.png\x07"),
]


def outputs(rng):
    """Output files of every kind, a full disk and a closed standard output."""
    one_layer = ["--style-layers", "conv1_1"]
    words = ["transfer", "p.png", "a.png", *one_layer, *NETWORK, *corpus.QUICK[:-2]]
    full, closed = {"stdout": "/dev/full"}, {"stdout": "closed"}
    ways = [
        {},
        {},
        {},
        {"user": fork_server.NOBODY},
        {"file": 1500},
        full,
        closed,
        {"encoding": "ascii"},
    ]
    for name in cycle(OUTPUTS):
        how = ways[rng.integers(len(ways))]
        yield (
            f"into {name!r} {how}",
            [*words, f"--output={name}", "--output", name],
            special_files,
            how,
        )


def special_files(folder):
    """Create folders, links and pipes under the names of output files."""
    (folder / "folder.png").mkdir()
    (folder / "link.png").symlink_to("p.png")
    os.link(folder / "p.png", folder / "hard.png")
    (folder / "full.png").symlink_to("/dev/full")
    (folder / "loop.png").symlink_to("loop.png")
    os.mkfifo(folder / "pipe.png")


def test_unusual_outputs(nst_numpy):
    check_calls("outputs", outputs(np.random.default_rng(3)), nst_numpy)


def options(rng):
    """Calls with one invalid value, in random order over all commands."""
    calls = list(option_values.one_invalid(parser()))
    rng.shuffle(calls)
    return cycle([tuple(call) for call in calls])


def test_one_invalid_value(nst_numpy):
    check_calls("options", options(np.random.default_rng(4)), nst_numpy)


def test_several_values_at_once(nst_numpy):
    """Several values at once, most of them valid, chosen by hypothesis."""
    counts = Counter()
    commands = [
        (words, leaf)
        for words, leaf in option_values.leaves(parser())
        if option_values.settable(leaf)
    ]

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
        actions = [a for a in option_values.settable(leaf) if a.nargs != 0]
        chosen = data.draw(st.lists(st.sampled_from(actions), min_size=1, max_size=6, unique=True))
        given = {}
        for a in chosen:
            values = (
                option_values.VALUES
                if data.draw(st.integers(0, 9)) == 9
                else option_values.plausible(a)
            )
            given[a.dest] = data.draw(st.lists(st.sampled_from(values), min_size=1, max_size=2))
        call = option_values.call(words, leaf, given)
        ended, violated = nst_numpy(call)
        assert violated is None, (call, violated, ended)
        counts[OUTCOMES.get(ended.code, "error")] += 1

    check()
    print(f"\ntogether: {sum(counts.values())} calls, {dict(counts)}, 0 violations")
