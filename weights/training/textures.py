"""Randomly generated textures for training.

A recipe is a function `(rng, size) -> (size, size, 3)`, RGB in 0..1, and an entry of `RECIPES`. A
seed determines a texture: `texture(name, seed, size)` always returns the same picture.

The first recipes resemble paintings: strokes along a flow field, in layers from broad to fine, with
a palette and the relief of thick paint. They train the network on brush strokes; the other recipes
train it on everything else.
"""

import numpy as np
from numpy.random import Generator
from scipy import ndimage

from nst_numpy.utils.types import Array
from weights.training.drawing import (
    cells,
    dab,
    flow,
    fractal,
    grid,
    paint_by,
    palette,
    relief,
    smear,
    stretch,
)

# --- paintings --------------------------------------------------------------------


def strokes(rng: Generator, size: int) -> Array:
    """Strokes smeared along curl noise, several colors."""
    noise = ndimage.gaussian_filter(rng.standard_normal((size, size)), rng.uniform(0.5, 2.5))
    lines = stretch(smear(noise, flow(rng, size), rng.integers(6, 24)))
    tone = stretch(2 * lines + rng.uniform(0.5, 3) * fractal(rng, size, 2))
    return paint_by(tone, palette(rng, rng.integers(3, 8)))


def impasto(rng: Generator, size: int) -> Array:
    """Thick paint: smeared colors, lit from one side along the bristles."""
    angle, length = flow(rng, size), rng.integers(5, 16)
    colors = palette(rng, 6)[rng.integers(0, 6, (size, size))]
    colors = ndimage.uniform_filter(colors, (rng.integers(2, 6),) * 2 + (0,))
    picture = np.stack([smear(colors[..., c], angle, length) for c in range(3)], axis=-1)
    picture = 0.5 + (picture - picture.mean((0, 1))) * rng.uniform(1, 4)
    picture += 0.7 * paint_by(fractal(rng, size, 2), palette(rng, 4)) - 0.35
    return relief(picture, smear(rng.standard_normal((size, size)), angle, length), rng)


def painted(rng: Generator, size: int) -> Array:
    """A colored scene in dabs, broad ones below and fine ones above, along a flow."""
    scene = paint_by(stretch(fractal(rng, size, rng.uniform(1.2, 2.2))), palette(rng, 7))
    angle, picture = flow(rng, size), scene.copy()
    jitter, slim = rng.uniform(0.02, 0.12), rng.uniform(0.15, 0.5)
    for length in np.array([40, 24, 14]) * rng.uniform(0.5, 1.3):
        for y, x in rng.integers(0, size, (int(1.2 * size**2 / length**2 / slim), 2)):
            color = scene[y, x] + rng.normal(0, jitter, 3)
            dab(picture, (y, x), angle[y, x], length, length * slim, color, rng)
    return relief(picture, picture.mean(-1), rng, 0.03)


def dashes(rng: Generator, size: int) -> Array:
    """Separate dashes along a flow, on a ground of another color."""
    colors, angle, scene = palette(rng, 6), flow(rng, size), fractal(rng, size, 2)
    picture = np.tile(colors[0], (size, size, 1))
    length, width = rng.uniform(8, 26), rng.uniform(2, 6)
    for y, x in rng.integers(0, size, (int(size**2 / length / width), 2)):
        color = colors[1 + int(4.999 * scene[y, x])] + rng.normal(0, 0.05, 3)
        dab(picture, (y, x), angle[y, x], length, width, color, rng)
    return picture


def swirls(rng: Generator, size: int) -> Array:
    """Rings of strokes around a few centers, like stars in a painted sky."""
    y, x = grid(size)
    centers = rng.uniform(0, 1, (rng.integers(1, 6), 2))
    distance = np.stack([np.hypot(y - cy, x - cx) for cy, cx in centers])
    nearest = distance.argmin(0)
    cy, cx = centers[nearest].transpose(2, 0, 1)
    angle = np.arctan2(x - cx, -(y - cy)) + 0.4 * (flow(rng, size) / np.pi)
    noise = ndimage.gaussian_filter(rng.standard_normal((size, size)), rng.uniform(0.7, 2))
    lines = smear(noise, angle, rng.integers(6, 18))
    tone = distance.min(0) * rng.uniform(1, 5) + rng.uniform(0.1, 0.6) * lines / lines.std()
    picture = paint_by(stretch(tone), palette(rng, 6))
    return relief(picture, lines, rng)


def pointillism(rng: Generator, size: int) -> Array:
    """Small dots of unmixed colors whose mean is a soft scene."""
    scene, colors = fractal(rng, size, 2), palette(rng, 8)
    radius = rng.uniform(1.5, 5)
    distance, _, index = cells(rng, size, int((size / radius) ** 2 / 4))
    chosen = stretch(scene).ravel()[rng.integers(0, size**2, index.max() + 1)]
    tone = 0.6 * chosen[index] + 0.4 * scene
    dots = paint_by(np.round(tone * 7) / 7, colors)
    return np.where((distance * size < radius)[..., None], dots, rng.uniform(0, 1))


def watercolor(rng: Generator, size: int) -> Array:
    """Washes with dark rims, on paper with a grain."""
    picture = np.ones((size, size, 3))
    for color in palette(rng, rng.integers(3, 9)):
        level = fractal(rng, size, rng.uniform(1.7, 2.5)) - rng.uniform(0.4, 0.7)
        wash = 1 / (1 + np.exp(-np.clip(level * rng.uniform(30, 200), -50, 50)))
        wash = 0.6 * wash + 0.4 * np.exp(-((level * rng.uniform(40, 120)) ** 2))
        picture *= 1 - wash[..., None] * (1 - color)
    return picture * (0.9 + 0.1 * fractal(rng, size, 0.5)[..., None])


def hatching(rng: Generator, size: int) -> Array:
    """Woodcut: lines whose width is the tone, crossed in the dark."""
    y, x = grid(size)
    tone, bend = fractal(rng, size, 2.2), fractal(rng, size, 2.8)
    ink, paper = palette(rng, 2)
    dark = np.zeros((size, size), bool)
    for threshold in rng.uniform(0.2, 0.9, rng.integers(1, 4)):
        turn, pitch = rng.uniform(0, np.pi), rng.uniform(15, 50)
        wave = np.sin(2 * np.pi * pitch * (np.cos(turn) * x + np.sin(turn) * y + bend * 0.3))
        dark |= wave > 1 - 2 * np.clip(threshold - tone + 0.3, 0, 1)
    return np.where(dark[..., None], ink, paper)


def ink(rng: Generator, size: int) -> Array:
    """Level lines drawn with a pen over flat colors."""
    height = fractal(rng, size, rng.uniform(1.6, 2.6)) * rng.uniform(3, 10)
    near = np.abs(height - np.round(height)) / (np.hypot(*np.gradient(height)) + 1e-3)
    flat = paint_by(stretch(np.floor(height + 0.5)), palette(rng, 6))
    return flat * (near > rng.uniform(0.6, 2))[..., None]


# --- surfaces and patterns ----------------------------------------------------------


def dead_leaves(rng: Generator, size: int) -> Array:
    """Discs that cover one another, of all sizes: the statistics of natural pictures."""
    y, x = grid(size)
    picture, colors = np.zeros((size, size, 3)), palette(rng, 12)
    for _ in range(160):
        cy, cx, r = *rng.uniform(-0.1, 1.1, 2), 0.03 / rng.uniform(0.08, 1) ** 1.0
        picture[(y - cy) ** 2 + (x - cx) ** 2 < r**2] = colors[rng.integers(12)]
    return picture


def planks(rng: Generator, size: int) -> Array:
    """Turned rectangles that cover one another, each with a shade across it."""
    y, x = grid(size)
    picture, colors = np.zeros((size, size, 3)), palette(rng, 10)
    for _ in range(100):
        cy, cx, turn = *rng.uniform(0, 1, 2), rng.uniform(0, np.pi)
        u = np.cos(turn) * (x - cx) + np.sin(turn) * (y - cy)
        v = np.cos(turn) * (y - cy) - np.sin(turn) * (x - cx)
        inside = (np.abs(u) < rng.uniform(0.03, 0.3)) & (np.abs(v) < rng.uniform(0.02, 0.15))
        shade = 1 + rng.uniform(-3, 3) * v[inside, None]
        picture[inside] = colors[rng.integers(10)] * shade
    return picture


def mosaic(rng: Generator, size: int) -> Array:
    """Flat Voronoi cells whose colors follow a soft scene."""
    n = int(10 ** rng.uniform(1.3, 3))
    _, _, index = cells(rng, size, n)
    tone = stretch(rng.uniform(0, 1, n) + rng.uniform(0, 2) * np.linspace(0, 1, n))
    return paint_by(tone, palette(rng, 6))[index]


def stained_glass(rng: Generator, size: int) -> Array:
    """Voronoi cells between dark or light joints, uneven in tone."""
    n = int(10 ** rng.uniform(1.3, 2.7))
    first, second, index = cells(rng, size, n)
    picture = palette(rng, n)[index] * (0.7 + 0.3 * fractal(rng, size, 1.5)[..., None])
    joint = (second - first) * np.sqrt(n) < rng.uniform(0.05, 0.3)
    return np.where(joint[..., None], rng.choice([0.05, 0.9]), picture)


def bands(rng: Generator, size: int) -> Array:
    """Noise of one direction and one range of frequencies, on a ramp of colors."""
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)
    turn, pitch = rng.uniform(0, np.pi), rng.uniform(0.02, 0.25)
    angle = np.abs(np.sin(np.arctan2(fy, fx) - turn)) / rng.uniform(0.1, 1)
    ring = np.log(np.hypot(fy, fx) / pitch + 1e-9) / rng.uniform(0.2, 0.7)
    spectrum = np.fft.fft2(rng.standard_normal((size, size))) * np.exp(-(angle**2) - ring**2)
    return paint_by(stretch(np.fft.ifft2(spectrum).real), palette(rng, 4))


def stripes(rng: Generator, size: int) -> Array:
    """Stripes and plaids, bent by noise."""
    y, x = grid(size)
    bend, picture = rng.uniform(0, 1) * fractal(rng, size, 2.5), 0
    for _ in range(rng.integers(1, 3)):
        turn, pitch = rng.uniform(0, np.pi), rng.uniform(3, 30)
        wave = np.sin(2 * np.pi * pitch * (np.cos(turn) * x + np.sin(turn) * y + bend))
        wave = np.tanh(wave * rng.uniform(0.5, 10))
        picture = picture + paint_by(stretch(wave), palette(rng, 3))
    return stretch(picture)


def clouds(rng: Generator, size: int) -> Array:
    """A fractional Brownian field in each color channel, or one field on a ramp."""
    slope = rng.uniform(1, 2.5)
    if rng.uniform() < 0.5:
        return paint_by(fractal(rng, size, slope), palette(rng, 6))
    fields = np.stack([fractal(rng, size, slope) for _ in range(3)], axis=-1)
    return np.clip(fields @ (np.eye(3) + rng.normal(0, 0.4, (3, 3))), 0, 1)


def marble(rng: Generator, size: int) -> Array:
    """Noise displaced by noise: veins."""
    field = fractal(rng, size, rng.uniform(1.2, 2.2))
    y, x = np.mgrid[:size, :size]
    shift = size * rng.uniform(0.1, 0.5) * (fractal(rng, size, 2.5) - 0.5)
    field = ndimage.map_coordinates(field, [y + shift, x - shift], order=1, mode="reflect")
    return paint_by(0.5 + 0.5 * np.sin(field * rng.uniform(3, 25)), palette(rng, 5))


def fern(rng: Generator, size: int) -> Array:
    """The attractor of an iterated function system, by the chaos game."""
    n = rng.integers(2, 5)
    A, b = rng.normal(0, 1, (n, 2, 2)), rng.uniform(-1, 1, (n, 2))
    A *= rng.uniform(0.5, 0.85, (n, 1, 1)) / np.sqrt(np.abs(np.linalg.det(A)))[:, None, None]
    A *= np.minimum(1, 0.92 / np.linalg.norm(A, 2, axis=(1, 2)))[:, None, None]
    z, hits, shade = rng.uniform(-1, 1, (4000, 2)), [], []
    for _ in range(40):
        k = rng.integers(0, n, len(z))
        z = np.einsum("nij,nj->ni", A[k], z) + b[k]
        hits.append(z)
        shade.append(k)
    at = np.concatenate(hits[10:])
    at = (stretch(at) * (size - 1)).astype(int) @ [size, 1]
    count = np.bincount(at, minlength=size**2).reshape(size, size)
    mean = np.bincount(at, np.concatenate(shade[10:]), size**2).reshape(size, size)
    color = paint_by(mean / np.maximum(count, 1) / max(n - 1, 1), palette(rng, 4))
    cover = np.minimum(count / rng.uniform(1, 4), 1)[..., None]
    return cover * color + (1 - cover) * palette(rng, 1)[0]


def bricks(rng: Generator, size: int) -> Array:
    """Courses of bricks, each with its own tone, in mortar."""
    rows, ratio = rng.integers(5, 20), rng.uniform(1, 3)
    y, x = grid(size) * rows
    if rng.uniform() < 0.4:
        y, x = x, y
    x = x / ratio + 0.5 * (np.floor(y) % 2)
    joint = np.minimum(y % 1, (x % 1) * ratio) < rng.uniform(0.05, 0.25)
    tone = rng.uniform(0, 1, (64, 64))[np.floor(y).astype(int), np.floor(x).astype(int)]
    tone = tone + rng.uniform(0, 0.5) * fractal(rng, size, 1)
    return np.where(joint[..., None], palette(rng, 1)[0], paint_by(stretch(tone), palette(rng, 4)))


def dots(rng: Generator, size: int) -> Array:
    """Discs or rings on a turned lattice."""
    y, x = grid(size) * rng.uniform(4, 24)
    turn = rng.uniform(0, np.pi)
    u, v = np.cos(turn) * x + np.sin(turn) * y, np.cos(turn) * y - np.sin(turn) * x
    r = np.hypot(u - np.round(u), v - np.round(v))
    shape = np.sin(r * np.pi * rng.integers(2, 7)) > rng.uniform(-0.3, 0.6)
    field = paint_by(fractal(rng, size, 2), palette(rng, 4))
    return np.where(shape[..., None], field, palette(rng, 1)[0])


def facets(rng: Generator, size: int) -> Array:
    """Soft gradients cut by straight edges: walls, roofs and their shadows."""
    y, x = grid(size)
    picture = paint_by(stretch(rng.normal() * x + rng.normal() * y), palette(rng, 3))
    for _ in range(rng.integers(3, 14)):
        turn, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.4, 0.4)
        side = np.cos(turn) * (x - 0.5) + np.sin(turn) * (y - 0.5) > offset
        other = paint_by(stretch(rng.normal() * x + rng.normal() * y), palette(rng, 2))
        picture[side] = (picture + rng.uniform(0.3, 1) * (other - picture))[side]
    return picture


def collage(rng: Generator, size: int) -> Array:
    """Large cells, each filled with another recipe."""
    _, _, index = cells(rng, size, rng.integers(3, 9))
    names = [name for name in RECIPES if name not in ("collage", "painted")]
    layers = [RECIPES[name](rng, size) for name in rng.choice(names, 3)]
    return np.choose(index[..., None] % 3, layers)


RECIPES = {
    function.__name__: function
    for function in (
        *(strokes, impasto, painted, dashes, swirls, pointillism, watercolor, hatching, ink),
        *(dead_leaves, planks, mosaic, stained_glass, bands, stripes, clouds, marble, fern),
        *(bricks, dots, facets, collage),
    )
}


def texture(name: str, seed: int, size: int = 192) -> Array:
    """One picture of a recipe.

    Parameters
    ----------
    name : str
        A key of `RECIPES`.
    seed : int
        Which sample; the same seed gives the same picture.
    size : int
        Side in pixels.

    Returns
    -------
    (size, size, 3) float64
        RGB in 0..1.
    """
    rng = np.random.default_rng([seed, *name.encode()])
    return np.clip(RECIPES[name](rng, size), 0, 1)
