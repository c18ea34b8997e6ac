"""Invariants of every call of the command line, for any arguments."""

import hashlib
import os
import stat
from dataclasses import replace

import numpy as np
from PIL import Image

from nst_numpy import write_picture
from nst_numpy.networks import random_network, write_compact

INPUTS = ("p.png", "a.png", "w.h5")
PEAK = 1 << 30  # bytes of memory for a job on pictures of 32 pixels, including the program
NOISE = ("Traceback", "<_io", "object at 0x", "Errno", "NoneType", "Error:", "Error(", "<class")
VERDICTS = {
    ("weights", "verify"),
    ("classroom", "check"),
    ("learn",),
}  # commands that exit with 1 for a negative result


def write_inputs(folder):
    """Two pictures of 26 x 20 pixels, a mask of two halves, a small network."""
    rng = np.random.default_rng(0)
    for name in INPUTS[:2]:
        write_picture(folder / name, rng.uniform(0, 255, (20, 26, 3)))
    network = random_network((4, 4, 4, 4, 4))
    write_compact(folder / "w.h5", replace(network, normalized=True))


def listing(folder):
    """{path: kind or checksum} of everything in a folder, without following links."""
    found = {}
    for root, folders, files in os.walk(folder):
        for name in [*folders, *files]:
            path = os.path.join(root, name)
            mode = os.lstat(path).st_mode
            content = stat.S_IFMT(mode)
            if stat.S_ISREG(mode):
                with open(path, "rb") as file:
                    content = hashlib.sha256(file.read()).hexdigest()
            found[os.path.relpath(path, folder)] = content
    return found


def violated_invariant(words, ended, before, after):
    """Describe the invariant that a call violated, or return None.

    Parameters
    ----------
    words : sequence of str
    ended : fork_server.Ended
    before, after : dict
        `listing` of its folder before and after the call.
    """
    if ended.code < 0:
        return f"ended by signal {-ended.code}"
    if ended.peak > PEAK:
        return f"used {ended.peak >> 20} MB"
    if any(noise in ended.out + ended.err for noise in NOISE):
        return "shows Python's internals"
    written = words[words.index("--output") + 1] if "--output" in words[:-1] else None
    changed = [name for name, content in before.items() if after.get(name) != content]
    if (ended.code != 0 and changed) or any(os.path.normpath(written or ".") != n for n in changed):
        return "changed an existing file"
    if any("part" in name for name in after):
        return "left a temporary file"
    if ended.code == 2:
        late = "standard output" in ended.err  # then the command has finished its work
        malformed = _malformed_message(ended.err)
        return malformed or (after != before and not late and "wrote a file") or None
    if ended.code == 1 and ended.out and any(tuple(words[: len(v)]) == v for v in VERDICTS):
        return None if not ended.err else "reports a negative result and an error"
    if ended.code == 1 and words[0] in ("sweep", "figure") and "not finite" in ended.err:
        return None  # found when a job starts
    return None if ended.code == 0 else f"exit code {ended.code}"


def _malformed_message(text):
    """Why an error output is not one sentence of the program, or None."""
    text = text.rsplit("\r", 1)[-1]  # the text before is a progress bar
    text = text.partition("]\n")[2] if text.lstrip().startswith(("0%", "100%")) else text
    lines = text.splitlines()
    if len(lines) != 1 or not text.endswith("\n"):
        return f"{len(lines)} lines"
    if not text.startswith("nst-numpy"):
        return "does not begin with the program's name"
    if not lines[0].endswith((".", "--help)")):
        return "does not end with a full stop"
    if len(text) > 2000 or not all(c.isprintable() for c in lines[0]):
        return "is too long or not printable"
    return None


def is_complete_picture(path, longer_side):
    """Whether a file is an undamaged picture with this many pixels on its longer side."""
    try:
        with Image.open(path) as image:
            image.load()
            return max(image.size) == longer_side
    except OSError:
        return False
