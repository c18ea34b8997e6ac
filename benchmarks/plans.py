"""What `nst-numpy plan` says beside what then happens.

    python benchmarks/plans.py [--jobs tiny:512 tiny:1024:480 full:512] [--iterations 30]

A job is network:size or network:size:budget in MB. Plan and job run in processes of their own, on
the photograph that ships; memory is the peak above the process with the package imported.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from dataclasses import replace

from sides import WIDTHS
from speed import resident

JOBS = ["tiny:512", "tiny:1024", "tiny:1024:480", "tiny:2048", "full:512", "full:1024"]


def setting(job):
    """The arguments of `plan` and `stylize` that both share."""
    from nst_numpy.networks import random_network

    name, size, *memory = job.split(":")
    # Said to be normalized, so that no second network of that size is made and held.
    weights = name
    if name == "full":
        weights = replace(random_network(WIDTHS["full"]), normalized=True)
    return {"size": int(size), "weights": weights, "memory": float(*memory) if memory else None}


def predict(job, path):
    """What the plan says: MB, seconds an iteration, rows of a strip."""
    from nst_numpy.plan import plan

    said = plan(path, **setting(job))
    return said.memory, said.seconds_per_iteration, said.rows or ""


def do(job, path, iterations):
    """What the job takes: peak MB, seconds an iteration."""
    from nst_numpy import stylize

    start, times = resident(), []
    stylize(
        path,
        path,
        init="noise",
        iterations=iterations,
        callback=lambda *_: times.append(time.perf_counter()),
        **setting(job),
    )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - start
    return peak, (times[-1] - times[0]) / iterations


def in_process(*arguments):
    """The numbers that this script prints in another process."""
    done = subprocess.run(
        [sys.executable, __file__, *arguments], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--jobs", nargs="+", default=JOBS)
    parser.add_argument("--iterations", type=int, default=30)
    for option in ("--predict", "--do"):
        parser.add_argument(option, help=argparse.SUPPRESS)
    o = parser.parse_args()
    from nst_numpy.pictures import gallery

    path = f"{gallery.__path__[0]}/pagoda.jpg"
    if o.predict:
        return print(json.dumps(predict(o.predict, path)))
    if o.do:
        return print(json.dumps(do(o.do, path, o.iterations)))
    print("| job | rows | MB, plan | MB | ratio | s an iteration, plan | s | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for job in o.jobs:
        mb, s, rows = in_process("--predict", job)
        mb_then, s_then = in_process("--do", job, "--iterations", str(o.iterations))
        memory = f"{mb:.0f} | {mb_then:.0f} | {mb / mb_then:.2f}"
        print(
            f"| {job} | {rows} | {memory} | {s:.2f} | {s_then:.2f} | {s / s_then:.2f} |", flush=True
        )


if __name__ == "__main__":
    main()
