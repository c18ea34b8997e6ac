"""Stained glass: poppies by a lake under a rising sun."""

import numpy as np
from numpy.random import Generator
from scipy import ndimage
from scipy.spatial import cKDTree

from nst_numpy.utils.types import Array, Picture
from tools.draw_samples.drawing import (
    Areas,
    borders,
    bump,
    coordinates,
    edge,
    lay,
    noise,
    over,
    ramp,
    shrink,
)

SUN = (0.60, 0.43)
RINGS = [0.085, 0.155, 0.25, 0.36, 0.49, 0.64]  # radii about the sun ...
SECTORS = np.array([1, 10, 18, 24, 28, 32, 36])  # ... and the panes between two of them
POPPIES = [
    (0.05, 0.63, 0.06),
    (0.94, 0.65, 0.065),
    (0.15, 0.80, 0.095),
    (0.34, 0.91, 0.075),
    (0.86, 0.83, 0.10),
    (0.66, 0.92, 0.07),
]

SKY = [
    (255, 236, 150),
    (255, 214, 84),
    (250, 168, 50),
    (236, 120, 84),
    (206, 110, 150),
    (104, 120, 200),
    (48, 92, 186),
    (26, 54, 150),
]
FAR_HILL = [(176, 120, 200), (84, 62, 160)]
NEAR_HILL = [(30, 128, 120), (18, 70, 96)]
LAKE = [(150, 214, 226), (64, 160, 204), (28, 96, 172), (20, 60, 130)]
GRASS = [(120, 180, 60), (48, 140, 70), (20, 92, 66), (170, 190, 70)]
LEAF = [(40, 150, 84), (110, 180, 60), (20, 110, 90), (206, 190, 60), (224, 140, 50)]
PETAL = [(255, 206, 70), (120, 20, 60), (206, 20, 46), (236, 54, 40), (250, 120, 60)]


def cells(
    rng: Generator, x: Array, y: Array, count: float, stretch: float = 1.0, wobble: float = 0.01
) -> Areas:
    """Irregular cells: at each point the number of the nearest of many jittered lattice points.

    Parameters
    ----------
    rng : numpy.random.Generator
    x, y : (H, W)
    count : float
        Cells in a unit square.
    stretch : float
        Above 1 the cells are wide, below 1 tall.
    wobble : float
        How far their borders bend.

    Returns
    -------
    (H, W) int
    """
    step = 1 / np.sqrt(count)
    rows, columns = np.mgrid[-1 : 1 / step + 2, -1 : 1.5 / step / stretch + 2]
    columns = columns + 0.5 * (rows % 2)
    points = np.stack([columns, rows], -1).reshape(-1, 2)
    points = points + rng.uniform(-0.32, 0.32, points.shape)
    u = (x + wobble * noise(rng, x, y, 0.15, 2)) / (step * stretch)
    v = (y + wobble * noise(rng, x, y, 0.15, 2)) / step
    return cKDTree(points).query(np.stack([u, v], -1))[1]


def landscape(rng: Generator, x: Array, y: Array) -> tuple[Areas, Array]:
    """Sun and sky in rings of panes, hills, water, grass: piece numbers and colors."""
    r = np.hypot(x - SUN[0], y - SUN[1]) + 0.008 * noise(rng, x, y, 0.2, 2)
    turn = np.arctan2(y - SUN[1], x - SUN[0]) / (2 * np.pi) + 0.5
    ring = np.digitize(r, RINGS)
    panes = SECTORS[ring]
    bend = turn + 0.011 * noise(rng, x, y, 0.22, 2) + 0.5 * (ring % 2) / panes
    piece, color = 1000 + 100 * ring + (bend * panes).astype(int) % panes, ramp(r / 0.72, SKY)

    valley = 1 - 0.95 * bump((x - SUN[0]) / 0.22)
    depth = y - 0.53 + 0.15 * valley * (0.8 + 0.5 * noise(rng, x, 0 * y, 0.25, 3))
    glass = 10_000 + cells(rng, x, y, 90, 1.3)
    piece, color = lay(piece, color, depth > 0, glass, ramp(depth * 6, FAR_HILL))
    depth = y - 0.565 + 0.08 * valley * (0.7 + 0.6 * noise(rng, x, 0 * y, 0.2, 3))
    glass = 20_000 + cells(rng, x, y, 120, 1.3)
    piece, color = lay(piece, color, depth > 0, glass, ramp(depth * 9, NEAR_HILL))

    wave = y - 0.585 + 0.010 * np.sin(13 * x + 3 * np.sin(4 * x) + 9 * y)
    wave = wave + 0.006 * noise(rng, x, y, 0.2, 2)
    row = np.floor(wave * 30).astype(int)
    gleam = bump((x - SUN[0]) / (0.05 + 0.2 * np.abs(y - 0.58))) * (0.6 + 0.4 * (-1.0) ** row)
    water = over(ramp((y - 0.58) * 2.6, LAKE), gleam, (255, 214, 110))
    shift = np.floor(x * 5 + 0.37 * row + 0.25 * noise(rng, x, 0 * y, 0.2, 1)).astype(int)
    piece, color = lay(piece, color, wave > 0, 30_000 + row * 40 + shift, water)

    bank = 0.87 - 0.10 * np.abs(x - 0.55) + 0.02 * noise(rng, x, 0 * y, 0.3)
    glass = 40_000 + cells(rng, x, y, 330, 0.45)
    grass = ramp(0.5 + 0.3 * noise(rng, x, y, 0.1, 1), GRASS)
    return lay(piece, color, y > bank, glass, grass)


def branch(rng: Generator, x: Array, y: Array, piece: Areas, color: Array) -> tuple[Areas, Array]:
    """Leaves from the upper left, each of two panes."""
    for k in range(46):
        t = rng.uniform(0, 1)
        cx = 0.46 * t**0.9 + 0.05 * rng.standard_normal()
        cy = 0.20 - 0.12 * t + 0.07 * rng.standard_normal()
        tilt = 0.5 + 0.6 * rng.standard_normal()
        u = (x - cx) * np.cos(tilt) + (y - cy) * np.sin(tilt)
        v = (y - cy) * np.cos(tilt) - (x - cx) * np.sin(tilt)
        leaf = np.abs(v) < 0.022 * (1 - (u / 0.045) ** 2)
        shade = ramp(np.full_like(x, rng.uniform()), LEAF)
        piece, color = lay(piece, color, leaf, 50_000 + 2 * k + (v > 0), shade)
    return piece, color


def poppies(x: Array, y: Array, piece: Areas, color: Array) -> tuple[Areas, Array]:
    """Poppies: five petals around five dark ones around a golden center, on a stem."""
    for k, (cx, cy, size) in enumerate(POPPIES):
        first = 60_000 + 1000 * k
        stem = np.abs(x - cx - 0.05 * (y - cy) * np.sin(9 * k + 7 * y)) < 0.008
        piece, color = lay(piece, color, stem & (y > cy), first, (30, 120, 60))
        d = np.hypot(x - cx, (y - cy) * 1.15) / size
        turn = np.arctan2(y - cy, x - cx) + 0.9 * k
        inner = d < 0.56
        number = first + 10 + 20 * inner
        number = number + np.floor(5 * turn / (2 * np.pi) + 0.5 * inner).astype(int)
        number = np.where(d < 0.24, first + 99, number)
        flower = d < 0.84 + 0.16 * np.abs(np.cos(2.5 * turn))
        piece, color = lay(piece, color, flower, number, ramp(d, PETAL))
    return piece, color


def join_splinters(piece: Areas, color: Array, least: int) -> tuple[Areas, Array]:
    """Give the pieces of fewer than `least` pixels to their neighbors; number the rest from 0."""
    _, piece = np.unique(piece, return_inverse=True)
    small = (np.bincount(piece.ravel()) < least)[piece]
    near = ndimage.distance_transform_edt(small, return_distances=False, return_indices=True)
    _, piece = np.unique(piece[tuple(near)], return_inverse=True)
    return piece, color[tuple(near)]


def window(seed: int = 5, height: int = 512, width: int = 512, factor: int = 2) -> Picture:
    """Stained glass: pieces with a tint and streaks, brightest in the middle, joined by lead.

    Returns
    -------
    (height, width, 3) uint8
    """
    rng = np.random.default_rng(seed)
    x, y = coordinates(height * factor, width * factor)
    piece, color = landscape(rng, x, y)
    piece, color = branch(rng, x, y, piece, color)
    piece, color = poppies(x, y, piece, color)
    piece, color = join_splinters(piece, color, (7 * factor) ** 2)

    n = piece.max() + 1
    tint = np.stack([ndimage.mean(color[..., c], piece, np.arange(n)) for c in range(3)], -1)
    tint = tint * rng.normal(1, 0.13, (n, 1)) + rng.normal(0, 12, (n, 3))
    d = ndimage.distance_transform_edt(~borders(piece)) / factor  # pixels of the final picture
    turn = rng.uniform(0, np.pi, n)[piece]  # the streaks of a piece have one direction
    u, v = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
    streak = noise(rng, np.abs(u) * 0.2, np.abs(v), 0.03, 3)
    glow = 0.62 + 0.50 * (1 - np.exp(-d / 7)) + 0.10 * streak + 0.05 * noise(rng, x, y, 0.012, 2)
    glass = np.clip((0.65 * tint[piece] + 0.35 * color) * glow[..., None], 0, 255)
    glass = glass + 50 * np.clip(streak - 1.3, 0, 1)[..., None]

    lead = edge(2.1 + 0.35 * noise(rng, x, y, 0.1, 1) - d, 1.0)
    shine = np.clip(0.5 + 0.5 * noise(rng, x, y, 0.08, 2), 0, 1)
    shine = shine * np.clip(1 - np.abs(d - 0.5), 0, 1)
    picture = over(glass, lead, np.array([16, 14, 20]) + 46 * shine[..., None])
    halo = ndimage.gaussian_filter(glass, (9 * factor, 9 * factor, 0))  # bloom
    return shrink(picture + 0.16 * halo * (halo / 255), factor)
