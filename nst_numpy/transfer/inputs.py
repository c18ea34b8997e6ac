"""From what a person hands in to the pictures that a job starts from."""

import os
from collections.abc import Callable, Sequence

import numpy as np

from nst_numpy.images import picture_shape, read_picture, resize, scaled_size
from nst_numpy.images.array_checks import check_pixels, check_range
from nst_numpy.transfer.option_types import is_path
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, File, Image, PictureSource, Shape

BLACK, WHITE = 0.0, 255.0
STARTS = ("noise", "content", "style")
MARGIN = 16  # pixels by which the pictures are continued on each side, see `extend`


def picture_from(source: PictureSource, size: int) -> Image:
    """A picture from a file or an array, its longer side scaled to ``size``: (H, W, 3) float32."""
    if is_path(source):
        return read_picture(source, size)
    source = check_range(source)
    return resize(source, scaled_size(size, source.shape))


def shape_of(source: PictureSource) -> Shape:
    """(H, W) of a picture as it was handed in; of a file only the header is read."""
    return picture_shape(source) if is_path(source) else check_pixels(source).shape[:2]


def shapes_by_size(
    sources: Sequence[PictureSource], style_side: Callable[[int], int] = lambda size: size
) -> Callable[[int], list[Shape]]:
    """A function: size -> [(H, W)] of content and styles as `picture_from` scales them for it.

    Parameters
    ----------
    sources : sequence of path or (H, W, 3) array
    style_side : callable
        Size -> pixels of the styles' longer side.
    """
    own_sizes = [shape_of(source) for source in sources]

    def shapes_at(size: int) -> list[Shape]:
        sides = [size, *[style_side(size)] * (len(own_sizes) - 1)]
        return [scaled_size(*each)[::-1] for each in zip(sides, own_sizes, strict=True)]

    return shapes_at


def start_from(init: PictureSource, p: Image, a: Image, seed: int) -> Image:
    """The image that the optimization starts from, of p's shape (H, W, 3), 0..255.

    Departs from Gatys et al.: they start from white noise, here ``init="noise"``. A job starts
    from the content image unless asked otherwise, because it takes fewer iterations from there.
    """
    if isinstance(init, str) and init == "noise":
        return np.random.default_rng(seed).uniform(BLACK, WHITE, p.shape)
    if isinstance(init, str) and init in STARTS:
        init = {"content": p, "style": a}[init]
    elif (file := start_file(init)) is not None:
        init = read_picture(file)
    else:
        init = check_range(init)
    return resize(init, p.shape[1::-1])


def start_file(init: PictureSource) -> File | None:
    """The file that the optimization starts from, or None if it starts from something else."""
    if not is_path(init) or init in STARTS:
        return None
    if not os.path.lexists(init):
        raise InputError(
            f"`init` {str(init)!r} is neither {', '.join(STARTS)} nor the name of a picture."
        )
    return init


def margin_of(padding: str) -> int:
    """Pixels by which a job continues its pictures: none where the convolutions do that.

    How far the outermost pixels stand out, as the mean step from them to their neighbors over
    such steps inside, 160 pixels: 0.9 with zeros and the margin, 1.2 with zeros alone, 1.0 with
    reflect, 1.5 with replicate, which shows the outermost pixels more than once.
    """
    return MARGIN if padding == "zero" else 0


def extend(x: Array, margin: int = MARGIN) -> Array:
    """Continue a picture (H, W, 3) by its mirror image on each side: (H + 32, W + 32, 3).

    Departs from Gatys et al.: the convolutions see zeros beyond the border, which no picture
    has inside, and what the network makes of them shows as a colored rim. So the rim is put
    outside: the job works on the continued pictures, and `crop` cuts the result out.
    """
    return np.pad(x, ((margin, margin), (margin, margin), (0, 0)), mode="reflect")


def crop(x: Array, margin: int = MARGIN) -> Array:
    """The way back of `extend`; with a margin of 0, all of x."""
    return x[margin : x.shape[0] - margin, margin : x.shape[1] - margin]
