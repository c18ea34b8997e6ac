"""What every call of the command line must keep to, whatever it is given."""

import hashlib
import os
import stat
from dataclasses import replace

import numpy as np
from PIL import Image

from nst_numpy import write_picture
from nst_numpy.networks import random_network, write_compact

INPUTS = ("p.png", "a.png", "w.h5")
PEAK = 1 << 30  # bytes that a job on pictures of 32 pixels may take, the program included
NOISE = ("Traceback", "<_io", "object at 0x", "Errno", "NoneType", "Error:", "Error(", "<class")
VERDICTS = {("weights", "verify"), ("classroom", "check"), ("learn",)}  # 1: no, it is not right


def write_inputs(folder):
    """Two pictures of 26 x 20 pixels, a mask of two halves, a small network."""
    rng = np.random.default_rng(0)
    for name in INPUTS[:2]:
        write_picture(folder / name, rng.uniform(0, 255, (20, 26, 3)))
    network = random_network((4, 4, 4, 4, 4))
    write_compact(folder / "w.h5", replace(network, normalized=True))


def listing(folder):
    """{path: what is there}, without following links."""
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


def broken_law(words, ended, before, after):
    """The law that a call broke, or None.

    Parameters
    ----------
    words : sequence of str
    ended : forks.Ended
    before, after : dict
        `listing` of its folder.
    """
    if ended.code < 0:
        return f"ended by signal {-ended.code}"
    if ended.peak > PEAK:
        return f"took {ended.peak >> 20} MB"
    if any(noise in ended.out + ended.err for noise in NOISE):
        return "speaks Python"
    written = words[words.index("--output") + 1] if "--output" in words[:-1] else None
    changed = [name for name, content in before.items() if after.get(name) != content]
    if (ended.code != 0 and changed) or any(os.path.normpath(written or ".") != n for n in changed):
        return "changed what was there"
    if any("part" in name for name in after):
        return "left something behind"
    if ended.code == 2:
        late = "standard output" in ended.err  # then all else has been done
        broken = _broken_sentence(ended.err)
        return broken or (after != before and not late and "wrote something") or None
    if ended.code == 1 and ended.out and any(tuple(words[: len(v)]) == v for v in VERDICTS):
        return None if not ended.err else "a verdict, and something else"
    if ended.code == 1 and words[0] in ("sweep", "figure") and "not finite" in ended.err:
        return None  # that is seen when a cell is begun
    return None if ended.code == 0 else f"exit code {ended.code}"


def _broken_sentence(text):
    """Why this is not one sentence of the program."""
    text = text.rsplit("\r", 1)[-1]  # what stands before is a progress bar
    text = text.partition("]\n")[2] if text.lstrip().startswith(("0%", "100%")) else text
    lines = text.splitlines()
    if len(lines) != 1 or not text.endswith("\n"):
        return f"{len(lines)} lines"
    if not text.startswith("nst-numpy"):
        return "does not say who speaks"
    if not lines[0].endswith((".", "--help)")):
        return "does not end as a sentence"
    if len(text) > 2000 or not all(c.isprintable() for c in lines[0]):
        return "is no sentence that one can read"
    return None


def is_whole_picture(path, longer_side):
    """Whether a file is a picture with that many pixels on its longer side, to its last byte."""
    try:
        with Image.open(path) as image:
            image.load()
            return max(image.size) == longer_side
    except OSError:
        return False
