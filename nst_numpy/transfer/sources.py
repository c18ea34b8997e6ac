"""Read a picture that is given as a file or as an array."""

from collections.abc import Sequence

from nst_numpy.images import picture_shape, read_picture, resize, scaled_size
from nst_numpy.images.array_checks import as_picture, check_layout
from nst_numpy.transfer.option_values import is_path
from nst_numpy.utils.types import Image, PictureSource, Shape


def picture_from(source: PictureSource, size: int, name: str = "The picture") -> Image:
    """A picture from a file or an array, its longer side scaled to ``size``: (H, W, 3) float32.

    Parameters
    ----------
    source : path or array
    size : int
    name : str
        What to call an array in messages, see `picture_names`.
    """
    if is_path(source):
        return read_picture(source, size)
    source = as_picture(source, name)
    return resize(source, scaled_size(size, source.shape))


def shape_of(source: PictureSource, name: str = "The picture") -> Shape:
    """(H, W) of a picture before it is scaled. Only the header of a file is read."""
    return picture_shape(source) if is_path(source) else check_layout(source, name).shape[:2]


def picture_names(sources: Sequence[PictureSource]) -> list[str]:
    """What to call the content and the styles in messages: "The style image wave.jpg".

    Parameters
    ----------
    sources : sequence of path or array
        The content first; or the only picture.
    """
    numbers = len(sources) > 2  # with several styles
    roles = ["content image" if len(sources) > 1 else "picture"]
    roles += [f"style image {i}" if numbers else "style image" for i in range(1, len(sources))]
    files = [f" {source}" if is_path(source) else "" for source in sources]
    return [f"The {role}{file}" for role, file in zip(roles, files, strict=True)]


def shapes_at(size: int, style_side: int, shapes: Sequence[Shape]) -> list[Shape]:
    """(H, W) of the content and of each style once they are scaled.

    Parameters
    ----------
    size, style_side : int
        Pixels of the longer side of the content and of the styles.
    shapes : sequence of (int, int)
        Before they are scaled, the content first.
    """
    sides = [size, *[style_side] * (len(shapes) - 1)]
    return [scaled_size(side, shape)[::-1] for side, shape in zip(sides, shapes, strict=True)]
