"""Whether an average of the last iterates has a lower loss than the last one.

    python benchmarks/average.py [--size 128] [--iterations 100]

A photograph and a style that ship, from the content, the network that ships.
"""

import argparse

from sides import alpha_of_ratio, network, ours, photographs

from nst_numpy.optimizers import OPTIMIZERS, averaged

SPANS = (1, 5, 20)


def loss_of_mean(name, span, size, iterations):
    """The loss of the average over about ``span`` of the last iterates."""
    images, net = photographs(size), network("thin")
    evaluate = ours(net, images, alpha_of_ratio(net, size), None)
    job = evaluate, images[2], (0.0, 255.0), lambda *progress: None, iterations
    x, _ = averaged(OPTIMIZERS[name], span)(*job)
    return evaluate(x.astype(images[2].dtype))[0]


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
