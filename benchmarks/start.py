"""How much start, pooling and normalization of the weights change the picture; and a sheet.

    python benchmarks/start.py [--weights FILE] [--size 128] [--iterations 150] [--sheet FILE]

[Gatys et al. 2015] start from white noise and use average pooling and normalized weights. Here one
photograph gets one style from five starts (noise of three seeds, the content, the style), with
each of three objectives: the paper's, with max pooling, with the weights as they are in the
file. The last needs a network that is not normalized yet, which the one that ships is.

Printed are the losses at the end, comparable within an objective only, and mean absolute
differences between pictures, in levels of 0..255. The sheet has a row for each objective.
"""

import argparse

import numpy as np

from nst_numpy import load_network, stylize, write_picture
from nst_numpy.images import make_contact_sheet, scaled_size
from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.transfer.prepare_network import prepare_network

STARTS = {
    "noise 0": {"init": "noise", "seed": 0},
    "noise 1": {"init": "noise", "seed": 1},
    "noise 2": {"init": "noise", "seed": 2},
    "content": {"init": "content"},
    "style": {"init": "style"},
}
OBJECTIVES = {
    "paper": {},
    "max pooling": {"pooling": "max"},
    "original weights": {"normalized": False},
}


def difference(x, y):
    """Mean absolute difference of two pictures, 0..255."""
    return f"{np.abs(x.astype(float) - y).mean():.1f}"


def row(*cells):
    """Print a row of a table."""
    print("|", " | ".join(cells), "|", flush=True)


def head(*cells):
    """Print the head of a table."""
    print()
    row(*cells)
    row(*["---"] * len(cells))


def paint(p, a, job, networks, objectives):
    """{(objective, start): picture} of all jobs; prints their losses."""
    x = {}
    head("objective", "start", "loss at the start", "at the end", "content", "style")
    for objective, of_objective in objectives.items():
        network = networks[of_objective.get("normalized", True)]
        for start, of_start in STARTS.items():
            result = stylize(p, a, **job, weights=network, **of_objective, **of_start)
            x[objective, start] = result.picture
            ends = [f"{result.losses[i]:.4g}" for i in (0, -1)]
            terms = [
                f"{sum(v[-1] for name, v in result.terms.items() if name.startswith(kind)):.4g}"
                for kind in ("content", "style")
            ]
            row(objective, start, *ends, *terms)
    return x


def compare(p, x, objectives):
    """Print how far the pictures are apart: by start within an objective, and by objective."""
    for objective in objectives:
        head(f"{objective}: difference from", *STARTS, "the photograph")
        for start in STARTS:
            mine = x[objective, start]
            others = [difference(mine, x[objective, other]) for other in STARTS]
            row(start, *others, difference(mine, p))
    head("start", *(f"paper against {objective}" for objective in objectives[1:]))
    for start in STARTS:
        paper = x["paper", start]
        row(start, *(difference(paper, x[objective, start]) for objective in objectives[1:]))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--content", choices=CONTENTS, default=CONTENTS[0])
    parser.add_argument("--style", choices=STYLES, default=STYLES[0])
    parser.add_argument("--weights", default="tiny")
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--iterations", type=int, default=150)
    parser.add_argument("--ratio", type=float, default=3e-3)
    parser.add_argument("--sheet", default="start.png")
    arguments = parser.parse_args()
    p, a = (sample_picture(name, arguments.size) for name in (arguments.content, arguments.style))
    job = {name: getattr(arguments, name) for name in ("size", "iterations", "ratio")}
    original = load_network(arguments.weights)
    networks = {True: prepare_network(original), False: original}
    chosen = dict(OBJECTIVES)
    if original.normalized:
        del chosen["original weights"]
    x = paint(p, a, job, networks, chosen)
    compare(p, x, list(chosen))
    rows = [[x[objective, start] for start in STARTS] for objective in chosen]
    write_picture(arguments.sheet, make_contact_sheet(rows, scaled_size(arguments.size, p.shape)))


if __name__ == "__main__":
    main()
