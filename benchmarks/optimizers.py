"""Measure loss against time for every optimizer.

    pip install -e '.[bench]'
    python benchmarks/optimizers.py [--size 160] [--iterations 200] [--figure optimizers.png]

Square sample pictures, start from the content image, network that ships. Times are processor times
with one thread, so that other processes have little influence.
"""

import argparse
import time
from pathlib import Path

from sides import alpha_of_ratio, network, ours, photographs

from nst_numpy.optimizers import OPTIMIZERS

# Colors of Okabe & Ito, which color-blind people can distinguish; each line also has its own dash.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#000000")
DASHES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)))


def course(name, size, iterations):
    """[(seconds, loss)] at the start and after each iteration, and the number of evaluations."""
    images, net = photographs(size), network("thin")
    evaluate, seen, count = ours(net, images, alpha_of_ratio(net, size), 1), [], 0
    evaluate(images[2])  # loads the kernels
    began = time.process_time()

    def counted(x):
        nonlocal count
        count += 1
        return evaluate(x)

    def record(iteration, x, f):
        seen.append((time.process_time() - began, f))

    OPTIMIZERS[name].minimize(counted, images[2], (0.0, 255.0), record, iterations)
    return seen, count


def draw(courses, path, size):
    """Draw loss against time, both on a logarithmic scale."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(6.4, 4.4), layout="constrained")
    for (name, seen), color, dash in zip(courses.items(), COLORS, DASHES, strict=True):
        seconds, losses = zip(*seen[1:], strict=True)
        axes.loglog(seconds, losses, color=color, linestyle=dash, label=name)
    axes.set_xlabel("processor time (s, one thread)")
    axes.set_ylabel("total loss (no unit)")
    axes.set_title(f"{size} x {size} pixels, from the photograph")
    axes.grid(which="both", color="0.9")
    axes.legend(frameon=False)
    figure.savefig(path, dpi=110)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--figure", default=Path(__file__).with_suffix(".png"))
    o = parser.parse_args()
    courses, counts = {}, {}
    print(
        "| optimizer | evaluations | seconds | lowest loss | seconds to twice the lowest of all |"
    )
    print("|---|---|---|---|---|")
    for name in OPTIMIZERS:
        courses[name], counts[name] = course(name, o.size, o.iterations)
    goal = 2 * min(f for seen in courses.values() for _, f in seen)
    for name, seen in courses.items():
        lowest = min(f for _, f in seen)
        reached = next((f"{seconds:.1f}" for seconds, f in seen if f <= goal), "")
        print(f"| {name} | {counts[name]} | {seen[-1][0]:.1f} | {lowest:.4g} | {reached} |")
    draw(courses, o.figure, o.size)


if __name__ == "__main__":
    main()
