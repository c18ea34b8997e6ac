"""VGG-19 and VGG-16: layer tables, forward and backward pass.

Step by step in notebooks/01_what_a_network_sees.ipynb.

A tap is a layer's name as the paper writes it, and it is read after the ReLU: F of
``conv4_2`` is what others call relu4_2.
"""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from nst_numpy import backend, layers
from nst_numpy.backend import PreparedWeights
from nst_numpy.utils.errors import InputError, unknown_name
from nst_numpy.utils.types import Array, ByLayer, Image, Mask, Shape, Tape, Weights


def _table(*convolutions: int) -> tuple[str, ...]:
    """Names of the layers for a number of convolutions in each of the five blocks."""
    return tuple(
        name
        for block, n in enumerate(convolutions, start=1)
        for name in [*(f"conv{block}_{i}" for i in range(1, n + 1)), f"pool{block}"]
    )


VGG19 = _table(2, 2, 4, 4, 4)  # 16 convolutions, 5 poolings [Simonyan & Zisserman 2015, E]
VGG16 = _table(2, 2, 3, 3, 3)  # 13 convolutions, 5 poolings [Simonyan & Zisserman 2015, D]
POOLINGS = ("average", "max")
PADDINGS = ("zero", "reflect", "replicate")
# Names of layers elsewhere: relu4_2, ReLU_4_2, block4_conv2, conv4-2, r42.
OTHER_NAMES = re.compile(r"(?:relu|conv|block|r)\D?(\d)(?:\D|_?conv_?|_?relu_?)?(\d)", re.I)
# observer("activations" or "derivative", layer, array) is called after each layer of a pass.
Observer: TypeAlias = Callable[[str, str, Array], object]


@dataclass(frozen=True)
class Network:
    """A VGG network, or the first layers of one. Its widths are those of its weights.

    Attributes
    ----------
    name : str
        What to call it in messages.
    layers : tuple of str
        The first layers of `VGG19` or `VGG16`, up to the last convolution it has.
    weights : dict of str to (K, b)
        For each convolution the kernel K (3, 3, C, N) and the bias b (N,).
    mean : (3,) array
        Mean color in red, green, blue, 0..255, subtracted from a picture before conv1_1.
    normalized : bool
        Whether every filter's mean activation is one (`nst_numpy.networks.normalize`).
    about : dict of str to str
        For people to read: format, dtype and preprocessing of the file, source, license.
    """

    name: str
    layers: tuple[str, ...]
    weights: Weights = field(repr=False)
    mean: Array
    normalized: bool = False
    about: dict[str, str] = field(default_factory=dict, repr=False, compare=False)
    _prepared: dict[str, PreparedWeights] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.mean.dtype

    @property
    def prepared(self) -> dict[str, PreparedWeights]:
        """The weights by layer, arranged for the code that computes in this dtype.

        Computed at the first use. (`functools.cached_property` has a lock in Python 3.11, which
        a forked process may inherit as locked.)
        """
        if not self._prepared:
            self._prepared.update({l: backend.prepare(K, b) for l, (K, b) in self.weights.items()})
        return self._prepared

    def astype(self, dtype: npt.DTypeLike) -> Self:
        """Return this network in another floating-point type (float64 for gradient checks)."""
        if dtype == self.dtype:
            return self
        weights = {l: (K.astype(dtype), b.astype(dtype)) for l, (K, b) in self.weights.items()}
        return replace(self, weights=weights, mean=self.mean.astype(dtype))


def forward(
    network: Network,
    x: Image,
    taps: Collection[str],
    pooling: str = "average",
    padding: str = "zero",
    observer: Observer | None = None,
) -> tuple[ByLayer, Tape]:
    """Run the network up to the deepest tap.

    Parameters
    ----------
    network : Network
    x : (H, W, 3) array, dtype of the network
        Picture in red, green, blue, 0..255.
    taps : collection of str
        Convolution layers whose feature maps are returned.
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}
        What each convolution sees beyond the border of its input. VGG was trained with zeros,
        which darken a rim of some pixels; the others continue the picture.
    observer : callable, optional
        ``observer("activations", layer, y)`` after each layer, with its output y (H, W, N).

    Returns
    -------
    F : dict of str to (N_l, M_l) array
        Feature map of each tap after its ReLU: N_l filters, M_l = height x width positions.
    tape : list of (str, (int, int, int), array)
        What `backward` needs of each layer that was run: its name, the shape of its input,
        and where its ReLU was active or the argmax of its maxima.

    Raises
    ------
    InputError
        If the network has no such layer, or x is too small for the deepest tap.

    Examples
    --------
    >>> from nst_numpy.networks import load_network
    >>> F, tape = forward(load_network("tiny"), np.zeros((32, 48, 3), np.float32), ["conv4_2"])
    >>> F["conv4_2"].shape  # N filters, M = 4 x 6 positions after three poolings
    (192, 24)
    """
    if pooling not in POOLINGS:
        raise unknown_name("pooling", pooling, POOLINGS)
    if padding not in PADDINGS:
        raise unknown_name("padding", padding, PADDINGS)
    deepest = check_taps(network, taps, x.shape)
    F: ByLayer = {}
    tape: Tape = []
    saved: Mask | None
    x = x - network.mean  # (H, W, 3)
    for l in network.layers[: deepest + 1]:
        shape = x.shape
        if l in network.weights:
            x, saved = _conv_relu(x, network.prepared[l], padding)  # (H, W, N)
        elif pooling == "average":
            x, saved = backend.average_pool(x), None  # (H // 2, W // 2, N)
        else:
            x, saved = backend.max_pool(x)  # (H // 2, W // 2, N)
        tape.append((l, shape, saved))
        if observer:
            observer("activations", l, x)
        if l in taps:
            F[l] = x.reshape(-1, x.shape[2]).T  # (N, M)
    return F, tape


def backward(
    network: Network,
    dL_dF: ByLayer,
    tape: Tape,
    pooling: str = "average",
    padding: str = "zero",
    observer: Observer | None = None,
) -> Image:
    """Chain rule through the network: from dL/dF of the taps to dL/dx of the picture.

    From the deepest layer to the first, each layer adds the derivative of the losses at its
    output, if there are any, and applies its own backward pass.

    Parameters
    ----------
    network : Network
    dL_dF : dict of str to (N_l, M_l) array
        Derivative of the loss with respect to each tap's feature map.
    tape : list
        As returned by `forward`.
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}
        Both as in `forward`.
    observer : callable, optional
        ``observer("derivative", layer, dy)`` at each layer, with the derivative dL/dy (H, W, N)
        with respect to its output.

    Returns
    -------
    dL_dx : (H, W, 3) array, dtype of the network

    Examples
    --------
    >>> from nst_numpy.networks import load_network
    >>> network, x = load_network("tiny"), np.zeros((32, 48, 3), np.float32)
    >>> F, tape = forward(network, x, ["conv4_2"])
    >>> backward(network, {"conv4_2": np.ones_like(F["conv4_2"])}, tape).shape
    (32, 48, 3)
    """
    copies = {l: np.array(dL.T, order="C").T for l, dL in dL_dF.items()}
    return backward_consuming(network, copies, tape, pooling, padding, observer)


def backward_consuming(
    network: Network,
    dL_dF: ByLayer,
    tape: Tape,
    pooling: str = "average",
    padding: str = "zero",
    observer: Observer | None = None,
) -> Image:
    """`backward` that removes each array from ``dL_dF`` when it is added, and overwrites it.

    Its memory is then free for the layers below. Parameters and results are those of `backward`.
    """
    dx: Any = None  # there is no derivative above the deepest tap
    for i, (l, (H, W, C), saved) in reversed(list(enumerate(tape))):
        if l in dL_dF:
            dL = _as_picture(dL_dF.pop(l), H, W)  # (H, W, N)
            dx = dL if dx is None else dx + dL
        if observer:
            observer("derivative", l, dx)
        if l in network.weights:
            below = tape[i - 1][0] if i else ""
            # If the layer below is a tap, dL/dx is added to the derivative of its losses.
            out = _as_picture(dL_dF.pop(below), H, W) if below in dL_dF else None  # (H, W, C)
            dx = _conv_relu_backward(dx, saved, network.prepared[l], out, padding)  # (H, W, C)
        elif pooling == "average":
            dx = backend.average_pool_backward(dx, (H, W, C))
        else:
            assert saved is not None  # the argmax of each block
            dx = backend.max_pool_backward(dx, saved, (H, W, C))
    return dx


def _as_picture(dL_dF: Array, H: int, W: int) -> Array:
    """A derivative (N, M) as (H, W, N), without a copy if it lies in memory as `forward`'s F do.

    A pooling follows a convolution whose output is as large as its input, so H and W of the input
    are those of the output at each tap.
    """
    return np.ascontiguousarray(dL_dF.T).reshape(H, W, -1)


def _conv_relu(x: Array, weights: PreparedWeights, padding: str) -> tuple[Array, Mask]:
    """Convolution and ReLU with any padding.

    With another padding than zeros, that is the layer's output for the padded picture, cropped by
    one pixel on each side: the zeros that the convolution itself adds lie outside of the padding,
    and only positions that are cropped see them.
    """
    if padding == "zero":
        return backend.conv_relu(x, weights)
    y, saved = backend.conv_relu(layers.pad(x, padding), weights)  # (H + 2, W + 2, N)
    return y[1:-1, 1:-1], saved


def _conv_relu_backward(
    dy: Array, saved: Mask | None, weights: PreparedWeights, out: Array | None, padding: str
) -> Array:
    """The adjoint of `_conv_relu`: zeros where it cropped, the layer's backward, the padding's."""
    assert saved is not None  # each convolution saves where its ReLU was active
    if padding == "zero":
        return backend.conv_relu_backward(dy, saved, weights, out)
    dy = np.pad(dy, ((1, 1), (1, 1), (0, 0)))  # (H + 2, W + 2, N)
    dx = layers.pad_backward(
        backend.conv_relu_backward(dy, saved, weights), padding, overwrite=True
    )
    return dx if out is None else dx + out


def smallest_side(network: Network, deepest: int) -> int:
    """Shortest side in pixels that leaves one position at the layer of that index."""
    return 2 ** sum(l.startswith("pool") for l in network.layers[:deepest])


def positions(network: Network, shape: Shape, taps: Collection[str]) -> dict[str, int]:
    """{tap: M_l}, the number of positions of its feature map for a picture of that shape."""
    (H, W), M = shape[:2], {}
    for l in network.layers:
        H, W = (H // 2, W // 2) if l.startswith("pool") else (H, W)
        if l in taps:
            M[l] = H * W
    return M


def check_taps(network: Network, taps: Collection[str], shape: Shape, name: str = "") -> int:
    """Index of the deepest tap, after checking that a picture of that shape can reach it.

    Parameters
    ----------
    network : Network
    taps : collection of str
    shape : (H, W) or (H, W, 3)
    name : str
        What to call the picture in messages, "The style image wave.jpg".

    Raises
    ------
    InputError
        If the network has no such layer, or the picture is too small for it.
    """
    for l in taps:
        if l not in network.weights:
            raise _unknown_layer(network, l)
    deepest = max(network.layers.index(l) for l in taps)
    smallest = smallest_side(network, deepest)
    if min(shape[:2]) < smallest:
        pixels = f"{shape[1]} x {shape[0]} pixels"
        what = f"{name}, scaled to {pixels}," if name else f"A picture of {pixels}"
        raise InputError(
            f"{what} is too small for the layer {network.layers[deepest]}: each side needs at "
            f"least {smallest} pixels. Use a larger `size` or shallower layers."
        )
    return deepest


def _unknown_layer(network: Network, l: object) -> InputError:
    """The error for a layer that the network lacks; it knows other libraries' names of layers."""
    kind, known = f"layer (network {network.name})", tuple(network.weights)
    numbers = OTHER_NAMES.fullmatch(str(l))
    if numbers and (same := f"conv{numbers[1]}_{numbers[2]}") in known:
        after = " It is read after its ReLU." * ("relu" in str(l).lower())
        return InputError(
            f"Unknown {kind}: {l!r}; did you mean {same}?{after} Known: {', '.join(known)}."
        )
    return unknown_name(kind, l, known)
