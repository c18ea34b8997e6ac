"""Thick oil strokes along a flow field: a sunset over a bay."""

import numpy as np
from numpy.random import Generator
from PIL import Image, ImageDraw
from scipy import ndimage

from nst_numpy.utils.types import Array, Picture
from tools.draw_samples.drawing import bump, coordinates, edge, noise, over, ramp, shrink

SUN = (0.90, 0.47)
WHIRLS = [(0.50, 0.22, 0.16, 1.9), (0.80, 0.11, 0.08, -1.6), (1.14, 0.19, 0.11, -1.8)]

# layers of strokes from coarse to fine: width, length, spacing (pixels of the large picture), and
# how much detail there must be in the scene for a stroke of this layer
LAYERS = [(52, 240, 28, 0), (36, 200, 24, 0), (23, 150, 19, 8), (13, 95, 12, 24)]

NIGHT = [
    (19, 25, 84),
    (33, 62, 152),
    (50, 118, 184),
    (118, 182, 178),
    (240, 214, 132),
    (247, 164, 62),
    (226, 98, 58),
]
STAR = [(255, 244, 190), (250, 214, 110), (120, 190, 200)]
GLOW = [(255, 252, 214), (255, 226, 96), (255, 176, 48), (240, 120, 50)]
FAR_HILL = [(214, 120, 120), (96, 66, 140), (58, 52, 128)]
NEAR_HILL = [(214, 120, 120), (40, 62, 116), (24, 36, 84)]
BAY = [(232, 150, 96), (120, 110, 160), (42, 96, 160), (20, 52, 118), (18, 34, 88)]
FIELD = [(214, 170, 60), (160, 140, 44), (86, 104, 48), (196, 92, 42), (44, 66, 48)]
LEAVES = [(14, 30, 38), (20, 62, 56), (58, 98, 52), (150, 140, 50)]


def sky(rng: Generator, x: Array, y: Array) -> tuple[Array, Array]:
    """Color (H, W, 3) of the sky and direction (H, W) of its strokes.

    The wind is v = (dpsi/dy, -dpsi/dx): its divergence is zero, so the density of strokes stays
    constant. A hump in the stream function psi is a whirl; bands of equal psi get one color.
    """
    psi = 0.55 * y + 0.012 * noise(rng, x, y, 0.25, 2)
    for cx, cy, r, strength in [*WHIRLS, (*SUN, 0.15, 1.5)]:
        psi = psi + strength * r * 0.8 * bump(np.hypot(x - cx, y - cy) / r)
    dpsi_dy, dpsi_dx = np.gradient(psi)
    band = np.sin(psi * 70)
    color = ramp(np.clip(y / 0.6 + 0.10 * band, 0, 1), NIGHT)
    for cx, cy, r, _ in WHIRLS:  # with a light in the center of each
        d = np.hypot(x - cx, y - cy) / r
        color = over(color, 0.95 * np.clip(1.15 - d * 1.5 + 0.25 * band, 0, 1), ramp(d, STAR))
    d = np.hypot(x - SUN[0], y - SUN[1])
    color = over(color, np.clip(1.25 - d * 4.2 + 0.18 * band, 0, 1), ramp(d * 4.5, GLOW))
    return over(color, edge(0.062 - d), GLOW[0]), np.arctan2(-dpsi_dx, dpsi_dy)


def hills_and_bay(
    rng: Generator, x: Array, y: Array, color: Array, angle: Array
) -> tuple[Array, Array]:
    """Two ranges of hills with strokes along their slopes, and the water reflecting the sun."""
    for base, size, shades in [(0.555, 0.30, FAR_HILL), (0.60, 0.18, NEAR_HILL)]:
        top = base + 0.035 * noise(rng, x, 0 * y, size, 3) - 0.06 * bump((x - 0.45) / 0.17)
        top = top + 0.045 * bump((x - SUN[0]) / 0.14)
        inside = edge(y - top)
        color = over(color, inside, ramp((y - top) * 9, shades))
        slope = np.arctan2(np.gradient(top, axis=1), np.gradient(x, axis=1))
        angle = np.where(inside > 0.5, slope, angle)

    water = edge(y - 0.645)
    ripple = np.sin(260 * y**1.4 + 2.5 * noise(rng, x, y * 3, 0.2, 2))
    color = over(color, water, ramp((y - 0.645) * 3.2 + 0.12 * ripple, BAY))
    path = bump((x - SUN[0]) / (0.05 + 0.25 * (y - 0.64))) * (0.45 + 0.55 * (ripple > 0))
    color = over(color, water * path, ramp((y - 0.64) * 3, [(255, 232, 130), (248, 160, 60)]))
    return color, np.where(water > 0.5, 0.18 * noise(rng, x, y, 0.12, 2), angle)


def bank_and_poplars(
    rng: Generator, x: Array, y: Array, color: Array, angle: Array
) -> tuple[Array, Array]:
    """The near field with upward strokes, and two dark trees in front."""
    bank = 0.86 + 0.10 * np.cos(1.9 * x) - 0.02 * noise(rng, x, 0 * y, 0.15)
    inside = edge(y - bank, 0.02)
    color = over(color, inside, ramp(0.5 + 0.3 * noise(rng, x, y, 0.06, 2), FIELD))
    angle = np.where(inside > 0.5, -1.1 + 0.4 * noise(rng, x, y, 0.2), angle)
    for cx, tall, wide in [(0.17, 0.90, 0.085), (0.325, 0.56, 0.06)]:
        t = np.clip((0.97 - y) / tall, 0, 1)  # 0 at the foot, 1 at the tip
        body = wide * np.sin(np.pi * t**0.6) ** 0.8 * (1 + 0.12 * np.sin(34 * y))
        offset = x - cx - 0.012 * np.sin(11 * y)
        inside = edge(body - np.abs(offset)) * (t > 0) * (t < 1)
        shade = 0.35 + 0.45 * offset / wide + 0.2 * np.sin(offset * 400 + 30 * y)
        color = over(color, inside, ramp(np.clip(shade, 0, 1), LEAVES))
        upward = -np.pi / 2 + 0.3 * np.sin(22 * y) + 3 * offset
        angle = np.where(inside > 0.5, upward, angle)
    return color, angle


def sample(field: Array, points: Array) -> Array:
    """The field (H, W) at the pixels nearest to the points (n, 2) of (x, y)."""
    return ndimage.map_coordinates(field, points[:, ::-1].T, order=0, mode="nearest")


def trace(angle: Array, starts: Array, steps: int, length: float) -> Array:
    """Follow the direction field both ways from each start.

    Parameters
    ----------
    angle : (H, W), radians
    starts : (n, 2) of (x, y), pixels
    steps : int, odd
    length : float, pixels

    Returns
    -------
    (n, steps, 2) : the paths, each with its start in the middle
    """
    halves = []
    for sign in (-1, 1):
        p, last, path = starts, None, []
        for _ in range(steps // 2):
            theta = sample(angle, p)
            v = sign * np.stack([np.cos(theta), np.sin(theta)], -1)
            if last is not None:  # never reverse the direction
                v = v * np.where(np.sum(v * last, -1, keepdims=True) < 0, -1, 1)
                v = 0.6 * v + 0.4 * last
            p, last = p + v * length / (steps - 1), v
            path.append(p)
        halves.append(path)
    return np.stack([*halves[0][::-1], starts, *halves[1]], 1)


def stroke(
    rng: Generator,
    paint: ImageDraw.ImageDraw,
    relief: ImageDraw.ImageDraw,
    path: Array,
    ink: Array,
    wide: int,
) -> None:
    """One stroke: parallel bristles of slightly different tone, length and height of paint."""
    along = np.gradient(path, axis=0)
    across = along[:, ::-1] * (-1, 1) / (np.linalg.norm(along, axis=1, keepdims=True) + 1e-9)
    bristles = max(5, wide // 6)
    thick = int(wide / bristles * 1.9) + 1
    load = rng.uniform(80, 190)
    for b in rng.permutation(bristles):
        t = 2 * b / (bristles - 1) - 1  # -1 and 1 at the rims of the brush
        cut = 1.5 * t * t + rng.uniform(0, 2.8, 2)  # round, ragged ends
        line = (path + across * t * wide / 2)[int(cut[0]) : len(path) - int(cut[1])]
        line = [tuple(p) for p in line]
        tone = ink * rng.normal(1, 0.07) + 8 * rng.standard_normal()
        paint.line(line, tuple(np.clip(tone, 0, 255).astype(np.uint8).tolist()), thick, "curve")
        ridge = load * (0.8 + 0.3 * t * t) + rng.normal(0, 13)
        relief.line(line, int(np.clip(ridge, 0, 255)), thick, "curve")


def evening(seed: int = 3, height: int = 384, width: int = 512, factor: int = 2) -> Picture:
    """Oil strokes along a flow field: coarse to fine layers, bristles, light on the relief.

    Returns
    -------
    (height, width, 3) uint8
    """
    rng = np.random.default_rng(seed)
    H, W = height * factor, width * factor
    x, y = coordinates(H, W)
    color, angle = sky(rng, x, y)
    color, angle = hills_and_bay(rng, x, y, color, angle)
    color, angle = bank_and_poplars(rng, x, y, color, angle)
    detail = np.linalg.norm(color - ndimage.gaussian_filter(color, (14, 14, 0)), axis=-1)

    picture, relief = Image.fromarray(np.uint8(color * 0.55 + 20)), Image.new("L", (W, H), 60)
    pens = ImageDraw.Draw(picture), ImageDraw.Draw(relief)
    for wide, long, spacing, least in LAYERS:
        n = int(H * W / spacing**2)
        starts = rng.uniform((0, 0), (W - 1, H - 1), (n, 2))
        starts = starts[sample(detail, starts) >= least * rng.uniform(0.4, 1, n)]
        paths = trace(angle, starts, 13, long * rng.uniform(0.7, 1.2))
        inks = np.stack([sample(color[..., c], starts) for c in range(3)], -1)
        inks = inks * rng.normal(1, 0.09, (len(inks), 1)) + rng.normal(0, 9, inks.shape)
        for path, ink in zip(paths, inks, strict=True):
            stroke(rng, *pens, path, ink, wide)

    dy, dx = np.gradient(ndimage.gaussian_filter(np.asarray(relief, float), 1.6))
    light = np.clip(-(dx + 1.3 * dy) / 22, -1, 1)[..., None]  # falls from the upper left
    picture = np.asarray(picture, float) * (1 + 0.34 * light) + 34 * np.clip(light - 0.25, 0, 1)
    return shrink(picture, factor)
