"""Read the pictures of a job and prepare the image that the optimization starts from."""

import os
from dataclasses import dataclass

import numpy as np

from nst_numpy.images import read_picture, resize
from nst_numpy.images.array_checks import as_picture
from nst_numpy.images.color import keep_color
from nst_numpy.optimizers.preconditioner import pixel_preconditioner, shaped_noise
from nst_numpy.transfer.margin import crop
from nst_numpy.transfer.masks import Regions
from nst_numpy.transfer.option_values import is_path
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import File, Image, PictureSource

BLACK, WHITE = 0.0, 255.0
NOISES = ("noise", "white-noise")
STARTS = (*NOISES, "content", "style")
MID_GRAY, NOISE_DEVIATION = 127.5, 40.0  # gray levels, of noise with the spectrum of pictures


@dataclass(frozen=True, eq=False)
class Inputs:
    """The pictures of a job at their final sizes, in the dtype of the network.

    Attributes
    ----------
    p : (H, W, 3) array
        Content image, red, green, blue, 0..255, with its margin.
    styles : list of (H, W, 3) arrays
        Style images, with their margins.
    x0 : (H, W, 3) array
        Initial image, of the shape of p.
    margin : int
        Pixels on each side that are not part of the picture (`extend`).
    regions : Regions, optional
        Masks at the size of each style layer.
    colors : (H, W, 3) array, optional
        Picture whose colors the result gets, without a margin.
    """

    p: Image
    styles: list[Image]
    x0: Image
    margin: int = 0
    regions: Regions | None = None
    colors: Image | None = None


def finished(x: Image, inputs: Inputs) -> Image:
    """The picture that belongs to an image x: without its margin, with its final colors."""
    picture = crop(x, inputs.margin)
    return picture if inputs.colors is None else keep_color(picture, content=inputs.colors)


def initial_image(init: PictureSource, p: Image, a: Image, seed: int) -> Image:
    """The image that the optimization starts from, of the shape of p, 0..255.

    Departs from Gatys et al.: they start from white noise, here ``init="white-noise"``. The default
    is the content image, which needs fewer iterations. The grain of white noise disappears
    slowly, because it has much energy at high frequencies; ``init="noise"`` has the 1/f spectrum of
    pictures.

    Parameters
    ----------
    init : str, path or (H, W, 3) array
        One of `STARTS`, or a picture, which is scaled.
    p, a : (H, W, 3) array
        Content image and the first style image.
    seed : int
        Seed of the noise.
    """
    if isinstance(init, str) and init == "white-noise":
        return np.random.default_rng(seed).uniform(BLACK, WHITE, p.shape)
    if isinstance(init, str) and init == "noise":
        noise = shaped_noise(pixel_preconditioner(p.shape, exponent=0.5), seed)
        return np.clip(MID_GRAY + NOISE_DEVIATION * noise, BLACK, WHITE)
    if isinstance(init, str) and init in STARTS:
        init = {"content": p, "style": a}[init]
    elif (file := start_file(init)) is not None:
        init = read_picture(file)
    else:
        init = as_picture(init, "The initial image")
    return resize(init, p.shape[1::-1])


def start_file(init: PictureSource) -> File | None:
    """The file that the optimization starts from, or None if it starts from something else."""
    if not is_path(init) or init in STARTS:
        return None
    if not os.path.lexists(init):
        raise InputError(
            f"`init` {str(init)!r} is neither {', '.join(STARTS)} nor an existing file."
        )
    return init
