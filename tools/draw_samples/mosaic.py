"""Mosaic: two fish around a golden sun, in square stones along the contours.

After A. Hausner, "Simulating decorative mosaics", SIGGRAPH 2001: Lloyd's relaxation in the metric
of a square that rotates with the gradient of the distance to the nearest contour. The pixels on a
contour do not attract stones, so no stone crosses it.
"""

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from scipy import ndimage
from scipy.spatial import cKDTree

from nst_numpy.utils.types import Array, Picture
from tools.draw_samples.drawing import (
    Areas,
    borders,
    coordinates,
    edge,
    lay,
    noise,
    over,
    ramp,
    shrink,
)

WAVES = [0.12, 0.16, 0.187, 0.245, 0.272, 0.33, 0.357, 0.40]  # radii of the bands of the sea
SEA = np.array(
    [
        (255, 206, 84),
        (22, 40, 140),
        (226, 240, 236),
        (28, 74, 178),
        (120, 204, 206),
        (20, 44, 150),
        (206, 232, 228),
        (34, 120, 178),
        (18, 32, 112),
    ],
    float,
)
GOLD = [(214, 146, 28), (250, 196, 64)]
ROSETTE = [
    (0.165, (22, 46, 150)),
    (0.125, (232, 240, 232)),
    (0.10, (188, 40, 38)),
    (0.05, (250, 204, 84)),
]
BODY = [(250, 236, 206), (255, 214, 96), (246, 150, 48), (222, 74, 36), (150, 26, 44)]


def sea_and_frame(x: Array, y: Array) -> tuple[Areas, Array]:
    """Areas and colors of all but the fish; x, y count from the center."""
    r, turn = np.hypot(x, y), np.arctan2(y, x)
    area = np.digitize(r + 0.022 * np.sin(8 * turn + 30 * r), WAVES)
    color = SEA[area]
    area, color = lay(area, color, r > 0.445, 20, (150, 28, 34))
    area, color = lay(area, color, r > 0.468, 21, (244, 232, 206))
    area, color = lay(area, color, r > 0.49, 22, ramp(0.5 + 0.5 * np.sin(28 * r), GOLD))
    corner = np.hypot(np.abs(x) - 0.5, np.abs(y) - 0.5)
    for k, (radius, shade) in enumerate(ROSETTE):
        area, color = lay(area, color, corner < radius, 30 + k, shade)
    rays = 0.078 + 0.030 * np.cos(12 * turn)
    area, color = lay(area, color, r < 0.12, 50, (24, 52, 160))
    area, color = lay(area, color, r < rays, 51, (255, 214, 90))
    area, color = lay(area, color, r < 0.052, 52, (226, 96, 40))
    return lay(area, color, r < 0.026, 53, (255, 236, 160))


def fish(
    x: Array, y: Array, area: Areas, color: Array, first: int, start: float
) -> tuple[Areas, Array]:
    """A fish on an arc about the center: t runs from its nose (0) to its tail (1), q outward."""
    t = np.mod(start - np.arctan2(y, x), 2 * np.pi) / 2.55
    q = np.hypot(x, y) - 0.288 + 0.02 * np.sin(7 * t)
    wide = 0.088 * np.sin(np.pi * np.clip(t / 0.84 + 0.02, 0, 1)) ** 0.62
    back = (t > 0.24) & (t < 0.62) & (q > 0)
    back &= q < wide + 0.04 * np.sin((t - 0.24) / 0.38 * np.pi)
    belly = (t > 0.34) & (t < 0.5) & (q < 0)
    belly &= q > -wide - 0.035 * np.sin((t - 0.34) / 0.16 * np.pi)
    area, color = lay(area, color, back | belly, first, (198, 36, 40))

    tail = (t > 0.74) & (np.abs(q) < 0.02 + 0.42 * (t - 0.76))
    tail &= t < 1.04 - 0.16 * np.cos(np.clip(q / 0.09, -1, 1) * np.pi / 2)  # forked
    shade = ramp((t - 0.74) * 4, [(240, 120, 40), (196, 30, 40)])
    area, color = lay(area, color, tail, first + 1, shade)
    scales = 0.12 * np.sin(46 * t) * np.sign(np.sin(90 * q + 1))
    inside = np.abs(q) < wide
    shade = ramp(0.5 + 0.5 * q / (wide + 1e-6) + scales, BODY)
    area, color = lay(area, color, inside, first + 2, shade)
    shade = ramp(0.5 + 6 * q, [(255, 224, 130), (232, 100, 44)])
    area, color = lay(area, color, inside & (t + 27 * q**2 < 0.19), first + 3, shade)

    nose = start - 0.095 * 2.55
    eye = np.hypot(x - 0.284 * np.cos(nose), y - 0.284 * np.sin(nose))
    area, color = lay(area, color, eye < 0.032, first + 4, (250, 246, 232))
    return lay(area, color, eye < 0.014, first + 5, (18, 22, 48))


def directions(area: Areas) -> Array:
    """The direction (H, W) of the stones: that of the nearest contour, modulo a right angle.

    A square is its own quarter turn, so the mean of directions is taken of exp(4 i angle).
    """
    distance = ndimage.distance_transform_edt(~borders(area))
    dy, dx = np.gradient(ndimage.gaussian_filter(distance, 1.5))
    four = (dx + 1j * dy) ** 4 / (np.hypot(dx, dy) ** 3 + 1e-9)
    four = ndimage.gaussian_filter(four.real, 4) + 1j * ndimage.gaussian_filter(four.imag, 4)
    return np.angle(four) / 4


def nearest_stones(x: Array, y: Array, centers: Array, turn: Array) -> tuple[Areas, Array]:
    """The two nearest stones of each point, in the metric of a square.

    Parameters
    ----------
    x, y : arrays of one shape
    centers : (n, 2) of (x, y)
    turn : (n,), radians

    Returns
    -------
    which, far : x.shape + (2,)
        Numbers of the stones, and max(|u|, |v|) in the axes u, v of each.
    """
    _, which = cKDTree(centers).query(np.stack([x, y], -1), k=6)
    dx, dy = x[..., None] - centers[which, 0], y[..., None] - centers[which, 1]
    c, s = np.cos(turn)[which], np.sin(turn)[which]
    far = np.maximum(np.abs(dx * c + dy * s), np.abs(dy * c - dx * s))
    order = np.argsort(far, -1)[..., :2]
    return np.take_along_axis(which, order, -1), np.take_along_axis(far, order, -1)


def at(picture: Array, centers: Array) -> Array:
    """The picture (H, W) or (H, W, 3) at the centers (n, 2)."""
    j, i = (centers * len(picture)).astype(int).T
    return picture[i, j]


def relax(x: Array, y: Array, field: Array, pull: Array, centers: Array, rounds: int = 24) -> Array:
    """Move each center to the mean of its pixels repeatedly; return the centers (n, 2)."""
    for _ in range(rounds):
        which, _ = nearest_stones(x[pull], y[pull], centers, at(field, centers))
        count = np.bincount(which[:, 0], minlength=len(centers))[:, None]
        total = [np.bincount(which[:, 0], p[pull], len(centers)) for p in (x, y)]
        centers = np.where(count > 0, np.stack(total, -1) / np.maximum(count, 1), centers)
    return centers


@dataclass(frozen=True)
class Stones:
    """The stones of the mosaic.

    Attributes
    ----------
    centers : (n, 2) of (x, y)
    turn : (n,), radians
    half : (n,)
        Half of the side length.
    tint : (n, 3), 0 to 255
    """

    centers: Array
    turn: Array
    half: Array
    tint: Array


def render(rng: Generator, x: Array, y: Array, stones: Stones, height: int) -> Array:
    """Render the stones: each tilted slightly to the light, with rounded rims, in gray grout."""
    centers, half, tint = stones.centers, stones.half, stones.tint
    which, far = nearest_stones(x, y, centers, stones.turn)
    own = which[..., 0]
    gold = (tint[:, 0] > 200) & (tint[:, 1] > 130) & (tint[:, 2] < 140)
    tint = tint * rng.normal(1, np.where(gold, 0.17, 0.12))[:, None]
    tint = tint + rng.normal(0, 11, tint.shape)
    rim = np.minimum(half[own] - far[..., 0], 0.6 * (far[..., 1] - far[..., 0]) - 0.0012)
    rim = rim * height + 0.35 * noise(rng, x, y, 0.012, 2)  # pixels inside the rim
    tilt = rng.normal(0, 1, (len(centers), 2))[own]
    slope = tilt[..., 0] * (x - centers[own, 0]) + tilt[..., 1] * (y - centers[own, 1])
    slope = slope * height
    shade = 1 + 0.045 * noise(rng, x, y, 0.01, 3) + 0.014 * slope * np.where(gold, 2.2, 1)[own]
    picture = tint[own] * shade[..., None]
    picture = picture + 26 * (gold[own] * np.clip(slope / 6, 0, 1))[..., None]
    dome = ndimage.gaussian_filter(np.clip(rim, 0, 2.2), 1)
    light = -np.gradient(dome, axis=0) - np.gradient(dome, axis=1)
    picture = picture * (1 - 0.26 * light[..., None])
    grout = np.array([74, 64, 60]) * (1 + 0.12 * noise(rng, x, y, 0.008, 2))[..., None]
    return over(grout, edge(rim, 0.8), picture)


def mosaic(
    seed: int = 2, height: int = 512, width: int = 512, factor: int = 2, stone: float = 12.5
) -> Picture:
    """Square stones along the contours, gold and ultramarine.

    Parameters
    ----------
    stone : float
        Distance of the stones in pixels.

    Returns
    -------
    (height, width, 3) uint8
    """
    rng = np.random.default_rng(seed)
    x, y = coordinates(height, width)
    cx = x + 0.004 * noise(rng, x, y, 0.2, 2) - 0.5
    cy = y + 0.004 * noise(rng, x, y, 0.2, 2) - 0.5
    area, color = sea_and_frame(cx, cy)
    for first, start in [(60, 0.35), (70, 0.35 + np.pi)]:
        area, color = fish(cx, cy, area, color, first, start)

    field = directions(area)
    pull = ndimage.distance_transform_edt(~borders(area)) > 1.5
    rows, columns = np.mgrid[0 : height / stone, 0 : width / stone]
    lattice = np.stack([columns.ravel(), rows.ravel()], -1) + rng.uniform(0.2, 0.8, (rows.size, 2))
    initial = np.minimum(lattice * stone / height, (width / height - 1e-3, 1 - 1e-3))
    centers = relax(x, y, field, pull, initial)

    turn = at(field, centers) + rng.normal(0, 0.05, len(centers))
    half = rng.normal(0.47, 0.02, len(centers)) * stone / height
    X, Y = coordinates(height * factor, width * factor)
    stones = Stones(centers, turn, half, at(color, centers))
    return shrink(render(rng, X, Y, stones, height), factor)
