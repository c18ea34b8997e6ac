"""Compare time and memory of one evaluation with PyTorch.

    python benchmarks/speed.py [--sizes 256 512 1024] [--widths full thin] [--rounds 7]

Each side is a process of its own. The sides take turns, round by round, so that other load on the
machine affects all of them. The table has the median time of the rounds, the peak memory of the
process above its start, and the ratio of the package to the better of PyTorch's two layouts.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path


def resident():
    """Return the memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() / 2**20


def serve(side, size, width, threads):
    """Evaluate once for each line on stdin, and print seconds, peak MB, loss and |gradient|."""
    start = resident()
    import numpy as np
    from sides import ALPHA, SIDES, network, pictures

    images = pictures(size)
    evaluate, x = SIDES[side](network(width), images, ALPHA, threads), images[2]
    for _ in sys.stdin:
        began = time.perf_counter()
        L, g = evaluate(x)
        seconds = time.perf_counter() - began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - start
        print(seconds, peak, L, float(np.linalg.norm(g)), flush=True)


def compare(sides, size, width, rounds, threads):
    """Return {side: (median seconds, peak MB, loss, |gradient|)}. The sides take turns."""
    command = [sys.executable, __file__, "--threads", str(threads), "--serve"]
    servers = {
        side: subprocess.Popen(
            [*command, side, str(size), width],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for side in sides
    }
    seconds, last = {side: [] for side in sides}, {}
    for round_number in range(rounds + 1):
        for side, server in servers.items():
            print(file=server.stdin, flush=True)
            first, *last[side] = map(float, server.stdout.readline().split())
            if round_number:  # round 0 compiles and is not timed
                seconds[side].append(first)
    for server in servers.values():
        server.stdin.close()
        server.wait()
    return {side: (statistics.median(seconds[side]), *last[side]) for side in sides}


def main():
    from sides import SIDES

    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[256, 512, 1024])
    parser.add_argument("--widths", nargs="+", default=["full", "thin"])
    parser.add_argument("--sides", nargs="+", choices=SIDES, default=list(SIDES))
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--serve", nargs=3, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        side, size, width = arguments.serve
        return serve(side, int(size), width, arguments.threads)
    print("| width | pixels | side | ms | MB | loss | gradient |\n|---|---|---|---|---|---|---|")
    for width in arguments.widths:
        for size in arguments.sizes:
            table = compare(arguments.sides, size, width, arguments.rounds, arguments.threads)
            for side, (seconds, peak, L, g) in table.items():
                job = f"| {width} | {size} | {side} "
                print(f"{job}| {seconds * 1e3:.0f} | {peak:.0f} | {L:.6g} | {g:.6g} |")
            ms, mb, *_ = table.pop("nst_numpy")
            if table:
                time_ratio = ms / min(row[0] for row in table.values())
                memory_ratio = mb / min(row[1] for row in table.values())
                job = f"| {width} | {size} | **ratio** "
                print(f"{job}| **{time_ratio:.2f}** | **{memory_ratio:.2f}** |||", flush=True)


if __name__ == "__main__":
    main()
