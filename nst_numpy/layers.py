"""The layers of VGG as forward/backward pairs: convolution, padding, ReLU, pooling.

Step by step in notebooks/04_backpropagation.ipynb.

One image has no batch axis and its channels come last: ``x`` is ``(H, W, C)``.
``dx`` is short for dL/dx, the derivative for a scalar loss L.
The weights are constants here, so there is a dL/dx for each layer and no dL/dK.
"""

import numpy as np

from nst_numpy.utils.types import Array, Mask, Shape


def convolution(x: Array, K: Array, b: Array) -> Array:
    """3 x 3 convolution with zero padding (a correlation, as in every VGG release).

        y[i, j, n] = b[n] + sum_{u, v, c} x[i + u - 1, j + v - 1, c] K[u, v, c, n]

    It is computed as nine matrix products: each of the kernel's nine cells maps the C channels of
    a shifted picture to N channels.

    Parameters
    ----------
    x : (H, W, C) float32 or float64
    K : (3, 3, C, N), same dtype
    b : (N,), same dtype

    Returns
    -------
    y : (H, W, N), same dtype

    Examples
    --------
    >>> x, K, b = np.ones((3, 3, 1)), np.ones((3, 3, 1, 1)), np.zeros(1)
    >>> convolution(x, K, b)[:, :, 0]
    array([[4., 6., 4.],
           [6., 9., 6.],
           [4., 6., 4.]])
    """
    H, W, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))  # (H + 2, W + 2, C)
    y = np.tile(b, (H, W, 1))  # (H, W, N)
    for u in range(3):
        for v in range(3):
            y += padded[u : u + H, v : v + W] @ K[u, v]
    return y


def convolution_backward(dy: Array, K: Array) -> Array:
    """dL/dx of `convolution`, from dL/dy.

    Pixel x[i, j] enters y[i - u + 1, j - v + 1] with the weight K[u, v], hence

        dx[i, j, c] = sum_{u, v, n} dy[i - u + 1, j - v + 1, n] K[u, v, c, n].

    With u -> 2 - u and v -> 2 - v that is `convolution` itself: the backward of a 3 x 3
    convolution is the same convolution with the kernel flipped and its channels swapped.

    Parameters
    ----------
    dy : (H, W, N) float32 or float64
    K : (3, 3, C, N), same dtype

    Returns
    -------
    dx : (H, W, C), same dtype

    Examples
    --------
    >>> dy, K = np.ones((3, 3, 1)), np.ones((3, 3, 1, 1))
    >>> convolution_backward(dy, K)[:, :, 0]  # in how many outputs each pixel counts
    array([[4., 6., 4.],
           [6., 9., 6.],
           [4., 6., 4.]])
    """
    K_flipped = K[::-1, ::-1].transpose(0, 1, 3, 2)  # (3, 3, N, C)
    return convolution(dy, K_flipped, np.zeros(K.shape[2], K.dtype))


def pad(x: Array, padding: str) -> Array:
    """Continue a picture by one pixel on each side.

    Departs from Gatys et al.: they use VGG as it was trained, which is padded by zeros
    (`convolution`).

    Parameters
    ----------
    x : (H, W, C) float32 or float64
    padding : {"reflect", "replicate"}
        Values beyond the border: the mirror image, which does not repeat the border pixel, or
        the border pixel itself. A side of one pixel is replicated.

    Returns
    -------
    y : (H + 2, W + 2, C), same dtype
    """
    border = ((1, 1), (1, 1), (0, 0))
    return np.pad(x, border, mode="reflect" if padding == "reflect" else "edge")


def pad_backward(dy: Array, padding: str, overwrite: bool = False) -> Array:
    """dL/dx of `pad`: the derivative beyond the border is added to the pixel it was copied from.

    Rows first, then columns. With y[0] = x[i], y[1 + k] = x[k] and y[H + 1] = x[H - 1 - i]

        dx[k] = dy[1 + k] + (dy[0] if k = i) + (dy[H + 1] if k = H - 1 - i).

    ``overwrite`` changes dy, which saves a copy; the result is a view of it.
    """
    dy = dy if overwrite else dy.copy()
    for rows in (dy, dy.transpose(1, 0, 2)):  # the second time they are the columns
        i = 1 if padding == "reflect" and len(rows) > 3 else 0
        rows[1 + i] += rows[0]
        rows[-2 - i] += rows[-1]
    return dy[1:-1, 1:-1]


def relu(x: Array) -> Array:
    """y = max(x, 0), for an array of any shape.

    Examples
    --------
    >>> relu(np.array([-1.0, 0.0, 2.0]))
    array([0., 0., 2.])
    """
    return np.maximum(x, 0)


def relu_backward(dy: Array, active: Mask) -> Array:
    """dL/dx of `relu`: dy where y > 0, else 0.

    This is the case ``F > 0`` of eqs. 2 and 6 in [Gatys et al. 2015]: the paper prints the
    mask inside the derivatives of the losses; here only this function applies it. At F = 0 the
    derivative is taken as 0.

    Parameters
    ----------
    dy : array of any shape
    active : bool array of the same shape
        y > 0.

    Examples
    --------
    >>> y = relu(np.array([-1.0, 0.0, 2.0]))
    >>> relu_backward(np.ones(3), y > 0)
    array([0., 0., 1.])
    """
    return dy * active


def conv_relu(x: Array, kernel: tuple[Array, Array]) -> tuple[Array, Mask]:
    """`convolution` followed by `relu`: one layer of VGG.

    Parameters
    ----------
    x : (H, W, C) float32 or float64
    kernel : (K, b)
        See `convolution`.

    Returns
    -------
    y : (H, W, N), same dtype
    active : (H, W, N) bool
        y > 0, needed by the backward pass.
    """
    y = relu(convolution(x, *kernel))
    return y, y > 0


def conv_relu_backward(
    dy: Array, active: Mask, kernel: tuple[Array, Array], out: Array | None = None
) -> Array:
    """dL/dx of `conv_relu`: backward through the ReLU, then through the convolution.

    ``out`` (H, W, C), if given, is dL/dx of other losses; the result includes it.
    """
    K, _ = kernel
    dx = convolution_backward(relu_backward(dy, active), K)
    return dx if out is None else out + dx


def average_pool(x: Array) -> Array:
    """Mean of each 2 x 2 block, [Gatys et al. 2015]'s choice of pooling.

    An odd last row or column is left out, as in PyTorch.

    Parameters
    ----------
    x : (H, W, C) float32 or float64

    Returns
    -------
    y : (H // 2, W // 2, C), same dtype

    Examples
    --------
    >>> average_pool(np.array([[1.0, 2.0], [4.0, 3.0]])[:, :, None]).item()
    2.5
    """
    return (_cell(x, 0, 0) + _cell(x, 0, 1) + _cell(x, 1, 0) + _cell(x, 1, 1)) / 4


def average_pool_backward(dy: Array, shape: Shape) -> Array:
    """dL/dx of `average_pool` for an x of the given shape: each pixel gets a quarter.

    Examples
    --------
    >>> average_pool_backward(np.ones((1, 1, 1)), (2, 2, 1))[:, :, 0]
    array([[0.25, 0.25],
           [0.25, 0.25]])
    """
    dx = np.zeros(shape, dy.dtype)
    for i in range(2):
        for j in range(2):
            _cell(dx, i, j)[...] = dy / 4
    return dx


def max_pool(x: Array) -> tuple[Array, Mask]:
    """Maximum of each 2 x 2 block, the pooling of the released VGG, and its argmax.

    At equal values the maximum has no derivative. The argmax then selects one of its subgradients.
    In areas of one color, the values of a block are equal up to rounding, and the rounding of the
    convolution before it decides. Derivatives in float32 and float64 can therefore differ there.

    Parameters
    ----------
    x : (H, W, C) float32 or float64

    Returns
    -------
    y : (H // 2, W // 2, C), same dtype
    argmax : (H // 2, W // 2, C) uint8
        0, 1, 2, 3 for the top left, top right, bottom left, bottom right pixel. If values
        are equal, the first is used, so that the derivative goes to only one pixel.

    Examples
    --------
    >>> y, argmax = max_pool(np.array([[1.0, 2.0], [4.0, 3.0]])[:, :, None])
    >>> y.item(), argmax.item()
    (4.0, 2)
    """
    cells = np.stack([_cell(x, i, j) for i in range(2) for j in range(2)])  # (4, H/2, W/2, C)
    return cells.max(axis=0), cells.argmax(axis=0).astype(np.uint8)


def max_pool_backward(dy: Array, argmax: Mask, shape: Shape) -> Array:
    """dL/dx of `max_pool` for an x of the given shape: all of dy goes to the argmax.

    Examples
    --------
    >>> y, argmax = max_pool(np.array([[1.0, 2.0], [4.0, 3.0]])[:, :, None])
    >>> max_pool_backward(np.ones((1, 1, 1)), argmax, (2, 2, 1))[:, :, 0]
    array([[0., 0.],
           [1., 0.]])
    """
    dx = np.zeros(shape, dy.dtype)
    for i in range(2):
        for j in range(2):
            _cell(dx, i, j)[...] = dy * (argmax == 2 * i + j)
    return dx


def _cell(x: Array, i: int, j: int) -> Array:
    """View of the pixels in row i, column j of every whole 2 x 2 block of x."""
    H, W = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    return x[i:H:2, j:W:2]
