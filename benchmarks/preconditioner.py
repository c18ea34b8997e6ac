"""Compare the loss with and without a preconditioner, and measure the time that it takes.

    python benchmarks/preconditioner.py [--size 256] [--iterations 60] [--start content]
        [--optimizer lbfgs] [--network FILE] [--content FILE --style FILE] [--pictures FOLDER]

Sample pictures, or one pair of files; the default ratio; the network that ships, or a file. With
``--pictures`` the results are written as PNG files. Times are processor times with one thread, so
that other processes have little influence.
"""

import argparse
import time
from pathlib import Path

import numpy as np
from sides import CONTENT, RATIO, STYLE, W, network
from threadpoolctl import threadpool_limits

from nst_numpy import targets, total_loss
from nst_numpy.images import read_picture, resize, write_picture
from nst_numpy.images.samples import sample_picture
from nst_numpy.networks import load_network
from nst_numpy.optimizers import OPTIMIZERS
from nst_numpy.optimizers.preconditioner import (
    COLOR_MIXING,
    EXPONENT,
    pixel_preconditioner,
    precondition,
    shaped_noise,
)
from nst_numpy.transfer.margin import crop, extend
from nst_numpy.utils.threads import use_threads

PAIRS = (("pagoda", "evening"), ("chelsea", "mosaic"), ("window", "woodcut"))
METRICS = {  # name: exponent, color mixing
    "identity": None,
    "p = .25": (0.25, 0),
    "p = .5": (0.5, 0),
    "p = .5, color half": (0.5, 0.5),
    "p = .375, color half": (EXPONENT, COLOR_MIXING),  # the default
}
AFTER = (10, 30, 60, 100, 150)


def scaled(picture, size):
    """A picture with its longer side scaled to size, float32."""
    height, width = picture.shape[:2]
    scale = size / max(height, width)
    return resize(picture, (round(width * scale), round(height * scale))).astype(np.float32)


def loss_of(p, a, net):
    """f_and_g of a style transfer, from the extended pictures p and a."""
    goal, w = targets(p, a, net, [CONTENT], STYLE), dict.fromkeys(STYLE, W)
    alpha = RATIO / goal.P[CONTENT].size
    return lambda x: total_loss(x, goal, net, alpha, 1.0, w)[:2]


def start_of(kind, p, a):
    """The start: the content image, white noise, or noise with the spectrum of S."""
    if kind == "content":
        return p
    if kind == "white-noise":
        return np.random.default_rng(0).uniform(0, 255, p.shape).astype(np.float32)
    noise = shaped_noise(pixel_preconditioner(p.shape, styles=[a]), 0)
    return np.clip(127.5 + 40 * noise, 0, 255).astype(np.float32)


def minimize(f_and_g, x0, S, optimizer, iterations):
    """The last iterate, the losses, and the seconds per iteration: of all, and of S alone."""
    losses, began = [], time.process_time()
    x, _ = OPTIMIZERS[optimizer].minimize(
        f_and_g,
        x0,
        (0.0, 255.0),
        lambda k, x, f: losses.append(f),
        iterations,
        preconditioner=S,
    )
    seconds = (time.process_time() - began) / max(1, len(losses) - 1)
    began = time.process_time()
    for _ in range(5):
        precondition(S, x0)
    return x, losses, seconds, 2 * (time.process_time() - began) / 5  # S q and S y


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--start", default="content", choices=("content", "noise", "white-noise"))
    parser.add_argument("--optimizer", default="lbfgs", choices=OPTIMIZERS)
    parser.add_argument("--network", type=Path)
    parser.add_argument("--content", type=Path)
    parser.add_argument("--style", type=Path)
    parser.add_argument("--pictures", type=Path)
    o = parser.parse_args()
    net = load_network(o.network) if o.network else network("thin")
    after = [k for k in AFTER if k <= o.iterations]
    pairs = [(o.content.stem, o.style.stem)] if o.content else PAIRS
    print("| pair | metric |", *(f"{k} |" for k in after), "s / iteration | share of S |")
    print("|---" * (4 + len(after)) + "|")
    for pair in pairs:
        if o.content:
            p, a = (read_picture(file, o.size) for file in (o.content, o.style))
        else:
            p, a = (scaled(sample_picture(name), o.size) for name in pair)
        p, a = extend(p.astype(np.float32)), extend(a.astype(np.float32))
        f_and_g, x0 = loss_of(p, a, net), start_of(o.start, p, a)
        f_and_g(x0)  # loads the kernels
        for name, metric in METRICS.items():
            S = metric and pixel_preconditioner(p.shape, *metric, styles=[crop(a)])
            x, losses, seconds, of_S = minimize(f_and_g, x0, S, o.optimizer, o.iterations)
            numbers = (f"{losses[k]:.4g} |" if k < len(losses) else " |" for k in after)
            share = f"{of_S / seconds:.0%}" if S else ""
            print(f"| {' / '.join(pair)} | {name} |", *numbers, f"{seconds:.3f} | {share} |")
            if o.pictures:
                o.pictures.mkdir(exist_ok=True)
                file = "-".join([*pair, name.replace(" ", "").replace(",", "-")]) + ".png"
                write_picture(o.pictures / file, np.rint(crop(x)).astype(np.uint8))


if __name__ == "__main__":
    with threadpool_limits(1, user_api="blas"), use_threads(1):
        main()
