"""What a snapshot costs: its size, and the seconds to write and to read it back.

python benchmarks/snapshots.py [--size 512]
"""

import argparse
import tempfile
import time
from pathlib import Path
from statistics import median

from nst_numpy import stylize
from nst_numpy.pictures.gallery import gallery_picture
from nst_numpy.run.snapshots import keep_snapshot, newest_snapshot

ITERATIONS = 12  # after which L-BFGS has its whole history
TIMES = 5

parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
parser.add_argument("--size", type=int, default=512)
parser.add_argument("--optimizer", default="lbfgs")
arguments = parser.parse_args()
states, times = [None], []


def keep(state):
    states[0] = state
    times.append(state["seconds"])


p, a = gallery_picture("pagoda"), gallery_picture("evening")
how = {"size": arguments.size, "optimizer": arguments.optimizer, "iterations": ITERATIONS}
stylize(p, a, **how, checkpoint=keep)
writing, reading = [], []
with tempfile.TemporaryDirectory(dir=".") as folder:
    for i in range(TIMES):
        began = time.perf_counter()
        path = keep_snapshot(folder, i, {"state": states[0]})
        writing.append(time.perf_counter() - began)
        began = time.perf_counter()
        newest_snapshot(folder)
        reading.append(time.perf_counter() - began)
    size = Path(path).stat().st_size
print(f"{arguments.size} pixels, {arguments.optimizer}: {size / 1e6:.1f} MB")
print(f"write    {median(writing):8.2f} s, {median(writing) / 60:.1%} of a minute")
print(f"read     {median(reading):8.2f} s")
print(f"iterate  {(times[-1] - times[2]) / (ITERATIONS - 2):8.2f} s an iteration")
