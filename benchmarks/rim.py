"""How far the outermost pixels stand out, by what the convolutions see beyond the border.

    python benchmarks/rim.py [--size 160] [--iterations 100]

The mean step from the outermost row or column to the next one, over such steps inside: 1 is no rim.
A photograph and a style that ship.
"""

import argparse

import numpy as np

from nst_numpy.images.samples import sample_picture
from nst_numpy.optimizers import lbfgs
from nst_numpy.optimizers.preconditioner import pixel_preconditioner
from nst_numpy.transfer.build_loss_terms import content_terms, pixel_terms, style_terms
from nst_numpy.transfer.encoder import Encoder
from nst_numpy.transfer.evaluation import evaluate
from nst_numpy.transfer.margin import MARGIN, crop, extend
from nst_numpy.transfer.prepare_network import prepare_network
from nst_numpy.transfer.recipe import RATIO, STYLE_LAYERS, TV, default_style_weights
from nst_numpy.transfer.weighted_terms import Objective

CASES = {  # padding, and the pixels by which the pictures are continued
    "zeros, pictures continued by 16 pixels": ("zero", MARGIN),
    "zeros": ("zero", 0),
    "reflect (the default)": ("reflect", 0),
    "replicate": ("replicate", 0),
}


def painted(padding, margin, size, iterations):
    """The pagoda in the style of the evening by the recipe of `stylize`, (H, W, 3)."""
    p, a = (extend(sample_picture(name, size), margin) for name in ("pagoda", "evening"))
    w = dict(zip(STYLE_LAYERS, default_style_weights(STYLE_LAYERS), strict=True))
    encoder = Encoder(prepare_network("tiny", True), padding=padding)
    content = content_terms(p, encoder, {"conv4_2": 1.0}, RATIO, "squared")
    style = style_terms([a], encoder, "gram", [1.0], w)
    objective = Objective(encoder, (*content, *style, *pixel_terms(p, 0.0, TV, "squared")))
    x, _ = lbfgs(
        lambda x: evaluate(objective, x)[:2],
        p,
        (0, 255),
        lambda *_: None,
        iterations,
        preconditioner=pixel_preconditioner(p.shape, styles=[a]),
    )
    return crop(x, margin)


def rim(picture):
    """Mean step at the border over the mean step inside; picture (H, W, 3)."""
    x = picture.astype(np.float64)
    border, inside = [], []
    for lines in (x, x.swapaxes(0, 1)):
        steps = np.abs(np.diff(lines, axis=0)).mean(axis=(1, 2))
        border += [steps[0], steps[-1]]
        inside.append(steps[8:-8].mean())
    return np.mean(border) / np.mean(inside)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--iterations", type=int, default=100)
    o = parser.parse_args()
    print("| beyond the border | step at the border / inside |")
    print("|---|---|")
    for name, (padding, margin) in CASES.items():
        picture = painted(padding, margin, o.size, o.iterations)
        print(f"| {name} | {rim(picture):.2f} |", flush=True)
    print(f"| the photograph itself | {rim(sample_picture('pagoda', o.size)):.2f} |")


if __name__ == "__main__":
    main()
