"""The pictures on a report: what went in, what came out, how it formed, what each term asks for."""

import io
import os
from pathlib import Path

import numpy as np
from PIL import Image

from nst_numpy.images import read_picture, scaled_size
from nst_numpy.images.masks import resize_labels
from nst_numpy.optimizers.dot_product import rms
from nst_numpy.reports.frames import SIDE, jpeg
from nst_numpy.reports.markup import escaped, figure, image, tag
from nst_numpy.transfer.control_checks import list_of
from nst_numpy.transfer.masks import labels_of

TILE = 400  # pixels of a derivative's longer side at most; they are looked at side by side


def name_of(source):
    """A picture in words: the name of its file, if it comes from one."""
    return Path(source).name if isinstance(source, str | os.PathLike) else "a picture"


def pictures(result, settings):
    """Content and styles, each with its mask if there are any, and the result.

    Parameters
    ----------
    result : nst_numpy.Result
    settings : dict
        ``content``, ``style``, ``content_mask`` and ``style_mask`` of the job.
    """
    sources = [settings["content"], *list_of(settings["style"])]
    drawn = [settings.get("content_mask"), *list_of(settings.get("style_mask"))]
    masks = drawn if drawn[0] is not None else [None] * len(sources)
    roles = ["Content"] + ["Style"] * (len(sources) - 1)
    row = []
    for role, source, mask in zip(roles, sources, masks, strict=True):
        path, name = isinstance(source, str | os.PathLike), name_of(source)
        picture = read_picture(source) if path else np.asarray(source)
        row.append(plate(jpeg(picture), picture.shape, role, name))
        if mask is not None:
            file = mask_png(labels_of(mask, role.lower()))
            row.append(plate(file, picture.shape, f"{role} mask", name_of(mask), "png"))
    (H, W, _), whole = result.picture.shape, jpeg(result.picture, max(result.picture.shape), 92)
    return "".join([*row, plate(whole, result.picture.shape, "Result", f"{W} × {H} pixels")])


def plate(file, shape, role, name, kind="jpeg"):
    """A picture with what it is beneath; all in a row get the same height."""
    caption = tag("b", role) + " " + escaped(name)
    picture = image(file, f"{role}: {name}", kind)
    return figure(picture, caption, style=f"--ratio: {shape[1] / shape[0]:.4f}")


def mask_png(labels):
    """A mask (H, W) as a PNG file: colors as they are, numbers up to 255 as levels of gray."""
    H, W = labels.shape
    labels = resize_labels(labels, scaled_size(min(SIDE, max(H, W)), (H, W)))
    if labels.max() < 256:
        known, labels = np.unique(labels, return_inverse=True)
        labels = labels * (255 // max(1, len(known) - 1)) * (1 << 16 | 1 << 8 | 1)
    colors = np.stack([labels >> 16, labels >> 8 & 255, labels & 255], axis=2)  # (H, W, 3)
    file = io.BytesIO()
    Image.fromarray(colors.astype(np.uint8)).save(file, "PNG")
    return file.getvalue()


def frames(film):
    """The frames of a film, one upon the other; all but the last are hidden."""
    *earlier, (last, result) = film
    hidden = [image(file, _after(i), data_iteration=i, hidden="") for i, file in earlier]
    return "".join([*hidden, image(result, _after(last), data_iteration=last)])


def _after(iteration):
    return f"The picture after {iteration} iterations"


def gradients(result):
    """The derivative of the loss and of each term, if the job told them."""
    each = {"total": sum(result.gradients.values()), **result.gradients} if result.gradients else {}
    return "".join(tile(name, dL_dx) for name, dL_dx in each.items())


def tile(name, dL_dx):
    """A derivative (H, W, 3), and its root mean square."""
    about = f"Derivative of {name} with respect to the pixels"
    caption = tag("b", escaped(name)) + " " + tag("span", f"{rms(dL_dx):.3g}")
    return figure(image(jpeg(around_gray(dL_dx), TILE), about), caption)


def around_gray(dL_dx):
    """A derivative (H, W, 3) as a picture: 0 is gray, 99.5 % of its values are not clipped."""
    full = np.quantile(np.abs(dL_dx), 0.995)
    return 127.5 + 127.5 * dL_dx / (full if full > 0 else 1.0)
