"""Compare the loss of an average of the last iterates with the loss of the last iterate.

    python benchmarks/average.py [--size 128] [--iterations 100]

Sample pictures, start from the content image, network that ships.
"""

import argparse

from sides import alpha_of_ratio, network, ours, photographs

from nst_numpy.optimizers import OPTIMIZERS, update_average

SPANS = (1, 5, 20)


def loss_of_mean(name, span, size, iterations):
    """The loss of an average over about ``span`` of the last iterates."""
    images, net = photographs(size), network("thin")
    evaluate = ours(net, images, alpha_of_ratio(net, size), None)
    mean, weight = images[2], 0.0

    def record(iteration, x, f):
        nonlocal mean, weight
        if iteration:
            mean, weight = update_average(mean, weight, x, span)

    OPTIMIZERS[name].minimize(evaluate, images[2], (0.0, 255.0), record, iterations)
    return evaluate(mean)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--iterations", type=int, default=100)
    o = parser.parse_args()
    print("| optimizer | last iterate |", *(f"mean over {span} |" for span in SPANS[1:]))
    print("|---" * (1 + len(SPANS)) + "|")
    for name in OPTIMIZERS:
        losses = (f"{loss_of_mean(name, span, o.size, o.iterations):.4g} |" for span in SPANS)
        print(f"| {name} |", *losses, flush=True)


if __name__ == "__main__":
    main()
