"""Coarse to fine beside one scale: the time to equal loss, and the pictures at that loss.

    python benchmarks/scales.py [--sizes 512 1024] [--inits noise content] [--sheet scales.jpg]

A photograph and a style that ship, the network that ships. One scale runs its --iterations, which
gives the loss L; then the same job runs at eight, four and two times smaller sizes before, and ends
when it reaches L. Times are of the processor, with one thread, so that other work on the machine
counts little; they begin with the call and hold the targets of every scale.
"""

import argparse
import contextlib
import time

from nst_numpy import stylize, write_picture
from nst_numpy.images import make_contact_sheet, scaled_size
from nst_numpy.images.samples import sample_picture
from nst_numpy.transfer.prepare_network import prepare_network

COARSER = ((8, 60), (4, 40), (2, 25))  # how many times smaller, and how many iterations


class ReachedError(Exception):
    """The loss is low enough."""


def timed(size, before=0, goal=None, **job):
    """Seconds, iterations after ``before``, loss and picture, at the end or once at ``goal``."""
    began, seen = time.process_time(), []

    def record(iteration, picture, L, terms):
        seen[:] = time.process_time() - began, iteration - before, L, picture
        if goal is not None and goal >= L and max(picture.shape) == size:
            raise ReachedError

    with contextlib.suppress(ReachedError):
        stylize(size=size, threads=1, callback=record, **job)
    return seen


def compare(size, init, iterations, pictures, network):
    """Print a row; return both pictures."""
    p, a = pictures
    job = {"content": p, "style": a, "init": init, "weights": network, "iterations": iterations}
    seconds, _, L, alone = timed(size, **job)
    scales = [(size // factor, n) for factor, n in COARSER]
    before = sum(n for _, n in scales)
    refined, n, reached, fine = timed(size, before, L, scales=scales, **job)
    told = f"{refined:.1f} ({n})" if reached <= L else f"not within {iterations}"
    ratio = f"**{refined / seconds:.2f}**" if reached <= L else ""
    single = f"{size} | {init} | {iterations} | {L:.4g} | {seconds:.1f}"
    print(f"| {single} | {told} | {ratio} |", flush=True)
    return [alone, fine]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[512, 1024])
    parser.add_argument("--inits", nargs="+", default=["noise", "content"])
    parser.add_argument("--iterations", type=int, default=100)
    parser.add_argument("--sheet")
    o = parser.parse_args()
    pictures = sample_picture("pagoda"), sample_picture("evening")
    network, rows = prepare_network("tiny"), []
    print(
        "| pixels | init | iterations | L | s, one scale | s, coarse to fine (fine its) | ratio |"
    )
    print("|---|---|---|---|---|---|---|")
    for size in o.sizes:
        rows += [compare(size, init, o.iterations, pictures, network) for init in o.inits]
    if o.sheet:
        write_picture(o.sheet, make_contact_sheet(rows, scaled_size(480, pictures[0].shape)))


if __name__ == "__main__":
    main()
