"""Every target of speed and memory beside what is measured, in one table.

    python benchmarks/targets.py [--only evaluation memory job optimizer compile imports linear]

Takes an hour, most of it for 300 iterations at full width. Ratios are ours / PyTorch's.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from functools import cache

import jobs
import speed

OURS, LAYOUTS = "nst_numpy", ["PyTorch channels_last", "PyTorch contiguous"]
RIVALS = ["PyTorch", "PyTorch strong_wolfe"]
FIRST = """
import numpy as np
from nst_numpy import stylize
p, a = np.random.default_rng(0).uniform(0, 255, (2, 64, 64, 3))
stylize(p, a, size=64, iterations=2)
"""


@cache
def sides(size, width):
    """Our and PyTorch's better (seconds, peak MB) of one evaluation."""
    table = speed.compare([OURS, *LAYOUTS], size, width, 7, 2)
    ours = table.pop(OURS)
    return ours[:2], tuple(min(row[i] for row in table.values()) for i in (0, 1))


def evaluation():
    """Time of an evaluation."""
    for width, must, aim in (("full", 0.65, 0.5), ("thin", 0.8, 0.5)):
        for size in (512, 1024):
            (ours, _), (theirs, _) = sides(size, width)
            yield f"evaluation, {size}, {width} (ratio)", must, aim, ours / theirs


def memory():
    """Peak memory above the start of the process."""
    (_, ours), (_, theirs) = sides(1024, "full")
    yield "peak memory, 1024, full (ratio)", 0.6, 0.35, ours / theirs


def job():
    """The whole job, at equal final loss, against the better of PyTorch's L-BFGS."""
    for width, must, aim in (("thin", 1.0, 0.6), ("full", 0.65, 0.4)):
        times = jobs.times_to_equal_loss(
            jobs.race(["nst_numpy lbfgs", *RIVALS], width, 512, 2, 300)
        )
        ratio = times.pop("nst_numpy lbfgs") / min(times.values())
        yield f"job of 300 iterations, 512, {width} (ratio)", must, aim, ratio


def optimizer():
    """The optimizer's own share of an iteration."""
    for name in ("nst_numpy lbfgs", "nst_numpy lbfgsb"):
        rows = jobs.race([name], "full", 512, 2, 30)[name]
        seconds, inside, _ = (later - early for later, early in zip(rows[-1], rows[4], strict=True))
        yield f"share of {name[10:]}, 512, full", 0.2, 0.1, 1 - inside / seconds


def compile():
    """Seconds that the first and the second run take for import and kernels."""
    with tempfile.TemporaryDirectory() as cache:
        first, second, third = (run_first(cache) for _ in range(3))
    yield "first run: seconds compiling", 20, 8, first - third
    yield "second run: import and load, seconds", 2, 1, min(second, third)


def run_first(cache):
    """Seconds of a process that does a job of two iterations with 64 pixels."""
    began = time.perf_counter()
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    subprocess.run([sys.executable, "-c", FIRST], check=True, env=environment)
    return time.perf_counter() - began


def imports():
    """Seconds of a process that only imports, in which Python's own start is a part."""
    libraries = median_seconds("-c", "import numpy, scipy.optimize, numba")
    own = median_seconds("-c", "import nst_numpy")
    yield "import nst_numpy, seconds", 1, 0.5, own
    yield "the same over numpy, scipy.optimize and numba (ratio)", 1, None, own / libraries
    yield "nst-numpy --help, seconds", 1.5, 1, median_seconds("-m", "nst_numpy", "--help")


def median_seconds(*arguments):
    """Of nine processes of Python."""
    times = []
    for _ in range(9):
        began = time.perf_counter()
        subprocess.run([sys.executable, *arguments], check=True, stdout=subprocess.DEVNULL)
        times.append(time.perf_counter() - began)
    return statistics.median(times)


def linear():
    """Cost for each pixel from 256 to 2048, above and below their mean."""
    for width in ("thin", "full"):
        cost = []
        for size in (256, 512, 1024, 2048):
            seconds = speed.compare([OURS], size, width, 7 if size < 2048 else 3, 2)[OURS][0]
            cost.append(seconds / size**2)
        mean = statistics.mean(cost)
        deviation = max(abs(c / mean - 1) for c in cost)
        yield f"cost of a pixel, 256 to 2048, {width}: deviation", 0.15, None, deviation


PARTS = (evaluation, memory, job, optimizer, compile, imports, linear)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    names = [part.__name__ for part in PARTS]
    parser.add_argument("--only", nargs="+", choices=names, default=names)
    only = parser.parse_args().only
    print("| what | must | aim | measured | |\n|---|---|---|---|---|")
    for part in PARTS:
        for what, must, aim, measured in part() if part.__name__ in only else ():
            verdict = (
                "aim met" if aim and measured <= aim else "met" if measured <= must else "missed"
            )
            print(f"| {what} | {must} | {aim or ''} | {measured:.2f} | {verdict} |", flush=True)


if __name__ == "__main__":
    main()
