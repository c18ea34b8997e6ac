# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 3. The layers: forward and backward
#
# A VGG network is made of three kinds of layers: 3 x 3 convolutions, ReLUs and poolings. To change
# a picture by the derivative of a loss one must go back through all of them: each layer gets dL/dy,
# with respect to what it gave, and returns dL/dx, with respect to what it got. The weights are
# constants, so no derivative with respect to them is computed.
#
# About 120 minutes; 30 points. You need the chain rule and NumPy's slices. All arrays are float64,
# a picture is (H, W, C): height, width, channels. No part depends on another. The package's own
# layers are withheld from your code.
#
# **What the backward tests ask.** A layer without a kink is linear, y = T x + b, and its backward
# is the transposed map:
#
#     <T x, r> = <x, backward(r)>      for all x and r,        <a, b> = sum of a times b.
#
# In words: what a small change of x does to y, seen along r, is what backward says of it.

# %% nbgrader={"grade_id": "imports"}
import numpy as np

from nst_numpy import layers

# %% [markdown]
# ## 3.1 ReLU
#
# y = max(x, 0), for an array of any shape; and dL/dx from dL/dy and y. At y = 0 the derivative is
# taken as 0.


# %% nbgrader={"grade_id": "relu", "solution": true}
def relu(x):
    """y = max(x, 0), entry by entry."""
    ### BEGIN SOLUTION
    return np.maximum(x, 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "relu_backward", "solution": true}
def relu_backward(dy, y):
    """dL/dx from dL/dy and y = relu(x)."""
    ### BEGIN SOLUTION
    return dy * (y > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "relu_value", "points": 2}
from nst_numpy.classroom import guarded, require, same

y_of = guarded("relu", relu)
x = np.array([[-1.0, 2.0, 0.0], [3.0, -0.5, 1.0]])
y = y_of(x)
require(
    same(y, layers.relu(x)),
    "A ReLU keeps what is positive and puts 0 in the place of the rest.",
    got=y,
    x=x,
)
### BEGIN HIDDEN TESTS
x = np.random.default_rng(1).normal(size=(3, 2, 4))
require(
    same(y_of(x), layers.relu(x)),
    "A ReLU keeps what is positive and puts 0 in the place of the rest, whatever the shape.",
    got=y_of(x),
    x=x,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "relu_differences", "points": 2}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

dx_of = guarded("relu_backward", relu_backward)
x, r = (
    np.array([[-1.0, 2.0, 0.5], [3.0, -0.5, 1.0]]),
    np.array([[1.0, -2.0, 3.0], [0.5, 4.0, -1.0]]),
)
slope = numeric_derivative(lambda x: np.sum(layers.relu(x) * r), x)
require(
    same(dx_of(r, layers.relu(x)), slope, 1e-6),
    "dL/dx is dL/dy where the ReLU lets x pass, and 0 elsewhere. "
    "Differences of L = <relu(x), dy> do not agree.",
    got=dx_of(r, layers.relu(x)),
    x=x,
    dy=r,
)

# %% nbgrader={"grade_id": "relu_at_zero", "points": 1}
from nst_numpy.classroom import guarded, require, same

dx_of = guarded("relu_backward", relu_backward)
dy, y = np.array([[2.0, -3.0], [4.0, -5.0]]), np.array([[0.0, 1.0], [2.0, 0.0]])
dx = np.asarray(dx_of(dy, y))
require(
    dx.shape == y.shape and not np.any(dx[y == 0]),
    "At y = 0 the derivative is taken as 0.",
    got=dx,
    dy=dy,
    y=y,
)
require(
    same(dx[y > 0], dy[y > 0]),
    "Where y > 0, dL/dy passes as it is, also where it is negative.",
    got=dx,
    dy=dy,
    y=y,
)

# %% [markdown]
# ## 3.2 Average pooling
#
# The mean of each 2 x 2 block, channel by channel: (H, W, C) becomes (H // 2, W // 2, C). An odd
# last row or column has no partner and is left out.


# %% nbgrader={"grade_id": "average_pool", "solution": true}
def average_pool(x):
    """Mean of each 2 x 2 block of x (H, W, C): (H // 2, W // 2, C)."""
    ### BEGIN SOLUTION
    H, W = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    return (x[0:H:2, 0:W:2] + x[0:H:2, 1:W:2] + x[1:H:2, 0:W:2] + x[1:H:2, 1:W:2]) / 4
    ### END SOLUTION


# %% nbgrader={"grade_id": "average_pool_backward", "solution": true}
def average_pool_backward(dy, shape):
    """dL/dx for an x of the given shape (H, W, C), from dL/dy (H // 2, W // 2, C)."""
    ### BEGIN SOLUTION
    dx = np.zeros(shape)
    H, W = shape[0] // 2 * 2, shape[1] // 2 * 2
    for i in range(2):
        for j in range(2):
            dx[i:H:2, j:W:2] = dy / 4
    return dx
    ### END SOLUTION


# %% nbgrader={"grade_id": "average_value", "points": 2}
from nst_numpy.classroom import guarded, require, same

y_of = guarded("average_pool", average_pool)
for shape in ((2, 4, 1), (3, 5, 2)):
    x = np.arange(float(np.prod(shape))).reshape(shape) ** 2
    y = y_of(x)
    require(
        same(y, layers.average_pool(x)),
        "Each number is the mean of its own 2 x 2 block; an odd last row or column is left out.",
        got=y,
        x=x,
    )

# %% nbgrader={"grade_id": "average_adjoint", "points": 2}
from nst_numpy.classroom import guarded, require, same

dx_of = guarded("average_pool_backward", average_pool_backward)
dy = np.array([[8.0, 4.0]])[..., None]
dx = dx_of(dy, (2, 4, 1))
require(
    np.shape(dx) == (2, 4, 1) and same(np.sum(dx), np.sum(dy)),
    "Average pooling shares dL/dy among four pixels: the shares add up to it.",
    got=dx,
    dy=dy,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for shape in ((4, 6, 2), (5, 3, 1)):
    x, r = rng.normal(size=shape), rng.normal(size=(shape[0] // 2, shape[1] // 2, shape[2]))
    dx = dx_of(r, shape)
    require(
        np.shape(dx) == shape and same(np.sum(x * dx), np.sum(layers.average_pool(x) * r)),
        "Backward is the "
        "transposed map: <average_pool(x), r> = <x, backward(r)>. Pixels without a partner get "
        "nothing.",
        got=dx,
        shape=shape,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## 3.3 Max pooling
#
# The largest of each 2 x 2 block. Backward, dL/dy goes to the pixel that was the largest. Return
# with y what you need to know for that: `argmax` (H // 2, W // 2, C) with 0, 1, 2, 3 for top left,
# top right, bottom left, bottom right. If values are equal, the first in this order is used, so
# that dL/dy goes to one pixel.


# %% nbgrader={"grade_id": "max_pool", "solution": true}
def max_pool(x):
    """Largest of each 2 x 2 block of x (H, W, C), and which of the four it was."""
    ### BEGIN SOLUTION
    H, W = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    cells = np.stack([x[i:H:2, j:W:2] for i in range(2) for j in range(2)])
    return cells.max(axis=0), cells.argmax(axis=0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "max_pool_backward", "solution": true}
def max_pool_backward(dy, argmax, shape):
    """dL/dx for an x of the given shape (H, W, C), from dL/dy and `argmax` of max_pool."""
    ### BEGIN SOLUTION
    dx = np.zeros(shape)
    H, W = shape[0] // 2 * 2, shape[1] // 2 * 2
    for i in range(2):
        for j in range(2):
            dx[i:H:2, j:W:2] = dy * (argmax == 2 * i + j)
    return dx
    ### END SOLUTION


# %% nbgrader={"grade_id": "max_value", "points": 2}
from nst_numpy.classroom import guarded, require, same

y_of = guarded("max_pool", max_pool, results=2)
x = np.array([[-1.0, -2.0, 5.0, 1.0, 9.0], [-3.0, -4.0, 2.0, 3.0, 9.0]])[..., None]
y, argmax = y_of(x)
require(
    same(y, layers.max_pool(x)[0]),
    "Each number is the largest of its own 2 x 2 block, also where all are negative; an "
    "odd last row or column is left out.",
    got=y,
    x=x,
)
### BEGIN HIDDEN TESTS
x = np.random.default_rng(3).normal(size=(5, 4, 3))
y, argmax = y_of(x)
require(
    same(y, layers.max_pool(x)[0]) and same(argmax, layers.max_pool(x)[1]),
    "Each number is the largest of its own "
    "2 x 2 block, and the argmax says which of the four it was.",
    got=(y, argmax),
    x=x,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "max_ties", "points": 2}
from nst_numpy.classroom import guarded, require, same

y_of = guarded("max_pool", max_pool, results=2)
x = np.array([[1.0, 1.0, 0.0, 7.0], [1.0, 1.0, 7.0, 0.0]])[..., None]  # equals in both blocks
_, argmax = y_of(x)
require(
    same(argmax, layers.max_pool(x)[1]),
    "If values are equal, there is one argmax, the first in the order top left, top right, "
    "bottom left, bottom right.",
    got=argmax,
    x=x,
)

# %% nbgrader={"grade_id": "max_adjoint", "points": 3}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

dx_of = guarded("max_pool_backward", max_pool_backward)
dy, argmax = np.array([[8.0, 4.0]])[..., None], np.array([[1, 2]])[..., None]
dx = dx_of(dy, argmax, (2, 4, 1))
require(
    np.shape(dx) == (2, 4, 1) and same(np.sum(dx), np.sum(dy)),
    "Max pooling hands dL/dy to one pixel of each block: in all, as much arrives as was given.",
    got=dx,
    dy=dy,
    argmax=argmax,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(4)
for shape in ((4, 6, 2), (5, 3, 1)):
    x, r = rng.normal(size=shape), rng.normal(size=(shape[0] // 2, shape[1] // 2, shape[2]))
    slope = numeric_derivative(lambda x, r=r: np.sum(layers.max_pool(x)[0] * r), x)
    dx = dx_of(r, layers.max_pool(x)[1], shape)
    require(
        same(dx, slope, 1e-6),
        "dL/dy goes to the pixel that won, and nothing to the other three. Differences of L = "
        "<max_pool(x), dy> do not agree.",
        got=dx,
        x=x,
        dy=r,
    )
### END HIDDEN TESTS

# %% [markdown]
# ## 3.4 Convolution
#
#     y[i, j, n] = b[n] + sum_{u, v, c} x[i + u - 1, j + v - 1, c] K[u, v, c, n]
#
# with u and v from 0 to 2, and x = 0 outside of the picture: y is as large as x. Every VGG release
# computes it like this, without turning the kernel round. Hint: nine matrix products, one for each
# cell (u, v) of the kernel, on shifted views of the padded picture. The tests run on pictures so
# small that plain loops are fast enough, too.


# %% nbgrader={"grade_id": "convolution", "solution": true}
def convolution(x, K, b):
    """y (H, W, N) from x (H, W, C), K (3, 3, C, N) and b (N,)."""
    ### BEGIN SOLUTION
    H, W, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    y = np.tile(b, (H, W, 1))
    for u in range(3):
        for v in range(3):
            y += padded[u : u + H, v : v + W] @ K[u, v]
    return y
    ### END SOLUTION


# %% nbgrader={"grade_id": "convolution_shift", "points": 3}
from nst_numpy.classroom import guarded, require, same

y_of = guarded("convolution", convolution)
x, K = np.arange(1.0, 10.0).reshape(3, 3, 1), np.zeros((3, 3, 1, 1))
K[0, 0] = 1  # the cell at the top left
y = y_of(x, K, np.zeros(1))
require(np.shape(y) == (3, 3, 1), "The result is as large as the picture.", got=np.shape(y))
require(
    same(y, layers.convolution(x, K, np.zeros(1))),
    "A kernel whose one cell is K[0, 0] says at each position what "
    "stands one row above and one column to the left, and 0 where that is outside.",
    got=y[..., 0],
    x=x[..., 0],
)
K = np.zeros((3, 3, 1, 1))
K[1, 2] = 1
y = y_of(x, K, np.zeros(1))
require(
    same(y, layers.convolution(x, K, np.zeros(1))),
    "A kernel whose one cell is K[1, 2] says at each position what stands to the right of it.",
    got=y[..., 0],
    x=x[..., 0],
)

# %% nbgrader={"grade_id": "convolution_channels", "points": 3}
from nst_numpy.classroom import guarded, require, same

y_of = guarded("convolution", convolution)
x, K = np.array([[[2.0, 5.0]]]), np.zeros((3, 3, 2, 3))  # one pixel, two channels, three filters
K[1, 1] = [[1.0, 10.0, 0.0], [0.0, 1.0, 1.0]]
y = y_of(x, K, np.array([0.5, 0.0, -1.0]))
require(
    same(y, layers.convolution(x, K, np.array([0.5, 0.0, -1.0]))),
    "Each filter adds up all channels with its own weights, and then its own bias.",
    got=y,
    x=x,
    K_1_1=K[1, 1],
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(5)
x, K, b = rng.normal(size=(4, 5, 3)), rng.normal(size=(3, 3, 3, 2)), rng.normal(size=2)
require(
    same(y_of(x, K, b), layers.convolution(x, K, b)),
    "Each filter adds up all channels, at all nine cells of its kernel, and then its own bias.",
    got=y_of(x, K, b),
)
### END HIDDEN TESTS

# %% [markdown]
# Now backward. Pixel x[i, j] goes into nine positions of y: which, and with which cell of the
# kernel? Turn the sum round, and you will find that it is a convolution again. You may use the
# `forward` below, which is the package's own.

# %% nbgrader={"grade_id": "forward"}
forward = layers.convolution


# %% nbgrader={"grade_id": "convolution_backward", "solution": true}
def convolution_backward(dy, K):
    """dL/dx (H, W, C) from dL/dy (H, W, N) and K (3, 3, C, N)."""
    ### BEGIN SOLUTION
    return forward(dy, K[::-1, ::-1].transpose(0, 1, 3, 2), np.zeros(K.shape[2]))
    ### END SOLUTION


# %% nbgrader={"grade_id": "backward_shift", "points": 3}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

dx_of = guarded("convolution_backward", convolution_backward)
dy, K = np.zeros((3, 3, 1)), np.zeros((3, 3, 1, 1))
dy[1, 1], K[0, 0] = 1, 1
dx = dx_of(dy, K)
require(np.shape(dx) == (3, 3, 1), "dL/dx is as large as the picture.", got=np.shape(dx))
slope = numeric_derivative(lambda x: np.sum(forward(x, K, np.zeros(1)) * dy), np.zeros((3, 3, 1)))
require(
    same(dx, slope, 1e-6),
    "Only y[1, 1] matters here, and the one cell K[0, 0] of the kernel: the pixel that it "
    "reads is the one that gets the derivative.",
    got=dx[..., 0],
    dy=dy[..., 0],
    K=K[..., 0, 0],
)

# %% nbgrader={"grade_id": "backward_adjoint", "points": 5}
from nst_numpy.classroom import guarded, require, same

dx_of = guarded("convolution_backward", convolution_backward)
rng = np.random.default_rng(6)
for (H, W, C), N in (((1, 1, 2), 3), ((4, 3, 2), 2), ((2, 5, 1), 3)):
    x, r, K = rng.normal(size=(H, W, C)), rng.normal(size=(H, W, N)), rng.normal(size=(3, 3, C, N))
    dx = dx_of(r, K)
    require(
        np.shape(dx) == x.shape,
        "dL/dx has the C channels of x, not the N of y.",
        got=np.shape(dx),
        x_shape=x.shape,
    )
    left, right = np.sum(forward(x, K, np.zeros(N)) * r), np.sum(x * dx)
    require(
        same(right, left),
        "Backward is the transposed map: <convolution(x), r> = <x, backward(r)>, for all x and r. "
        "Which channel of y does each channel of x go into, and through which cell?",
        got=right,
        expected_from_the_left_side=float(left),
        x_shape=x.shape,
        filters=N,
    )
