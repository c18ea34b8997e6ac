"""Check how the settings of a transfer fit together.

`nst_numpy.transfer.option_definition.check_options` checks the type and the range of each option.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from nst_numpy.losses.blending import shares
from nst_numpy.losses.registry import MOMENT_LOSSES
from nst_numpy.transfer.option_values import LARGEST_SIZE, is_number
from nst_numpy.transfer.recipe import default_style_weights
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import Array, PictureSource

LARGEST_USUAL_RATIO = 1000.0  # above it, the picture stays as it is


def list_of(value: Any) -> list[Any]:
    """A list or tuple as a list, a single object as a list of one, None as an empty list."""
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def style_weights_of(settings: StylizeSettings) -> dict[str, float]:
    """w_l of each style layer."""
    layers, w = settings.style_layers, settings.style_weights
    w = default_style_weights(layers) if w is None else w
    return weights_by_layer("style", layers, w, "give at least one weight above 0")


def content_weights_of(settings: StylizeSettings) -> dict[str, float]:
    """Weight of each content layer."""
    layers = list_of(settings.content_layer)
    advice = "to leave out the content, set `ratio` to 0"
    return weights_by_layer("content", layers, settings.content_weights, advice)


def weights_by_layer(
    kind: str, layers: Sequence[str], weights: Sequence[float] | None, advice: str
) -> dict[str, float]:
    """Check the layers of a loss and their weights.

    Parameters
    ----------
    kind : {"style", "content"}
        For the messages.
    layers : sequence of str
    weights : sequence of float, optional
        1 / number of layers if None.
    advice : str
        What to do about weights that are all 0.

    Returns
    -------
    dict of str to float

    Raises
    ------
    InputError
        If the layers are empty or repeat a layer, or if the weights are too few, too many,
        negative, not finite, or all 0.
    """
    name = {"style": "style_layers", "content": "content_layer"}[kind]
    if not layers or len(set(layers)) < len(layers):
        raise InputError(f"`{name}` is empty or repeats a layer: name each layer once.")
    if weights is None:
        weights = [1 / len(layers)] * len(layers)
    if len(weights) != len(layers):
        raise InputError(
            f"`{kind}_weights` needs one number for each of the {len(layers)} {kind} layers, got "
            f"{len(weights)}."
        )
    if not all(map(is_number, weights)):
        raise InputError(
            f"`{kind}_weights` must be finite numbers of at least 0, got {list(weights)}."
        )
    if not sum(weights):
        raise InputError(f"`{kind}_weights` sum to zero: {advice}.")
    return {l: float(w) for l, w in zip(layers, weights, strict=True)}


def style_shares(settings: StylizeSettings) -> Array:
    """Weight of each style; the weights sum to 1."""
    styles = len(list_of(settings.style))
    if not styles:
        raise InputError("`style` is an empty list: name at least one picture.")
    return shares([1] * styles if settings.style_blend is None else settings.style_blend, styles)


def style_side(settings: StylizeSettings, size: int) -> int:
    """Longer side of the style pictures in pixels, when the content has ``size`` pixels."""
    if settings.style_size is None:
        side = round(min(settings.style_scale * size, 2 * LARGEST_SIZE))
    elif settings.style_scale != 1:
        raise InputError("`style_scale` and `style_size` both set the size of the style: give one.")
    else:
        side = max(1, round(settings.style_size * size / settings.size))
    if not 1 <= side <= LARGEST_SIZE:
        raise InputError(
            f"The longer side of the style must be 1 to {LARGEST_SIZE} pixels, got {side}: choose "
            "another `style_scale` or `style_size`."
        )
    return side


def unusual_values(settings: StylizeSettings) -> list[str]:
    """Sentences about valid values that are probably typing mistakes."""
    if settings.ratio <= LARGEST_USUAL_RATIO:
        return []
    return [
        f"With the ratio {settings.ratio:g} the content outweighs the style, so that the picture "
        "hardly changes. Usual ratios are 1e-4 to 1."
    ]


def check_combinations(settings: StylizeSettings) -> None:
    """Refuse options that contradict each other.

    Parameters
    ----------
    settings : StylizeSettings

    Raises
    ------
    InputError
    """
    if settings.tv_kind != "squared" and not settings.tv:
        raise InputError(
            f"`tv_kind` is {settings.tv_kind} but `tv` is 0: give both or leave out both."
        )
    if settings.content_loss == "laplacian" and settings.laplacian:
        raise InputError(
            "With the `content_loss` laplacian, `ratio` is already the weight of the Laplacian "
            "loss: leave out `laplacian` or `content_loss`."
        )
    if settings.content_loss == "laplacian" and len(list_of(settings.content_layer)) > 1:
        raise InputError(
            "The Laplacian content loss uses the pixels and no layer: leave out `content_layer` "
            "and `content_weights`."
        )
    _check_masks(settings)


def _check_masks(settings: StylizeSettings) -> None:
    """Refuse masks for one side only, too few or too many, or for a loss without regions."""
    content, styles = list_of(settings.content_mask), list_of(settings.style_mask)
    if bool(content) != bool(styles):
        given, missing = ("content", "style") if content else ("style", "content")
        raise InputError(f"A {given} mask needs a {missing} mask: give both or neither.")
    pictures = len(list_of(settings.style))
    if styles and len(styles) != pictures:
        raise InputError(
            f"`style_mask` needs one mask for each of the {pictures} styles, got {len(styles)}."
        )
    if styles and settings.style_loss not in MOMENT_LOSSES:
        raise InputError(
            f"The style loss {settings.style_loss} does not support masks: leave out the masks."
        )


def pictures_of(settings: StylizeSettings) -> list[PictureSource]:
    """The content and the styles."""
    return [settings.content, *list_of(settings.style)]


def masks_of(settings: StylizeSettings) -> list[PictureSource]:
    """The masks of the content and of each style, or an empty list."""
    return [*list_of(settings.content_mask), *list_of(settings.style_mask)]


def dtype_of(settings: StylizeSettings) -> "np.dtype[Any]":
    """The dtype of the arithmetic."""
    return np.dtype(settings.dtype)
