"""Frames of a job: pictures recorded during the optimization, and an animated picture of them."""

import io
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import numpy.typing as npt
from PIL import Image

from nst_numpy.images import check_output, resize, scaled_size
from nst_numpy.images.resize import to_image
from nst_numpy.images.write import write_image
from nst_numpy.transfer.result import Result
from nst_numpy.utils.types import Array, File, Terms

MAX_FRAMES = 32  # recorded frames, in addition to the result
MAX_SIDE = 640  # pixels of the longer side of a frame
FIRST, NEXT, LAST = 600, 120, 3000  # milliseconds that a frame of an animated picture is shown

ANIMATED_FORMATS: dict[str, tuple[str, dict[str, Any]]] = {  # name and options of Pillow
    ".webp": ("WEBP", {"quality": 85}),
    ".gif": ("GIF", {}),
    ".apng": ("PNG", {}),
}

Frame: TypeAlias = tuple[int, bytes]  # iteration, JPEG file


@dataclass
class FrameRecorder:
    """A callback of `nst_numpy.stylize` that records frames at regular intervals.

    It records every ``step``-th iteration, including the start. When there are too many frames,
    every other one is dropped and ``step`` doubles. After any number of iterations from 16 on
    there are 17 to 32 frames, which take a few megabytes.

    A recorder that is created with the frames and the step of another one continues it.

    Attributes
    ----------
    frames : list of (int, bytes)
        Iteration, and the picture as a JPEG file.
    step : int
        Iterations from one frame to the next.
    """

    frames: list[Frame] = field(default_factory=list)
    step: int = 1

    def __call__(self, iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        if iteration % self.step:
            return
        earlier = [frame for frame in self.frames if frame[0] < iteration]
        self.frames = [*earlier, (iteration, jpeg_bytes(picture))]
        if len(self.frames) > MAX_FRAMES:
            self.step *= 2
            self.frames = [frame for frame in self.frames if frame[0] % self.step == 0]

    def contents(self) -> dict[str, Any]:
        """The attributes by name, as plain values. They do not change when a frame is added."""
        return {"frames": self.frames, "step": self.step}


def jpeg_bytes(picture: npt.NDArray[Any], side: int = MAX_SIDE, quality: int = 75) -> bytes:
    """Encode a picture as a JPEG file.

    Parameters
    ----------
    picture : (H, W, 3) array, 0..255
    side : int
        Largest number of pixels of the longer side; a larger picture is reduced.
    quality : int
        Of the JPEG file. The color channels keep the full resolution (4:4:4): with less, fine
        strokes lose a tenth of their color.
    """
    size = scaled_size(min(side, max(picture.shape[:2])), picture.shape)
    file = io.BytesIO()
    to_image(resize(picture, size)).save(file, "JPEG", quality=quality, subsampling=0)
    return file.getvalue()


def all_frames(recorder: FrameRecorder, result: Result) -> list[Frame]:
    """The recorded frames of a finished job, and its result as the last frame.

    Parameters
    ----------
    recorder : FrameRecorder
        A callback of the job.
    result : nst_numpy.Result

    Returns
    -------
    list of (int, bytes)
    """
    last = sum(len(each.losses) - 1 for each in (*result.earlier, result))
    before = [(iteration, frame) for iteration, frame in recorder.frames if iteration < last]
    return [*before, (last, jpeg_bytes(result.picture))]


def write_frames(path: File, result: Result, recorder: FrameRecorder) -> None:
    """Write an animated picture of the optimization. The result is shown longest.

    Parameters
    ----------
    path : str or path
        With the suffix ``.webp``, ``.gif`` (256 colors) or ``.apng`` (large).
    result : nst_numpy.Result
    recorder : FrameRecorder
        A callback of the job.

    Raises
    ------
    InputError
        If the suffix is none of these, or the file cannot be written.

    Examples
    --------
    >>> import numpy as np
    >>> from nst_numpy import FrameRecorder, stylize
    >>> job = {"content": np.eye(32)[..., None] * (255, 200, 100), "style": np.full((32, 32, 3), 9)}
    >>> job |= {"size": 32, "iterations": 2, "weights": "random", "normalized": False}
    >>> recorder = FrameRecorder()
    >>> result = stylize(**job, callback=recorder)
    >>> write_frames("frames.webp", result, recorder)
    """
    path = Path(path)
    check_output(path, formats=tuple(ANIMATED_FORMATS))
    images = [Image.open(io.BytesIO(frame)) for _, frame in all_frames(recorder, result)]
    size = images[-1].size  # the frames of coarser scales are smaller
    first, *others = [image.resize(size, Image.Resampling.LANCZOS) for image in images]
    format, options = ANIMATED_FORMATS[path.suffix.lower()]
    if format == "GIF":
        first, *others = map(quantize, (first, *others))
    durations = [FIRST, *[NEXT] * (len(others) - 1), LAST][-len(images) :]
    animation = {"save_all": True, "append_images": others, "duration": durations, "loop": 0}
    write_image(path, first, format, **animation, **options)


def quantize(image: Image.Image) -> Image.Image:
    """An image in 256 colors with a palette of its own, dithered.

    The palette is computed from every ninth pixel. After blurring as by the eye, the error is 0.8
    gray levels for a picture with fine strokes. Pillow's default for GIF, without refinement of
    the palette and without dithering, has an error of 2.6.
    """
    sample = image.resize([-(-side // 3) for side in image.size], Image.Resampling.NEAREST)
    palette = sample.quantize(256, kmeans=3)
    return image.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
