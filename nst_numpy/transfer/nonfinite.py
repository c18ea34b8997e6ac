"""Find where the first non-finite number of an evaluation occurs."""

from dataclasses import dataclass, field

import numpy as np

from nst_numpy.transfer.encoder import Encoder, forward_tile, tiles_of
from nst_numpy.transfer.evaluation import evaluate
from nst_numpy.transfer.weighted_terms import Objective
from nst_numpy.utils.errors import NotFinite
from nst_numpy.utils.types import Array, ByLayer, Image

OPTION_OF_TERM = {
    "content": "`ratio` or `content_weights`",
    "style": "`style_weights`",
    "laplacian": "`laplacian`, or `ratio` if it is the content loss",
    "tv": "`tv`",
}


def check_finite(L: float, dL_dx: Image, objective: Objective, x: Image, iteration: int) -> None:
    """Raise an error that says where a non-finite loss or derivative began.

    Parameters
    ----------
    L, dL_dx : float, (H, W, 3) array
        Value and derivative of the objective at x.
    objective : Objective
        Evaluated a second time if a number is not finite.
    x : (H, W, 3) array
    iteration : int
        Iteration of x; 0 is the start.

    Raises
    ------
    NotFinite
    """
    if np.isfinite(L) and np.isfinite(dL_dx).all():
        return
    raise not_finite(first_place(objective, x), iteration)


def check_activations(encoder: Encoder, picture: Image, targets: ByLayer) -> None:
    """Raise an error if a target is not finite because an activation is not.

    Parameters
    ----------
    encoder : Encoder
    picture : (H, W, 3) array
        The content or style image of the targets.
    targets : dict of str to array
        By layer. If one of them is not finite, the network runs a second time.

    Raises
    ------
    NotFinite
    """
    if all(np.isfinite(target).all() for target in targets.values()):
        return
    found = NonFiniteLayers()
    for tile in tiles_of(encoder, picture, targets):
        forward_tile(encoder, picture, targets, tile, found.observe)
    if found.activations:
        raise not_finite(f"the activations of {found.activations[0]}", 0)


def not_finite(place: str, iteration: int) -> NotFinite:
    """The error for a number that is not finite in a place, given in words."""
    when = f"in iteration {iteration}" if iteration else "at the start"
    return NotFinite(
        f"The loss or its derivative is not finite {when}; the first such number is in {place}. "
        f"{remedy(place)}"
    )


def remedy(place: str) -> str:
    """Which option to change if the first non-finite number is in this place."""
    if place.startswith("the activations"):
        return "The values in the weights file are too large: use other `weights`."
    for term, name in OPTION_OF_TERM.items():
        if place.startswith(f"the {term} loss"):
            return f"Reduce {name}."
    return "Use less extreme values of `ratio`, `tv` and `style_weights`, or other `weights`."


@dataclass(frozen=True)
class NonFiniteLayers:
    """The layers with non-finite numbers, in the order in which `observe` is called with them."""

    activations: list[str] = field(default_factory=list)
    derivatives: list[str] = field(default_factory=list)

    def observe(self, what: str, layer: str, numbers: Array) -> None:
        """Note a layer; an observer of `nst_numpy.transfer.evaluation.evaluate`."""
        if not np.isfinite(numbers).all():
            layers = self.activations if what == "activations" else self.derivatives
            layers.append(layer)


def first_place(objective: Objective, x: Image) -> str:
    """Name the first non-finite number of an evaluation, in the order of the computation.

    That is: the picture, the activations of the layers, the losses, the derivatives of the layers
    in the backward pass, and finally the derivative with respect to the pixels.
    """
    if not np.isfinite(x).all():
        return "the picture itself, after too large a step"
    found = NonFiniteLayers()
    L, _, values = evaluate(objective, x, found.observe)
    if found.activations:
        return f"the activations of {found.activations[0]}"
    for name, value in (values | {"total": L}).items():
        if not np.isfinite(value):
            kind, _, layer = name.partition(" ")
            return f"the {kind} loss of {layer}" if layer else f"the {name} loss"
    if found.derivatives:
        return f"the derivative at {found.derivatives[0]}"
    return "the derivative at the pixels"
