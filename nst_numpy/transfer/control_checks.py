"""Refuse settings that contradict each other, and tell which go beyond the paper's own sum."""

from collections.abc import Sequence
from numbers import Integral
from typing import Any

from nst_numpy.losses import STYLE_LOSSES, VARIATIONS, WHOLE_MAP_LOSSES
from nst_numpy.losses.blending import shares
from nst_numpy.transfer.checks import LARGEST_SIZE, is_number, weights_by_layer
from nst_numpy.transfer.loss_terms import CONTENT_LOSSES
from nst_numpy.utils.errors import InputError, short_repr, unknown_name
from nst_numpy.utils.types import Array


def list_of(value: Any) -> list[Any]:
    """Several of something as they are, one as a list of one, None as none."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def check_content_weights(
    content_layer: str | Sequence[str], content_weights: Sequence[float] | None
) -> dict[str, float]:
    """v_l by layer; 1 / number of layers if none are given."""
    layers = list_of(content_layer)
    if not layers or len(set(layers)) < len(layers):
        raise InputError("`content_layer` names no layer, or one twice.")
    advice = "to leave the content out, set `ratio` to 0"
    return weights_by_layer("content", layers, content_weights, advice)


def check_style_blend(style_blend: Sequence[float] | None, styles: int) -> Array:
    """The share of each of so many styles; equal ones if no weights are given."""
    if not styles:
        raise InputError("`style` is an empty list: name at least one picture.")
    return shares([1] * styles if style_blend is None else style_blend, styles)


def side_of_style(size: int, style_scale: float, style_size: int | None) -> int:
    """Pixels of the longer side of the style pictures: style_size, or style_scale times size."""
    if not (is_number(style_scale) and style_scale > 0):
        raise InputError(f"`style_scale` must be a number above 0, got {short_repr(style_scale)}.")
    if style_size is not None and style_scale != 1:
        raise InputError(
            "`style_scale` and `style_size` both give the size of the style: give one."
        )
    side = round(min(style_scale * size, 2 * LARGEST_SIZE)) if style_size is None else style_size
    if not (isinstance(side, Integral) and 1 <= side <= LARGEST_SIZE):
        raise InputError(
            f"The style's longer side must be 1 to {LARGEST_SIZE} pixels, got {short_repr(side)}: "
            "choose another `style_scale` or `style_size`."
        )
    return side


def beyond_paper(
    *,
    styles: int,
    content_layers: int,
    style_loss: str,
    content_loss: str,
    laplacian: float,
    tv: float,
    tv_kind: str,
    masks: tuple[int, int],
) -> list[str]:
    """Options that the paper's own sum does not have, after a look at each.

    Parameters
    ----------
    styles, content_layers : int
        How many.
    masks : (int, int)
        How many there are for content and style.
    style_loss, content_loss, laplacian, tv, tv_kind
        As in `nst_numpy.transfer.stylize.stylize`.

    Returns
    -------
    list of str

    Raises
    ------
    InputError
        If one of them is not known, or contradicts another.
    """
    for kind, name, known in (
        ("style loss", style_loss, STYLE_LOSSES),
        ("content loss", content_loss, CONTENT_LOSSES),
        ("total variation", tv_kind, VARIATIONS),
    ):
        if name not in known:
            raise unknown_name(kind, name, tuple(known))
    if not is_number(laplacian):
        raise InputError(f"`laplacian` must be a number from 0 on, got {short_repr(laplacian)}.")
    _check_together(content_layers, content_loss, laplacian, tv, tv_kind)
    _check_masks(masks, styles, style_loss)
    beyond = {
        "several styles": styles > 1,
        "several content layers": content_layers > 1,
        "`style_loss`": style_loss != "gram",
        "`content_loss`": content_loss != "squared",
        "`laplacian`": laplacian > 0,
        "`tv_kind`": tv_kind != "squared",
        "masks": any(masks),
    }
    return [name for name, asked in beyond.items() if asked]


def _check_together(
    content_layers: int, content_loss: str, laplacian: float, tv: float, tv_kind: str
) -> None:
    """Refuse settings that contradict each other."""
    if tv_kind != "squared" and not tv:
        raise InputError(f"`tv_kind` is {tv_kind} but `tv` is 0: give both, or leave both out.")
    if content_loss == "laplacian" and laplacian:
        raise InputError(
            "With `content_loss` laplacian, `ratio` weighs the Laplacian loss already: leave "
            "`laplacian` out, or `content_loss`."
        )
    if content_loss == "laplacian" and content_layers > 1:
        raise InputError(
            "The Laplacian content loss looks at the pixels and at no layer: leave `content_layer` "
            "and `content_weights` out."
        )


def _check_masks(masks: tuple[int, int], styles: int, style_loss: str) -> None:
    """Reject masks of one side only, too few or too many, or for a loss that does not support them."""
    of_content, of_style = masks
    if bool(of_content) != bool(of_style):
        given, missing = ("content", "style") if of_content else ("style", "content")
        raise InputError(
            f"There is a {given} mask but no {missing} mask: give both, or neither of them."
        )
    if of_style and of_style != styles:
        raise InputError(
            f"There are {styles} styles and {of_style} style masks: give one mask for each style."
        )
    if of_style and style_loss in WHOLE_MAP_LOSSES:
        raise InputError(
            f"The style loss {style_loss} does not support masks: leave the masks out."
        )
