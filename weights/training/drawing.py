"""Drawing functions for generated textures: noise, palettes, flow fields, brush strokes.

All randomness comes from a `numpy.random.Generator` argument. A picture is `(size, size, 3)`, RGB
in 0..1.
"""

import numpy as np
from numpy.random import Generator
from scipy import ndimage
from scipy.spatial import cKDTree

from nst_numpy.utils.types import Array, Labels


def grid(size: int) -> Array:
    """Coordinates y and x of the pixels, each (size, size), relative to the side of the picture."""
    return np.mgrid[:size, :size] / size


def stretch(a: Array) -> Array:
    """Shift and scale `a` to the range 0..1."""
    return (a - a.min()) / (np.ptp(a) + 1e-9)


def fractal(rng: Generator, size: int, slope: float = 2.0) -> Array:
    """Noise with spectrum 1 / frequency^slope, in 0..1: clouds for 2, grain for 0.

    Parameters
    ----------
    rng : numpy.random.Generator
    size : int
        Side of the picture in pixels.
    slope : float
        Exponent of the decay of the amplitude with the frequency.

    Returns
    -------
    (size, size) float64
    """
    fy, fx = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)
    frequency = np.maximum(np.hypot(fy, fx), 1 / size)
    spectrum = np.fft.rfft2(rng.standard_normal((size, size))) / frequency**slope
    return stretch(np.fft.irfft2(spectrum, s=(size, size)))


def palette(rng: Generator, n: int) -> Array:
    """`n` matching colors, (n, 3) in 0..1: one range of hues, all tones."""
    phase = rng.uniform(0, 1) + rng.uniform(0.05, 0.5) * rng.standard_normal(n)
    hue = 0.5 + 0.5 * np.cos(2 * np.pi * (phase[:, None] + np.array([0, 1, 2]) / 3))
    chroma = rng.uniform(0, 1, (n, 1)) ** rng.uniform(0.3, 2)
    tone = rng.permutation((np.arange(n) + rng.uniform(0, 1, n)) / n)[:, None]
    colors = tone + chroma * (hue - hue.mean(axis=1, keepdims=True))
    return np.clip(colors, 0, 1)


def paint_by(t: Array, colors: Array) -> Array:
    """Look up t in 0..1 on the ramp through `colors`: (...) -> (..., 3)."""
    stops = np.linspace(0, 1, len(colors))
    return np.stack([np.interp(t, stops, c) for c in colors.T], axis=-1)


def flow(rng: Generator, size: int, slope: float | None = None) -> Array:
    """Angles along the level lines of a smooth potential, (size, size): curl noise."""
    slope = rng.uniform(2.2, 3.5) if slope is None else slope
    dy, dx = np.gradient(ndimage.gaussian_filter(fractal(rng, size, slope), 3))
    return np.arctan2(dx, -dy)  # the gradient turned by a quarter


def smear(a: Array, angle: Array, length: int) -> Array:
    """Line integral convolution: the mean of `a` along the flow, `length` pixels each way."""
    size = len(angle)
    step_y, step_x, total = np.sin(angle), np.cos(angle), a.copy()
    for sign in (1, -1):
        y, x = np.mgrid[:size, :size].astype(float)
        for _ in range(length):
            i, j = y.astype(int) % size, x.astype(int) % size
            y, x = y + sign * step_y[i, j], x + sign * step_x[i, j]
            total += a[y.astype(int) % size, x.astype(int) % size]
    return total / (2 * length + 1)


def relief(picture: Array, height: Array, rng: Generator, depth: float | None = None) -> Array:
    """Light a picture from one side, like thick paint; `height` is (size, size)."""
    dy, dx = np.gradient(height)
    light = rng.uniform(0, 2 * np.pi)
    slant = np.cos(light) * dx + np.sin(light) * dy
    depth = rng.uniform(0.05, 0.2) if depth is None else depth
    return picture + depth * (slant / (slant.std() + 1e-9))[..., None]


def dab(
    picture: Array,
    at: tuple[int, int],
    angle: float,
    length: float,
    width: float,
    color: Array,
    rng: Generator,
) -> None:
    """Draw one bent brush stroke with bristles on `picture`, in place."""
    size, (y, x), reach = len(picture), at, int(length / 2 + width) + 1
    top, left = max(y - reach, 0), max(x - reach, 0)
    part = picture[top : y + reach, left : x + reach]
    dy, dx = np.ogrid[top - y : min(reach, size - y), left - x : min(reach, size - x)]
    along = np.cos(angle) * dx + np.sin(angle) * dy
    across = np.cos(angle) * dy - np.sin(angle) * dx
    across = across + rng.normal(0, 0.2) * along**2 / length
    inside = (np.abs(across) < width / 2) & (np.abs(along) < length / 2)
    bristles = rng.normal(0, 0.06, 64)[(across * 1.5).astype(int) % 64]
    part[inside] = color + bristles[inside, None]


def cells(rng: Generator, size: int, n: int) -> tuple[Array, Array, Labels]:
    """Distances to the nearest two of n random points, and the index of the nearest, per pixel."""
    seeds = rng.uniform(-0.1, 1.1, (n, 2))
    points = np.stack(grid(size), -1) + 0.01 * rng.uniform() * rng.standard_normal(2)
    distance, index = cKDTree(seeds).query(points, k=2)
    return distance[..., 0], distance[..., 1], index[..., 0]
