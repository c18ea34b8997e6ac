"""Where a number stopped being finite: a second look at an evaluation that went wrong."""

import numpy as np

from nst_numpy import vgg
from nst_numpy.utils.errors import NotFinite
from nst_numpy.utils.types import Array, Prepare


def check_finite(L: float, dL_dx: Array, prepare: Prepare, x: Array, iteration: int) -> None:
    """Refuse a loss or a derivative that is not finite, and say where that began.

    Parameters
    ----------
    L, dL_dx : float, array
        What the job's loss said of x.
    prepare : callable
        ``prepare() -> f`` and ``f(x) -> (L, dL_dx, terms)`` as of `nst_numpy.transfer.optimization.run`: both are
        done once more if a number is not finite.
    x : array
    iteration : int
        That x belongs to; 0 is the start.

    Raises
    ------
    NotFinite
    """
    if np.isfinite(L) and np.isfinite(dL_dx).all():
        return
    when = f"in iteration {iteration}" if iteration else "at the start"
    raise NotFinite(
        f"The loss or its derivative is not finite {when}; the first such number is in "
        f"{first_place(prepare, x)}. A number among `ratio`, `tv` and `style_weights`, or in the "
        "weights file, is too large or too small: use another one."
    )


def first_place(prepare: Prepare, x: Array) -> str:
    """The first non-finite number of targets and an evaluation, in words.

    In the order of the computation: the picture, activations of the layers, losses, derivatives of
    the layers on the way back, and what is left is the derivative at the pixels.
    """
    if not np.isfinite(x).all():
        return "the picture itself, after too large a step"
    found: dict[str, list[str]] = {"activations": [], "derivative": []}

    def watch(what: str, layer: str, numbers: Array) -> None:
        if not np.isfinite(numbers).all():
            found[what].append(layer)

    token = vgg.watching.set(watch)
    try:
        L, _, terms = prepare()(x)
    finally:
        vgg.watching.reset(token)
    if found["activations"]:
        return f"the activations of {found['activations'][0]}"
    for name, value in (terms | {"total": L}).items():
        if not np.isfinite(value):
            kind, _, layer = name.partition(" ")
            return f"the {kind} loss of {layer}" if layer else f"the {name} loss"
    if found["derivative"]:
        return f"the derivative at {found['derivative'][0]}"
    return "the derivative at the pixels"
