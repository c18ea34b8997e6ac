"""What a snapshot costs: its size, and the seconds to write and to read it back.

python benchmarks/snapshots.py [--size 512] [--optimizer lbfgs]
"""

import argparse
import tempfile
import time
from statistics import median

from nst_numpy import stylize
from nst_numpy.images.samples import sample_picture
from nst_numpy.runs.snapshots import newest_snapshot, write_snapshot

ITERATIONS = 12  # after which L-BFGS has its whole history
TIMES = 5


def last_state(size, optimizer):
    """The state of a job after its last iteration, and the seconds of each iteration."""
    state, times = {}, []

    def keep(latest):
        state.update(latest)
        times.append(latest["seconds"])

    p, a = sample_picture("pagoda"), sample_picture("evening")
    how = {"size": size, "optimizer": optimizer, "iterations": ITERATIONS}
    stylize(p, a, **how, checkpoint=keep)
    return state, (times[-1] - times[2]) / (ITERATIONS - 2)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=512)
    parser.add_argument("--optimizer", default="lbfgs")
    o = parser.parse_args()
    state, an_iteration = last_state(o.size, o.optimizer)
    writing, reading = [], []
    with tempfile.TemporaryDirectory(dir=".") as folder:
        for i in range(TIMES):
            began = time.perf_counter()
            path = write_snapshot(folder, i, {"state": state})
            writing.append(time.perf_counter() - began)
            began = time.perf_counter()
            newest_snapshot(folder)
            reading.append(time.perf_counter() - began)
        size = path.stat().st_size
    print(f"{o.size} pixels, {o.optimizer}: {size / 1e6:.1f} MB")
    print(f"write    {median(writing):8.2f} s, {median(writing) / 60:.1%} of a minute")
    print(f"read     {median(reading):8.2f} s")
    print(f"iterate  {an_iteration:8.2f} s an iteration")


if __name__ == "__main__":
    main()
