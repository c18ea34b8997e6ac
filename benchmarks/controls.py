"""One picture for each control: the README's sheet.

    python benchmarks/controls.py [--size 160] [--iterations 60] [-o benchmarks/controls.jpg]

The pictures that ship, the pagoda in the style of the evening (and of the woodcut).
"""

import argparse

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from tqdm import tqdm

from nst_numpy import stylize
from nst_numpy.images import make_contact_sheet, resize, scaled_size
from nst_numpy.images.color import luminance
from nst_numpy.images.samples import sample_picture
from nst_numpy.transfer.prepare_network import prepare_network

COLUMNS, LABEL, BRIGHT = 4, 18, 165  # pixels of a label; gray level of sky and lake


def jobs(p, a, b):
    """[(label, styles, settings)] of the cells."""
    blurred = resize(resize(p, scaled_size(24, p.shape)), p.shape[1::-1])
    bright = (luminance(blurred) > BRIGHT).astype(int)
    masks = [np.ones(a.shape[:2], int), np.zeros(b.shape[:2], int)]
    regions = {"content_mask": bright, "style_mask": masks}
    return [
        ("the paper's loss", a, {}),
        ("--style-blend 1,1", [a, b], {"style_blend": (1, 1)}),
        ("by region, --ratio 0.02", [a, b], {**regions, "ratio": 0.02}),
        ("--style-scale 0.5", a, {"style_scale": 0.5}),
        ("--style-scale 2", a, {"style_scale": 2.0}),
        ("--color keep", a, {"color": "keep"}),
        ("--color match", a, {"color": "match"}),
        ("--color luminance", a, {"color": "luminance"}),
        ("--style-loss covariance", a, {"style_loss": "covariance"}),
        ("mean-variance", a, {"style_loss": "mean-variance"}),
        ("wasserstein", a, {"style_loss": "wasserstein"}),
        ("mmd-gaussian", a, {"style_loss": "mmd-gaussian"}),
        ("--laplacian 0.1", a, {"laplacian": 0.1}),
        ("--content-loss laplacian", a, {"content_loss": "laplacian"}),
        ("--tv 0.3, nine-point", a, {"tv": 0.3, "tv_kind": "nine-point"}),
    ]


def labeled(picture, text):
    """The picture with a line of text below."""
    H, W = picture.shape[:2]
    page = Image.new("RGB", (W, H + LABEL), "white")
    page.paste(Image.fromarray(np.uint8(np.rint(picture))))
    font = ImageFont.load_default(12)
    ImageDraw.Draw(page).text((W // 2, H + LABEL // 2), text, "black", font, anchor="mm")
    return np.asarray(page)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--size", type=int, default=160)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("-o", "--output", default="benchmarks/controls.jpg")
    o = parser.parse_args()
    p = sample_picture("pagoda", o.size)
    a, b = (sample_picture(name) for name in ("evening", "woodcut"))
    cells = [labeled(p, "the photograph")]
    network = prepare_network("tiny")
    for label, styles, settings in tqdm(jobs(p, a, b)):
        settings = {"size": o.size, "iterations": o.iterations, "weights": network, **settings}
        cells.append(labeled(stylize(p, styles, **settings).picture, label))
        rows = [cells[i : i + COLUMNS] for i in range(0, len(cells), COLUMNS)]
        page = make_contact_sheet(rows, cells[0].shape[1::-1])
        Image.fromarray(page).save(o.output, quality=85)


if __name__ == "__main__":
    main()
