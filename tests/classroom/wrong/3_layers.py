# Typical wrong answers: which cell is replaced, which tests are lost, what the feedback says.

# %% [markdown]
# ReLU by the absolute value
# %% wrong={"cell": "relu", "loses": ["relu_value"], "says": "puts 0 in the place"}
def relu(x):
    return np.abs(x)

# %% [markdown]
# ReLU in place
# %% wrong={"cell": "relu", "loses": ["relu_value"], "says": "changes its argument 1"}
def relu(x):
    x[x < 0] = 0
    return x

# %% [markdown]
# mask forgotten
# %% wrong={"cell": "relu_backward", "loses": ["relu_differences", "relu_at_zero"], "says": "where the ReLU lets x pass"}
def relu_backward(dy, y):
    return dy

# %% [markdown]
# mask with >=
# %% wrong={"cell": "relu_backward", "loses": ["relu_differences", "relu_at_zero"], "says": "At y = 0 the derivative"}
def relu_backward(dy, y):
    return dy * (y >= 0)

# %% [markdown]
# a ReLU of the derivative
# %% wrong={"cell": "relu_backward", "loses": ["relu_differences", "relu_at_zero"], "says": "where the ReLU lets x pass"}
def relu_backward(dy, y):
    return np.maximum(dy, 0)

# %% [markdown]
# sum for mean
# %% wrong={"cell": "average_pool", "loses": ["average_value"], "says": "the mean of its own 2 x 2 block"}
def average_pool(x):
    H, W = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    return x[0:H:2, 0:W:2] + x[0:H:2, 1:W:2] + x[1:H:2, 0:W:2] + x[1:H:2, 1:W:2]

# %% [markdown]
# odd sizes forgotten
# %% wrong={"cell": "average_pool", "loses": ["average_value"], "says": "stopped with ValueError"}
def average_pool(x):
    return (x[0::2, 0::2] + x[0::2, 1::2] + x[1::2, 0::2] + x[1::2, 1::2]) / 4

# %% [markdown]
# not divided by four in the backward pass
# %% wrong={"cell": "average_pool_backward", "loses": ["average_adjoint"], "says": "the shares add up"}
def average_pool_backward(dy, shape):
    dx = np.zeros(shape)
    big = dy.repeat(2, axis=0).repeat(2, axis=1)
    dx[: big.shape[0], : big.shape[1]] = big
    return dx

# %% [markdown]
# the shape forgotten
# %% wrong={"cell": "average_pool_backward", "loses": ["average_adjoint"], "says": "Pixels without a partner"}
def average_pool_backward(dy, shape):
    return dy.repeat(2, axis=0).repeat(2, axis=1) / 4

# %% [markdown]
# the largest, but 0 at least
# %% wrong={"cell": "max_pool", "loses": ["max_value"], "says": "also where all are negative"}
def max_pool(x):
    y = np.zeros((x.shape[0] // 2, x.shape[1] // 2, x.shape[2]))
    argmax = np.zeros(y.shape, int)
    for k in range(4):
        cell = x[k // 2 : y.shape[0] * 2 : 2, k % 2 : y.shape[1] * 2 : 2]
        argmax[cell > y] = k
        y = np.maximum(y, cell)
    return y, argmax

# %% [markdown]
# the last of equal values
# %% wrong={"cell": "max_pool", "loses": ["max_ties"], "says": "If values are equal, there is one argmax"}
def max_pool(x):
    H, W = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    cells = np.stack([x[i:H:2, j:W:2] for i in (1, 0) for j in (1, 0)])
    return cells.max(axis=0), 3 - cells.argmax(axis=0)

# %% [markdown]
# columns before rows in the argmax
# %% wrong={"cell": "max_pool", "loses": ["max_value"], "says": "which of the four it was"}
def max_pool(x):
    H, W = x.shape[0] // 2 * 2, x.shape[1] // 2 * 2
    cells = np.stack([x[i:H:2, j:W:2] for j in range(2) for i in range(2)])
    return cells.max(axis=0), cells.argmax(axis=0)

# %% [markdown]
# all equal values receive the derivative
# %% wrong={"cell": "max_pool_backward", "loses": ["max_adjoint"], "says": "as much arrives as was given"}
def max_pool_backward(dy, argmax, shape):
    dx = np.zeros(shape)
    big = dy.repeat(2, axis=0).repeat(2, axis=1)
    dx[: big.shape[0], : big.shape[1]] = big
    return dx

# %% [markdown]
# shared as in average pooling
# %% wrong={"cell": "max_pool_backward", "loses": ["max_adjoint"], "says": "nothing to the other three"}
def max_pool_backward(dy, argmax, shape):
    dx = np.zeros(shape)
    big = dy.repeat(2, axis=0).repeat(2, axis=1) / 4
    dx[: big.shape[0], : big.shape[1]] = big
    return dx

# %% [markdown]
# a true convolution, with a flipped kernel
# %% wrong={"cell": "convolution", "loses": ["convolution_shift", "convolution_channels"], "says": "one row above and one column to the left"}
def convolution(x, K, b):
    H, W, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return b + sum(padded[u : u + H, v : v + W] @ K[2 - u, 2 - v] for u in range(3) for v in range(3))

# %% [markdown]
# no padding
# %% wrong={"cell": "convolution", "loses": ["convolution_shift", "convolution_channels"], "says": "as large as the picture"}
def convolution(x, K, b):
    H, W = x.shape[0] - 2, x.shape[1] - 2
    if min(H, W) < 1:
        return np.zeros((0, 0, K.shape[3]))
    return b + sum(x[u : u + H, v : v + W] @ K[u, v] for u in range(3) for v in range(3))

# %% [markdown]
# padding off by one
# %% wrong={"cell": "convolution", "loses": ["convolution_shift", "convolution_channels"], "says": "one row above and one column to the left"}
def convolution(x, K, b):
    H, W, _ = x.shape
    padded = np.pad(x, ((0, 2), (0, 2), (0, 0)))
    return b + sum(padded[u : u + H, v : v + W] @ K[u, v] for u in range(3) for v in range(3))

# %% [markdown]
# padded with the border's color
# %% wrong={"cell": "convolution", "loses": ["convolution_shift", "convolution_channels"], "says": "0 where that is outside"}
def convolution(x, K, b):
    H, W, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)), mode="edge")
    return b + sum(padded[u : u + H, v : v + W] @ K[u, v] for u in range(3) for v in range(3))

# %% [markdown]
# bias forgotten
# %% wrong={"cell": "convolution", "loses": ["convolution_channels"], "says": "its own bias"}
def convolution(x, K, b):
    H, W, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return sum(padded[u : u + H, v : v + W] @ K[u, v] for u in range(3) for v in range(3))

# %% [markdown]
# the package's own
# %% wrong={"cell": "convolution", "loses": ["convolution_shift", "convolution_channels"], "says": "withheld"}
def convolution(x, K, b):
    return layers.convolution(x, K, b)

# %% [markdown]
# kernel not flipped
# %% wrong={"cell": "convolution_backward", "loses": ["backward_shift", "backward_adjoint"], "says": "the pixel that it reads"}
def convolution_backward(dy, K):
    return forward(dy, K.transpose(0, 1, 3, 2), np.zeros(K.shape[2]))

# %% [markdown]
# flipped in one direction only
# %% wrong={"cell": "convolution_backward", "loses": ["backward_shift", "backward_adjoint"], "says": "transposed map"}
def convolution_backward(dy, K):
    return forward(dy, K[::-1].transpose(0, 1, 3, 2), np.zeros(K.shape[2]))

# %% [markdown]
# channels not swapped
# %% wrong={"cell": "convolution_backward", "loses": ["backward_adjoint"], "says": "stopped with ValueError"}
def convolution_backward(dy, K):
    return forward(dy, K[::-1, ::-1], np.zeros(K.shape[3]))

# %% [markdown]
# channels swapped by a reshape
# %% wrong={"cell": "convolution_backward", "loses": ["backward_adjoint"], "says": "Which channel of y"}
def convolution_backward(dy, K):
    K = K[::-1, ::-1].reshape(3, 3, K.shape[3], K.shape[2])
    return forward(dy, K, np.zeros(K.shape[3]))

# %% [markdown]
# all axes of the kernel reversed
# %% wrong={"cell": "convolution_backward", "loses": ["backward_shift", "backward_adjoint"], "says": "transposed map"}
def convolution_backward(dy, K):
    return forward(dy, K.transpose(1, 0, 3, 2), np.zeros(K.shape[2]))
