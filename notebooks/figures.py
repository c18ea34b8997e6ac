"""Figures of the notebooks: small files, legible in print and without color."""

import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import Image, display

from nst_numpy.reports.live import COLORS

MARKERS = "os^Dv*P"
plt.rcParams.update(
    {
        "figure.dpi": 80,
        "figure.constrained_layout.use": True,
        "font.size": 9,
        "axes.titlesize": 9,
        "axes.grid": True,
        "grid.alpha": 0.3,
        "image.cmap": "gray",
        "lines.markersize": 4,
        "axes.prop_cycle": cycler(color=COLORS) + cycler(marker=MARKERS),
    }
)


def show_pictures(pictures, titles, columns=None, width=1.9):
    """Show pictures in a grid: (H, W, 3) in color, 0..255; (H, W) in gray, scaled to its range."""
    columns = columns or len(pictures)
    rows = -(-len(pictures) // columns)
    height = width * max(p.shape[0] / p.shape[1] for p in pictures) + 0.3
    size = columns * width, rows * height
    figure, axes = plt.subplots(rows, columns, figsize=size, squeeze=False)
    for axis in axes.flat:
        axis.axis("off")
    for axis, picture, title in zip(axes.flat, pictures, titles, strict=False):
        color = picture.ndim == 3
        axis.imshow(np.clip(picture, 0, 255).astype(np.uint8) if color else picture)
        axis.set_title(title)
    file = io.BytesIO()  # JPEG: noisy reconstructions take three times as many bytes as PNG
    figure.savefig(file, format="jpeg", dpi=90, pil_kwargs={"quality": 80})
    plt.close(figure)
    display(Image(file.getvalue()))


def show_numbers(matrices, titles, digits=0):
    """Show small matrices with their numbers, positive orange and negative violet."""
    sizes = [m.shape[1] for m in matrices]
    _, axes = plt.subplots(
        1, len(matrices), figsize=(0.38 * sum(sizes) + 0.6, 2.3), width_ratios=sizes, squeeze=False
    )
    top = max(np.abs(m).max() for m in matrices)
    for axis, matrix, title in zip(axes.flat, matrices, titles, strict=True):
        axis.imshow(matrix, cmap="PuOr_r", vmin=-1.6 * top, vmax=1.6 * top)
        for (i, j), value in np.ndenumerate(matrix):
            axis.text(j, i, f"{value:.{digits}f}", ha="center", va="center", fontsize=8)
        axis.set_title(title)
        axis.set_anchor("N")
        axis.axis("off")
    plt.show()


def show_curves(curves, xlabel, ylabel, x=None, log=True):
    """Plot curves {label: values} over x (numbers or names), by default over 0, 1, 2, ..."""
    _, axis = plt.subplots(figsize=(7.5, 2.8))
    for i, (label, values) in enumerate(curves.items()):
        # Markers at different places distinguish the curves in gray.
        every = 1 if len(values) < 12 else max(1, len(values) // 8)
        over = range(len(values)) if x is None else x
        axis.plot(over, values, label=label, markevery=(i % every, every))
    if log:
        axis.set_yscale("log")
    axis.set(xlabel=xlabel, ylabel=ylabel)
    axis.legend(fontsize="small", bbox_to_anchor=(1.02, 1), loc="upper left")
    plt.show()
