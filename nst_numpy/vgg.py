"""VGG as data: two tables of layers, one loop forward, the same table reversed for the way back.

Step by step in notebooks/01_what_a_network_sees.ipynb.

A tap is a layer's name as the paper writes it, and it is read after the ReLU: F of
``conv4_2`` is what others call relu4_2.
"""

from collections.abc import Callable, Collection
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import ModuleType
from typing import Any, Self, TypeAlias

import numpy as np
import numpy.typing as npt

from nst_numpy import kernels, layers
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
Watch: TypeAlias = Callable[[str, str, Array], object]
# watch("activations" or "derivative", layer, its numbers): only `nst_numpy.transfer.nonfinite` sets one.
watching: ContextVar[Watch | None] = ContextVar("watching", default=None)


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

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.mean.dtype

    @cached_property
    def kernels(self) -> dict[str, Any]:
        """The weights as the arithmetic of this dtype wants them, by layer."""
        if self.dtype != np.float32:
            return self.weights
        return {l: kernels.prepare(K, b) for l, (K, b) in self.weights.items()}

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
) -> tuple[ByLayer, Tape]:
    """Run the network up to the deepest tap.

    Parameters
    ----------
    network : Network
    x : (H, W, 3) array, dtype of the network
        Picture in red, green, blue, 0..255.
    taps : collection of str
        Convolution layers whose feature maps are wanted.
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}
        What each convolution sees beyond the border of its input. VGG was trained with zeros,
        which darken a rim of some pixels; the others continue the picture.

    Returns
    -------
    F : dict of str to (N_l, M_l) array
        Feature map of each tap after its ReLU: N_l filters, M_l = height x width positions.
    tape : list of (str, (int, int, int), array)
        What `backward` needs of each layer that was run: its name, the shape of its input,
        and where its ReLU was active or its maxima stood.

    Raises
    ------
    InputError
        If the network has no such layer, or nothing of x is left at the deepest tap.

    Examples
    --------
    >>> from nst_numpy.networks import load_network
    >>> F, tape = forward(load_network("tiny"), np.zeros((32, 48, 3), np.float32), ["conv4_2"])
    >>> F["conv4_2"].shape  # N filters, M = 4 x 6 positions after three poolings
    (128, 24)
    """
    if pooling not in POOLINGS:
        raise unknown_name("pooling", pooling, POOLINGS)
    if padding not in PADDINGS:
        raise unknown_name("padding", padding, PADDINGS)
    deepest = check_taps(network, taps, x.shape)
    do, watch = _arithmetic(network), watching.get()
    F, tape = {}, []
    x = x - network.mean  # (H, W, 3)
    for l in network.layers[: deepest + 1]:
        shape = x.shape
        if l in network.weights:
            x, saved = _conv_relu(do, x, network.kernels[l], padding)  # (H, W, N)
        elif pooling == "average":
            x, saved = do.average_pool(x), None  # (H // 2, W // 2, N)
        else:
            x, saved = do.max_pool(x)  # (H // 2, W // 2, N)
        tape.append((l, shape, saved))
        if watch:
            watch("activations", l, x)
        if l in taps:
            F[l] = x.reshape(-1, x.shape[2]).T  # (N, M)
    return F, tape


def backward(
    network: Network, dL_dF: ByLayer, tape: Tape, pooling: str = "average", padding: str = "zero"
) -> Image:
    """Chain rule through the network: from dL/dF of the taps to dL/dx of the picture.

    Going down, each layer first adds the derivative of the losses that look at its output
    (if any), then applies its own backward.

    Parameters
    ----------
    network : Network
    dL_dF : dict of str to (N_l, M_l) array
        Derivative of the loss with respect to each tap's feature map; used up on the way, so
        that its memory is free for the layers below.
    tape : list
        As returned by `forward`.
    pooling : {"average", "max"}
    padding : {"zero", "reflect", "replicate"}
        Both as in `forward`.

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
    do, watch = _arithmetic(network), watching.get()
    dx: Any = None  # above the deepest tap there is none
    for i, (l, (H, W, C), saved) in reversed(list(enumerate(tape))):
        if l in dL_dF:
            dL = dL_dF.pop(l).T.reshape(H, W, -1)  # (H, W, N)
            dx = dL if dx is None else dx + dL
        if watch:
            watch("derivative", l, dx)
        if l in network.weights:
            below = tape[i - 1][0] if i else None
            # What the losses want of the layer below is there already: dL/dx is added to it.
            out = dL_dF.pop(below).T.reshape(H, W, C) if below in dL_dF else None
            dx = _conv_relu_backward(do, dx, saved, network.kernels[l], out, padding)  # (H, W, C)
        elif pooling == "average":
            dx = do.average_pool_backward(dx, (H, W, C))
        else:
            dx = do.max_pool_backward(dx, saved, (H, W, C))
    return dx


def _conv_relu(do: ModuleType, x: Array, kernel: object, padding: str) -> tuple[Array, Mask]:
    """Convolution and ReLU with any padding.

    That is the layer's output for the padded picture, cut by one pixel on each side: the zeros
    that the convolution itself adds lie outside of the padding and only enter what is cut off.
    """
    if padding == "zero":
        return do.conv_relu(x, kernel)
    y, saved = do.conv_relu(layers.pad(x, padding), kernel)  # (H + 2, W + 2, N)
    return y[1:-1, 1:-1], saved


def _conv_relu_backward(
    do: ModuleType, dy: Array, saved: Mask | None, kernel: Any, out: Array | None, padding: str
) -> Array:
    """The adjoint of `_conv_relu`: zeros where it cut, the layer's backward, then the padding's."""
    if padding == "zero":
        return do.conv_relu_backward(dy, saved, kernel, out)
    dy = np.pad(dy, ((1, 1), (1, 1), (0, 0)))  # (H + 2, W + 2, N)
    dx = layers.pad_backward(do.conv_relu_backward(dy, saved, kernel), padding)
    return dx if out is None else dx + out


def _arithmetic(network: Network) -> ModuleType:
    """The fast kernels in float32, the plain layers in float64: the same functions."""
    return kernels if network.dtype == np.float32 else layers


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


def check_taps(network: Network, taps: Collection[str], shape: Shape) -> int:
    """Return the index of the deepest tap, or say why the taps cannot be had from a picture."""
    known = tuple(network.weights)
    for l in taps:
        if l not in known:
            raise unknown_name(f"layer (network {network.name})", l, known)
    deepest = max(network.layers.index(l) for l in taps)
    smallest = smallest_side(network, deepest)
    if min(shape[:2]) < smallest:
        raise InputError(
            f"A picture of {shape[1]} x {shape[0]} pixels is too small for the layer "
            f"{network.layers[deepest]}: each side needs at least {smallest} pixels. "
            "Use a larger `size`, or layers that lie less deep."
        )
    return deepest
