"""The pictures of a report: inputs, masks, result, frames, and the gradient of each term."""

import io
import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from nst_numpy.images import read_picture, scaled_size
from nst_numpy.images.array_checks import as_picture
from nst_numpy.images.masks import resize_labels
from nst_numpy.optimizers.dot_product import rms
from nst_numpy.reports.frames import MAX_SIDE, Frame, jpeg_bytes
from nst_numpy.reports.markup import element, escape, figure, image
from nst_numpy.transfer.checks import list_of
from nst_numpy.transfer.masks import labels_of
from nst_numpy.transfer.result import Result
from nst_numpy.utils.types import Array, Labels, PictureSource, Settings, Shape

GRADIENT_SIDE = 400  # pixels of the longer side of a gradient; several are next to each other


def picture_name(source: PictureSource) -> str:
    """The file name of a picture, or "a picture" for an array."""
    return Path(source).name if isinstance(source, str | os.PathLike) else "a picture"


def pictures_html(result: Result, settings: Settings) -> str:
    """Content and styles, with their masks if there are any, and the result.

    Parameters
    ----------
    result : nst_numpy.Result
    settings : dict
        ``content``, ``style``, ``content_mask`` and ``style_mask`` of the job.
    """
    sources = [settings["content"], *list_of(settings["style"])]
    masks = [settings.get("content_mask"), *list_of(settings.get("style_mask"))]
    if masks[0] is None:
        masks = [None] * len(sources)
    roles = ["Content"] + ["Style"] * (len(sources) - 1)
    row = []
    for role, source, mask in zip(roles, sources, masks, strict=True):
        from_file = isinstance(source, str | os.PathLike)
        picture = (
            read_picture(source) if from_file else as_picture(source, f"The {role.lower()} image")
        )
        row.append(_with_caption(jpeg_bytes(picture), picture.shape, role, picture_name(source)))
        if mask is not None:
            file, name = mask_png(labels_of(mask, role.lower())), picture_name(mask)
            row.append(_with_caption(file, picture.shape, f"{role} mask", name, "png"))
    H, W, _ = result.picture.shape
    file = jpeg_bytes(result.picture, max(H, W), quality=92)
    return "".join([*row, _with_caption(file, (H, W), "Result", f"{W} × {H} pixels")])


def _with_caption(file: bytes, shape: Shape, role: str, name: str, kind: str = "jpeg") -> str:
    """A picture with a caption; all pictures in a row get the same height."""
    caption = element("b", role) + " " + escape(name)
    picture = image(file, f"{role}: {name}", kind)
    return figure(picture, caption, style=f"--ratio: {shape[1] / shape[0]:.4f}")


def mask_png(labels: Labels) -> bytes:
    """A mask (H, W) as a PNG file: colors are kept, labels up to 255 become levels of gray."""
    H, W = labels.shape
    labels = resize_labels(labels, scaled_size(min(MAX_SIDE, max(H, W)), (H, W)))
    if labels.max() < 256:
        known, labels = np.unique(labels, return_inverse=True)
        labels = labels * (255 // max(1, len(known) - 1)) * (1 << 16 | 1 << 8 | 1)
    colors = np.stack([labels >> 16, labels >> 8 & 255, labels & 255], axis=2)  # (H, W, 3)
    file = io.BytesIO()
    Image.fromarray(colors.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def frames_html(frames: Sequence[Frame]) -> str:
    """Frames on top of each other; all except the last are hidden."""
    *earlier, (last, result) = frames
    hidden = [image(file, _frame_alt(i), data_iteration=i, hidden="") for i, file in earlier]
    return "".join([*hidden, image(result, _frame_alt(last), data_iteration=last)])


def _frame_alt(iteration: int) -> str:
    """The description of a frame."""
    return f"The picture after {iteration} iterations"


def gradients_html(result: Result) -> str:
    """The gradient of the loss and of each term, if the result has them."""
    if not result.gradients:
        return ""
    total = sum(result.gradients.values())  # (H, W, 3)
    gradients = {"total": np.asarray(total), **result.gradients}
    return "".join(_gradient_html(name, dL_dx) for name, dL_dx in gradients.items())


def _gradient_html(name: str, dL_dx: Array) -> str:
    """A gradient (H, W, 3) as a picture, with its root mean square."""
    alt = f"Gradient of {name} with respect to the pixels"
    caption = element("b", escape(name)) + " " + element("span", f"{rms(dL_dx):.3g}")
    return figure(image(jpeg_bytes(around_gray(dL_dx), GRADIENT_SIDE), alt), caption)


def around_gray(dL_dx: Array) -> Array:
    """A gradient (H, W, 3) as a picture: 0 is gray, and 99.5 % of the values are not clipped."""
    full = np.quantile(np.abs(dL_dx), 0.995)
    gray: Array = 127.5 + 127.5 * dL_dx / (full if full > 0 else 1.0)
    return gray
