"""Training data: random crops of generated textures and of free photographs.

Training calls `batch`; the other functions are its steps.
"""

import os
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import torch
import torch.nn.functional as nnf
from numpy.random import Generator
from skimage import data, io

from nst_numpy.networks.build_network import MEAN_RGB
from nst_numpy.utils.types import Picture
from weights.training.textures import RECIPES, texture

# From the wheel of scikit-image, which documents them as CC0, public domain or without known
# restrictions; it states no license for moon.png, page.png and motorcycle_*.png. No sample picture
# is among them.
PHOTOGRAPHS = (
    *("astronaut.png", "coffee.png", "motorcycle_left.png", "motorcycle_right.png"),
    *("brick.png", "camera.png", "cell.png", "clock_motion.png", "coins.png", "grass.png"),
    *("gravel.png", "horse.png", "hubble_deep_field.jpg", "ihc.png", "moon.png", "page.png"),
    *("microaneurysms.png", "retina.jpg", "rocket.jpg", "text.png"),
)
REAL_SCENES = (
    *("camera.png", "rocket.jpg", "hubble_deep_field.jpg", "coins.png"),
    *("astronaut.png", "coffee.png", "motorcycle_left.png"),
)  # used three times as often
# Recipes that resemble paintings are used three times as often as the others.
PAINTINGS = (
    *("strokes", "impasto", "painted", "dashes", "swirls", "pointillism", "watercolor"),
    *("hatching", "ink", "collage"),
)


def one_texture(job: tuple[str, int, int]) -> Picture:
    """A texture as uint8; runs in a worker process."""
    return (texture(*job) * 255).astype(np.uint8)


def load_textures(cache: str, per_recipe: int, size: int, seed: int) -> Picture:
    """All textures, (n, size, size, 3) uint8; created once, then read from `cache`."""
    if not os.path.exists(cache):
        jobs = []
        for name in RECIPES:
            n = per_recipe * (3 if name in PAINTINGS else 1)
            jobs += [(name, seed + i, size) for i in range(n)]
        with ProcessPoolExecutor(2) as workers:
            made = np.stack(list(workers.map(one_texture, jobs, chunksize=32)))
        np.save(cache, made)
    return np.load(cache, mmap_mode="r")


def load_photographs() -> list[Picture]:
    """The photographs, each an (H, W, 3) uint8 array."""
    folder, pictures = os.path.dirname(data.__file__), []
    for name in PHOTOGRAPHS + 2 * REAL_SCENES:
        a = io.imread(os.path.join(folder, name))
        a = a * np.uint8(255) if a.dtype == bool else a
        a = np.repeat(a[..., None], 3, axis=2) if a.ndim == 2 else a[..., :3]
        pictures.append(np.ascontiguousarray(a))
    return pictures


def cut(rng: Generator, picture: Picture, size: int) -> torch.Tensor:
    """Crop a square of `picture` at a random place and scale: (3, size, size), 0..255."""
    longest = min(picture.shape[:2])
    side = int(np.clip(size * 2 ** rng.uniform(-0.3, 1.3), 32, longest))
    top, left = (rng.integers(0, n - side + 1) for n in picture.shape[:2])
    square = torch.from_numpy(np.array(picture[top : top + side, left : left + side]))
    square = square.permute(2, 0, 1)[None].float()
    return nnf.interpolate(square, (size, size), mode="bilinear", antialias=True)[0]


def recolor(rng: Generator, x: torch.Tensor) -> torch.Tensor:
    """Randomly flip, transpose, permute channels, and change contrast, brightness and tint."""
    if rng.uniform() < 0.5:
        x = x.flip(2)
    if rng.uniform() < 0.3:
        x = x.transpose(1, 2)
    if rng.uniform() < 0.5:
        x = x[torch.from_numpy(rng.permutation(3))]
    if rng.uniform() < 0.5:
        mean = x.mean((1, 2), keepdim=True)
        gain = rng.uniform(0.3, 1.6) * rng.uniform(0.7, 1.4, (3, 1, 1))
        shift = rng.normal(0, 20) + rng.normal(0, 20, (3, 1, 1))
        x = mean + (x - mean) * torch.from_numpy(gain).float() + torch.from_numpy(shift).float()
    return x


def grain(rng: Generator, size: int) -> torch.Tensor:
    """Noise, fine or coarse, gray or colored: (3, size, size), at most 30 gray levels."""
    noise = torch.from_numpy(rng.standard_normal((3, size, size), dtype=np.float32))
    if rng.uniform() < 0.3:
        noise = noise[:1].expand(3, -1, -1)
    elif rng.uniform() < 0.5:
        noise = noise - noise.mean(0)
    frequency = torch.hypot(torch.fft.fftfreq(size)[:, None], torch.fft.rfftfreq(size))
    shape = frequency.clamp(min=1 / size) ** -rng.uniform(0, 1.2)
    noise = torch.fft.irfft2(torch.fft.rfft2(noise) * shape, s=(size, size))
    return noise / noise.std() * rng.uniform(0, 30)


def crop(rng: Generator, textures: Picture, photographs: list[Picture], size: int) -> torch.Tensor:
    """One training picture, (3, size, size), RGB, 0..255."""
    half = rng.uniform() < 0.5
    source = textures if half else photographs
    x = recolor(rng, cut(rng, source[rng.integers(len(source))], size))
    if rng.uniform() < 0.2:  # blend with another picture
        other = textures if rng.uniform() < 0.7 else photographs
        y = recolor(rng, cut(rng, other[rng.integers(len(other))], size))
        x = x + rng.uniform(0.2, 0.8) * (y - x)
    if rng.uniform() < 0.3:
        x = x + grain(rng, size)
    return x.clamp(0, 255)


def batch(
    rng: Generator, textures: Picture, photographs: list[Picture], n: int, size: int
) -> torch.Tensor:
    """n crops as input of the networks: (n, 3, size, size), BGR minus the means."""
    x = torch.stack([crop(rng, textures, photographs, size) for _ in range(n)])
    x = (x - torch.from_numpy(MEAN_RGB)[:, None, None]).flip(1)
    return x.contiguous(memory_format=torch.channels_last)
