"""The picture as it forms: some of its states, and an animated picture of them."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy.typing as npt
from PIL import Image

from nst_numpy.images import check_output, resize, scaled_size
from nst_numpy.images.resize import to_image
from nst_numpy.images.write import write_image
from nst_numpy.transfer.optimization import Result
from nst_numpy.utils.types import Array, File, Terms

MOST = 32  # frames of a film, beside the result
SIDE = 640  # pixels of a frame's longer side at most
FIRST, NEXT, LAST = 600, 120, 3000  # milliseconds that a frame of an animated picture is shown

# Pillow's names, and how they are saved.
ANIMATED = {
    ".webp": ("WEBP", {"quality": 85}),
    ".gif": ("GIF", {}),
    ".apng": ("PNG", {}),
}


@dataclass
class FrameRecorder:
    """A callback of `nst_numpy.stylize` that keeps a few pictures of a job, even in its iterations.

    It keeps every ``step``-th iteration, the start too. When there are too many, every other one
    is dropped and ``step`` doubles: there are 17 to 32 after any number of iterations from 16 on,
    in a memory of some megabytes.

    Both attributes are plain data. A film made of those that another one had goes on from there.

    Attributes
    ----------
    frames : list of (int, bytes)
        Iteration, and the picture as a JPEG file.
    step : int
        Iterations from one frame to the next.
    """

    frames: list = field(default_factory=list)
    step: int = 1

    def __call__(self, iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        if iteration % self.step:
            return
        earlier = [frame for frame in self.frames if frame[0] < iteration]
        self.frames = [*earlier, (iteration, jpeg(picture))]
        if len(self.frames) > MOST:
            self.step *= 2
            self.frames = [frame for frame in self.frames if frame[0] % self.step == 0]


def jpeg(picture: npt.NDArray[Any], side: int = SIDE, quality: int = 75) -> bytes:
    """A picture (H, W, 3), 0..255, as a JPEG file, its longer side ``side`` pixels at most.

    Color has the full resolution (4:4:4): with less, fine strokes lose a tenth of theirs.
    """
    fitting = scaled_size(min(side, max(picture.shape[:2])), picture.shape)
    file = io.BytesIO()
    to_image(resize(picture, fitting)).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def all_frames(film, result):
    """The frames of a job that has ended: those of the film, and its result as the last one.

    Parameters
    ----------
    film : FrameRecorder
    result : nst_numpy.Result
        Of the job whose callback the film was.

    Returns
    -------
    list of (int, bytes)
    """
    last = sum(len(each.losses) - 1 for each in (*result.earlier, result))
    before = [(iteration, frame) for iteration, frame in film.frames if iteration < last]
    return [*before, (last, jpeg(result.picture))]


def write_frames(path: File, result: Result, film: FrameRecorder) -> None:
    """Write an animated picture of a job: how its picture formed, the result held longest.

    Parameters
    ----------
    path : str or path
        With the ending ``.webp``, ``.gif`` (256 colors) or ``.apng`` (large).
    result : nst_numpy.Result
    film : FrameRecorder
        That was its job's callback.

    Raises
    ------
    InputError
        If the ending is none of these, or the file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from nst_numpy import FrameRecorder, stylize
    >>> job = {"content": np.eye(32)[..., None] * (255, 200, 100), "style": np.full((32, 32, 3), 9)}
    >>> job |= {"size": 32, "iterations": 2, "weights": "random", "normalized": False}
    >>> film = FrameRecorder()
    >>> result = stylize(**job, callback=film)
    >>> write_frames("forming.webp", result, film)
    """
    path = Path(path)
    check_output(path, formats=ANIMATED)
    images = [Image.open(io.BytesIO(frame)) for _, frame in all_frames(film, result)]
    size = images[-1].size  # those of coarser scales are smaller
    first, *others = [image.resize(size, Image.Resampling.LANCZOS) for image in images]
    format, options = ANIMATED[path.suffix.lower()]
    if format == "GIF":
        first, *others = map(quantize, (first, *others))
    durations = [FIRST, *[NEXT] * (len(others) - 1), LAST][-len(images) :]
    animation = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
    write_image(path, first, format, **animation, **options)


def quantize(image: Image.Image) -> Image.Image:
    """An image in 256 colors of its own, found on every ninth pixel, and dithered.

    Blurred as the eye does it, that differs by 0.8 gray levels from a picture with fine strokes;
    Pillow's own way to GIF, without refinement of the palette and without dithering, by 2.6.
    """
    some = image.resize([-(-side // 3) for side in image.size], Image.Resampling.NEAREST)
    palette = some.quantize(256, kmeans=3)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
