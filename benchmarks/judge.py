"""How well a network carries styles: two figures for each pair of pictures, and a contact sheet.

    python benchmarks/judge.py [NETWORK ...] [--yardstick FILE] [--sheet FILE] [--size 256] ...

Each NETWORK (a name or a weights file) transfers each style to each content; the results are
measured under the yardstick network, whoever made them:

    style   = mean over the five style layers of |G_x - G_a|^2 / |G_p - G_a|^2, Grams per position:
              1 is the untouched photograph, 0 the painting's Grams
    content = |F_x - P|^2 / |P|^2 at conv4_2
"""

import argparse
import ast
from pathlib import Path

import numpy as np

from nst_numpy import gram, load_network, read_picture, stylize, vgg, write_picture
from nst_numpy.images import make_contact_sheet, scaled_size
from nst_numpy.images.samples import CONTENTS, STYLES, sample_picture
from nst_numpy.transfer.prepare_network import prepare_network
from nst_numpy.transfer.settings import STYLE_LAYERS

SHARED = Path(__file__).resolve().parents[2] / "shared"


def pairs(size):
    """{name: (content, style)}: the pictures that ship and, where they are, the paper's."""
    found = {
        f"{p} {a}": (sample_picture(p, size), sample_picture(a, size))
        for p in CONTENTS
        for a in STYLES
    }
    neckarfront = SHARED / "images" / "tuebingen_neckarfront.jpg"
    starry_night = SHARED / "images" / "starry_night.jpg"
    if neckarfront.exists() and starry_night.exists():
        p, a = read_picture(neckarfront, size), read_picture(starry_night, size)
        found["neckarfront starry_night"] = p, a
    return found


def figures(yardstick, x, p, a):
    """(style, content) of a result x of the content p and the style a."""
    F_x, F_p, F_a = (
        vgg.forward(yardstick, image.astype(np.float32), {*STYLE_LAYERS, "conv4_2"})[0]
        for image in (x, p, a)
    )
    G_x, G_p, G_a = ({l: gram(F[l]) / F[l].shape[1] for l in F} for F in (F_x, F_p, F_a))
    style = [squared(G_x[l], G_a[l]) / squared(G_p[l], G_a[l]) for l in STYLE_LAYERS]
    content = squared(F_x["conv4_2"], F_p["conv4_2"]) / squared(F_p["conv4_2"], 0)
    return np.mean(style), content


def squared(u, v):
    return np.sum(np.square(u - v), dtype=np.float64)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("networks", nargs="*", default=["tiny", "random"])
    parser.add_argument("--yardstick", default=SHARED / "weights" / "vgg19_16x.h5")
    parser.add_argument("--sheet", default="judge.png")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=200)
    parser.add_argument("--only", default="", help="pairs whose name contains this")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE")
    arguments = parser.parse_args()
    settings = {
        name: ast.literal_eval(value) for name, value in (s.split("=") for s in arguments.set)
    }
    yardstick = load_network(arguments.yardstick)
    chosen = {n: pair for n, pair in pairs(arguments.size).items() if arguments.only in n}
    rows, cell = [[], []], scaled_size(arguments.size, next(iter(chosen.values()))[0].shape)
    for p, a in chosen.values():
        rows[0].append(p)
        rows[1].append(a)
    for source in arguments.networks:
        network = prepare_network(source, settings.get("normalized", True))
        results, measured = [], []
        for name, (p, a) in chosen.items():
            job = {"size": arguments.size, "iterations": arguments.iterations, **settings}
            x = stylize(p, a, weights=network, **job).picture
            results.append(x)
            measured.append(figures(yardstick, x, p, a))
            print(f"{source} | {name} | {measured[-1][0]:.4f} | {measured[-1][1]:.3f}", flush=True)
        rows.append(results)
        style, content = np.mean(measured, axis=0)
        print(f"{source} | mean of {len(chosen)} | {style:.4f} | {content:.3f}", flush=True)
    write_picture(arguments.sheet, make_contact_sheet(rows, cell))


if __name__ == "__main__":
    main()
