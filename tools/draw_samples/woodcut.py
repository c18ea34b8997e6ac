"""Woodcut: a mountain lake at sunrise, in black lines that follow the forms."""

import numpy as np
from numpy.random import Generator

from nst_numpy.utils.types import Array, Picture
from tools.draw_samples.drawing import bump, coordinates, edge, noise, over, ramp, shrink

LINES = 40  # to the height of the picture
SUN = (0.94, 0.26)
SHORE = 0.645
TREES = [
    (0.34, 0.87, 0.34),
    (0.07, 0.86, 0.66),
    (0.20, 0.91, 0.50),
    (1.30, 0.93, 0.52),
    (1.18, 0.96, 0.26),
    (0.46, 0.93, 0.20),
]

# ranges of mountains: peaks, foot, depth of the snow, color of the stone
RANGES = [
    ([(0.33, 0.10), (-0.05, 0.30), (0.70, 0.34)], 0.62, 0.11, (128, 160, 176)),
    ([(1.16, 0.40), (0.86, 0.50), (0.06, 0.50)], 0.64, 0.0, (70, 116, 132)),
]

INK = (27, 25, 31)
PAPER = (242, 229, 200)
VERMILION = (216, 56, 34)
LAKE = [(206, 214, 190), (104, 160, 172), (34, 92, 124)]


def hatch(phase: Array, tone: Array, jitter: Array) -> Array:
    """Lines along the level sets of the phase, as wide as the tone is dark.

    Parameters
    ----------
    phase : (H, W)
        One line at each half integer.
    tone : (H, W)
        The part that the ink covers, 0 to 1.
    jitter : (H, W)
        Added to the tone: the unsteady hand.

    Returns
    -------
    (H, W) float in [0, 1] : the ink, its edges one pixel soft
    """
    t = np.abs(phase - np.floor(phase) - 0.5) * 2  # 0 on a line, 1 between two
    per_pixel = np.hypot(*np.gradient(phase)) * 2 + 1e-6
    return np.clip((np.clip(tone + jitter, 0, 1) - t) / per_pixel + 0.5, 0, 1) * (tone > 0.04)


def sky(
    rng: Generator, x: Array, y: Array, ground: Array, jitter: Array, drift: Array
) -> tuple[Array, Array]:
    """Rings about the sun, clouds left white, blue toward the top and rose below."""
    r = np.hypot(x - SUN[0], y - SUN[1])
    around = edge(r - 0.145)
    cloud = noise(rng, x * 0.4, y * 1.4, 0.14, 2) + 1.5 * bump((y - 0.40) / 0.1) - 1.5
    clear = edge(-cloud, 0.02)
    tone = 0.24 + 0.75 * np.clip(0.34 - y, 0, 1) + 0.2 * edge(r - 0.6, 0.6)
    ink = hatch((r + drift) * LINES, tone, jitter) * clear
    ink = np.maximum(ink, edge(0.07 - np.abs(cloud), 0.04)) * around
    paper = ground
    ground = over(ground, clear * edge(0.34 - y, 0.6), (112, 166, 180))
    ground = over(ground, clear * bump((y - 0.5) / 0.17), (240, 184, 132))
    return ink, over(over(ground, 1 - around, paper), edge(0.118 - r), VERMILION)


def mountains(
    rng: Generator, x: Array, y: Array, ink: Array, ground: Array, jitter: Array
) -> tuple[Array, Array]:
    """A crooked edge runs down from each peak; the side away from the sun is dark."""
    for peaks, foot, snow, tint in RANGES:
        slopes = np.stack([cy + 0.95 * np.abs(x - cx) for cx, cy in peaks])
        side = x - np.array(peaks)[slopes.argmin(0), 0]
        depth = y - slopes.min(0) - 0.014 * noise(rng, x, 0 * y, 0.06, 3)
        ridge = 0.45 * depth * noise(rng, 0.4 * x, y, 0.11, 3)
        fold = 60 * (np.abs(side) - 0.25 * depth) + 2 * noise(rng, x, y, 0.1, 1)
        lit = edge(side + ridge + 0.05 * np.sin(fold) * (depth > 0.1), 0.012)
        white = (snow > 0) * edge(snow + 0.05 * noise(rng, x, y, 0.06, 3) - depth, 0.006)
        bend = 0.012 * noise(rng, x, y, 0.12, 2)
        shaded = 0.66 - 0.5 * depth - 0.2 * white
        dark = hatch((0.70 * x + 0.71 * y + bend) * LINES, shaded, jitter)
        pale = hatch((0.55 * x - 0.83 * y + bend) * LINES, 0.32 * (1 - white), jitter)
        body = edge(depth) * (y < foot + 0.05)
        ink = ink + body * (dark + lit * (pale - dark) - ink)
        ink = np.maximum(ink, edge(0.0035 + 0.02 * jitter - np.abs(depth)) * (y < foot))
        ground = over(ground, body, PAPER)
        ground = over(ground, body * (1 - white) * (1 - 0.6 * lit), tint)
    return ink, ground


def lake(
    rng: Generator, x: Array, y: Array, ink: Array, ground: Array, jitter: Array
) -> tuple[Array, Array]:
    """Waves that widen toward the viewer, the reflected sun, and a dark forest on the far shore."""
    water, below = edge(y - SHORE), np.clip(y - SHORE, 0, 1)
    swell = 29 * below**0.85 + 0.5 * noise(rng, x * 0.3, y, 0.05, 2)
    width = 0.045 + 0.2 * below + 0.02 * noise(rng, x, y * 3, 0.06, 2)
    path = edge(width - np.abs(x - SUN[0]), 0.01)
    tone = 0.44 + 0.13 * noise(rng, x * 0.4, y, 0.1, 2) - 0.2 * path
    ink = ink + water * (hatch(swell, tone, jitter) - ink)
    ground = over(ground, water, ramp(below * 3, LAKE))
    ground = over(ground, water * hatch(swell + 0.5, 0.62 * path, jitter), (226, 84, 44))

    crown = SHORE - 0.012 - 0.02 * np.abs(noise(rng, x, 0 * y, 0.02, 2)) - 0.05 * (x - 0.85) ** 2
    wood = edge(y - crown) * edge(SHORE + 0.005 - y)
    trunks = hatch(x * 60 + 8 * y, np.full_like(x, 0.25), 3 * jitter)
    return ink + wood * (1 - trunks - ink), ground


def pines(x: Array, y: Array) -> tuple[Array, Array]:
    """Silhouettes of the TREES (foot x, foot y, height) and their light cuts."""
    inside, cut = np.zeros(x.shape), np.zeros(x.shape)
    for cx, foot, tall in TREES:
        t = (foot - y) / tall  # 0 at the foot, 1 at the tip
        tier = (t * 8 + 3.0 * np.abs(x - cx) / tall) % 1  # branches hang
        wide = tall * (0.27 * np.clip(1 - t, 0, 1) * (1 - 0.6 * tier) + 0.004)
        trunk = edge(0.016 * tall - np.abs(x - cx)) * (t > -0.05) * (t < 0.2)
        body = np.maximum(edge(wide - np.abs(x - cx)) * (t > 0.06) * (t < 1), trunk)
        light = edge(x - cx - 0.15 * wide) * edge(0.85 * wide - x + cx)
        light = light * edge(0.2 - np.abs(tier - 0.5), 0.1)
        inside, cut = np.maximum(inside, body), np.where(body > 0.5, light, cut)
    return inside, cut


def bank_and_pines(
    rng: Generator, x: Array, y: Array, ink: Array, ground: Array, jitter: Array, drift: Array
) -> tuple[Array, Array]:
    """The near bank and its trees: black with light cuts."""
    hill = 0.97 - 0.20 * bump(x / 0.42) - 0.13 * bump((x - 1.4) / 0.26)
    depth = y - hill - 0.008 * noise(rng, x, 0 * y, 0.05, 3)
    bank = edge(depth)
    blades = hatch((x + depth * np.sin(7 * x)) * 50, 0.42 - 0.9 * depth, 2 * jitter)
    ink = ink + bank * (1 - blades * edge(depth - 0.01, 0.01) - ink)
    inside, cut = pines(x + 0.15 * drift, y + 0.15 * drift)
    ink = ink + inside * (1 - cut - ink)
    return ink, over(ground, np.maximum(bank, inside), (190, 178, 104))


def woodcut(seed: int = 11, height: int = 384, width: int = 512, factor: int = 3) -> Picture:
    """Black lines of varying width over vermilion, blue and ochre on warm paper.

    Returns
    -------
    (height, width, 3) uint8
    """
    rng = np.random.default_rng(seed)
    x, y = coordinates(height * factor, width * factor)
    ground = np.array(PAPER) + 4 * noise(rng, x, y, 0.01, 2)[..., None]
    jitter = 0.06 * noise(rng, x, y, 0.03, 2) + 0.05 * noise(rng, x, y, 0.12, 1)
    drift = 0.015 * noise(rng, x * 0.5, y, 0.15, 2)
    ink, ground = sky(rng, x, y, ground, jitter, drift)
    ink, ground = mountains(rng, x, y, ink, ground, jitter)
    ink, ground = lake(rng, x, y, ink, ground, jitter)
    ink, ground = bank_and_pines(rng, x, y, ink, ground, jitter, drift)
    worn = 1 - 0.5 * edge(noise(rng, x, y, 0.008, 1) - 2.0, 0.3)  # where the block did not print
    return shrink(over(ground, ink * worn, INK), factor)
