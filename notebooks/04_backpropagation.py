# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#       jupytext_version: 1.19.6
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 4. Backpropagation by hand
#
# The losses of [Gatys et al. 2015] look at feature maps deep inside a network, but what we change
# is the picture. This notebook builds the bridge: from the derivative with respect to a feature map
# down to the derivative with respect to every pixel, one layer at a time, without a framework.
#
# **What you will be able to do**
#
# - say what a `backward` function computes, and why it runs from the loss to the picture and not
#   the other way round;
# - write a convolution as a matrix, transpose it, and see with your own eyes that the transpose is
#   the same convolution with the kernel flipped and its channels swapped;
# - test any forward/backward pair of a linear layer with one line, the adjoint test;
# - take a derivative through a ReLU and through a pooling, ties and odd sizes included;
# - follow the derivative of one single activation through the whole network to the pixels.
#
# **Prerequisites**: the chain rule for functions of several variables, matrices and their
# transposes; what a convolution layer does and what the content loss is
# ([notebook 1](01_what_a_network_sees.ipynb), [notebook 2](02_the_content_loss.ipynb)).
#
# **Time**: about 60 minutes. Next: [5. Checking a gradient](05_checking_a_gradient.ipynb).

# %% jupyter={"source_hidden": true} tags=["hide-input"]
import matplotlib.pyplot as plt
import numpy as np
import sympy
from matplotlib.patches import Rectangle

from nst_numpy import layers, load_network, vgg
from nst_numpy.images.samples import sample_picture
from nst_numpy.losses import content_loss

BLUE, ORANGE, RED, GREEN = "#0072B2", "#E69F00", "#D55E00", "#009E73"
plt.rcParams.update({"figure.dpi": 100, "font.size": 9, "axes.titlesize": 9})
plt.rcParams["image.interpolation"] = "nearest"
rng = np.random.default_rng(0)


def bare(ax, title=""):
    """A picture wants no ticks."""
    ax.set(xticks=[], yticks=[], title=title)


# %% [markdown]
# ## 1. The chain rule, from the end
#
# A network is a chain of layers, and a loss $L$ stands at its end:
#
# $$x_0 \;\xrightarrow{f_1}\; x_1 \;\xrightarrow{f_2}\; \cdots \;\xrightarrow{f_n}\; x_n
#   \;\longrightarrow\; L .$$
#
# Here $x_0$ is the picture, and $x_n$ may be the feature map $F^l$ that the content loss (eq. 1)
# looks at. Write $g_k = \partial L / \partial x_k$ for the derivative of the loss with respect to
# what leaves layer $k$. A small change of $x_{k-1}$ changes each component of $x_k$, and each of
# these changes $L$. The chain rule adds up all the ways:
#
# $$\frac{\partial L}{\partial x_{k-1,i}}
#   = \sum_j \frac{\partial x_{k,j}}{\partial x_{k-1,i}}\,\frac{\partial L}{\partial x_{k,j}} .$$
#
# The factors form the Jacobian matrix $(J_k)_{ji} = \partial x_{k,j}/\partial x_{k-1,i}$, one row
# for each output and one column for each input. The sum runs over the rows, so it is the
# *transpose* that acts:
#
# $$g_{k-1} = J_k^T\, g_k , \qquad\text{and together}\qquad
#   g_0 = J_1^T J_2^T \cdots J_n^T\, g_n .$$
#
# This is backpropagation. All the rest of this notebook is about applying $J_k^T$ for three kinds
# of layers.
#
# The smallest network that has it all: one linear layer, one ReLU, and eq. 1 at the end. With
# $z = Wx$, $F = \max(z, 0)$ and $L = \frac12 \sum_j (F_j - P_j)^2$ the Jacobians are $W$ and a
# diagonal matrix with a 1 where $z_j > 0$.

# %%
W = np.array([[1.0, 2.0, 0.0], [0.0, -1.0, 1.0], [2.0, 0.0, -1.0], [1.0, 1.0, 1.0]])  # (4, 3)
P = np.array([1.0, 1.0, 1.0, 1.0])
x = np.array([1.0, 2.0, -1.0])

z = W @ x  # (4,)
F = np.maximum(z, 0)  # (4,)

g_F = F - P  # dL/dF, from eq. 1
g_z = np.diag((z > 0).astype(float)).T @ g_F  # back through the ReLU
g_x = W.T @ g_z  # back through the linear layer

print("z     =", z)
print("dL/dF =", g_F)
print("dL/dz =", g_z)
print("dL/dx =", g_x)

# %% [markdown]
# The second activation is off ($z_2 = -3$): nothing comes back through it, whatever the loss wants
# of it. That is the case "$0$ if $F_{ij}<0$" of eq. 2.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Check of the derivation: the same derivative by sympy.
symbols = sympy.Matrix(sympy.symbols("x:3", real=True))
rectified = (sympy.Matrix(W.astype(int)) * symbols).applyfunc(lambda z: sympy.Max(z, 0))
loss = sum((F_j - 1) ** 2 for F_j in rectified) / 2
at = dict(zip(symbols, [1, 2, -1], strict=True))
assert [float(sympy.diff(loss, s).subs(at)) for s in symbols] == list(g_x)

# %% [markdown]
# ### Why from the end?
#
# The product $J_1^T J_2^T \cdots J_n^T g_n$ can be bracketed in any order. From the right, every
# step is a matrix times a *vector*. From the left, every step is a matrix times a *matrix*, and the
# matrices are enormous. (With one input and many outputs it would be the other way round. A loss is
# the opposite case: one output, as many inputs as the picture has numbers.) One layer of the
# network that ships, for a picture of 128 x 86 pixels:

# %%
network = load_network("tiny").astype(np.float64)
p = sample_picture("pagoda", 128).astype(np.float64)  # (86, 128, 3)

H, W_p, _ = p.shape
N = network.weights["conv1_2"][1].size
print(f"conv1_2 maps {H} x {W_p} x {N} numbers to as many: {H * W_p * N:,}")
print(
    f"its Jacobian would have {(H * W_p * N) ** 2:,} entries, {(H * W_p * N) ** 2 * 8 / 1e9:.0f} GB"
)

# %% [markdown]
# Nobody forms that matrix. **A `backward` function multiplies by $J^T$ without ever having $J$.**
# In this package, `convolution_backward(dy, K)`, `relu_backward(dy, active)` and the two pooling
# backwards each do that for their layer ([`layers.py`](../nst_numpy/layers.py)); `dy` is short for
# $\partial L/\partial y$.
#
# To *understand* a layer, though, a matrix is just the thing, and on tiny pictures we can afford
# it.

# %% [markdown]
# ## 2. A convolution is a matrix
#
# For one picture with $C$ channels and $N$ filters, every VGG computes
#
# $$y_{ijn} = b_n + \sum_{u=0}^{2}\sum_{v=0}^{2}\sum_{c} x_{i+u-1,\;j+v-1,\;c}\; K_{uvcn} ,$$
#
# with zeros where the index falls off the picture. (Strictly it is a *correlation*; a convolution
# in the sense of mathematics would count $u$ and $v$ the other way round. Remember this, it is
# about to come back.) Up to the constant $b$ it is linear in $x$, so it has a matrix. To find the
# matrix of any linear map, look at what it makes of the unit vectors; here they are pictures that
# are black but for one pixel. The results are the columns.


# %%
def matrix_of(linear, shape):
    """Matrix of a linear map on arrays of that shape; its columns are the maps of unit arrays."""
    units = np.eye(np.prod(shape)).reshape(-1, *shape)
    return np.stack([linear(unit).ravel() for unit in units], axis=1)


K = np.arange(1.0, 10.0).reshape(3, 3, 1, 1)  # taps 1 to 9, so that we recognize each one
no_bias = np.zeros(1)
T = matrix_of(lambda x: layers.convolution(x, K, no_bias), (5, 5, 1))
print(T.shape)

# %% [markdown]
# The matrix of a 3 x 3 convolution on a picture of 5 x 5 pixels, one channel to one channel. Its 25
# rows are the pixels of $y$, its 25 columns the pixels of $x$, both counted row by row; every
# number is one of the nine taps, and empty cells are zeros.


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def numbers(ax, values, title, size=7, vmax=9.0, cmap="Blues"):
    """An array with each number written into its cell; zeros are left empty."""
    values = np.asarray(values, float)
    shown = np.where(values == 0, np.nan, values)
    ax.imshow(shown, cmap=cmap, vmin=-0.3 * vmax, vmax=1.6 * vmax)
    for (i, j), value in np.ndenumerate(values):
        if value:
            ax.text(j, i, f"{value:g}", ha="center", va="center", fontsize=size)
    bare(ax, title)


figure, (left, right) = plt.subplots(
    1, 2, figsize=(8.2, 6.2), width_ratios=[1, 5.2], layout="constrained"
)
numbers(left, K[..., 0, 0], "kernel K", 11)
numbers(right, T, "its matrix on 5 x 5 pixels", 7)
right.set_xlabel("pixel of x: the five pixels of row 0, of row 1, ...")
right.set_ylabel("pixel of y: the five pixels of row 0, of row 1, ...")
for k in range(1, 5):
    right.axhline(5 * k - 0.5, color="gray", lw=0.6)
    right.axvline(5 * k - 0.5, color="gray", lw=0.6)
plt.show()

# %% [markdown]
# Read it block by block. A block tells how one row of $x$ enters one row of $y$: the diagonal
# blocks hold the middle row of the kernel (4, 5, 6), the blocks left of them the top row (1, 2, 3:
# the pixels *above* come first), those on the right the bottom row. Everything else is empty,
# because a pixel sees its neighbors only. The gaps inside the bands are the border, where the
# kernel hangs over the edge and meets zeros.
#
# Now take out one row and one column of this matrix and lay each out as a picture again. A *row*
# says what one pixel of $y$ **reads**. A *column* says where one pixel of $x$ **writes to**, and
# with what weights.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, axes = plt.subplots(1, 4, figsize=(8.2, 2.4), layout="constrained")
numbers(axes[0], T[12].reshape(5, 5), "row 12:\nwhat y[2, 2] reads", 9)
numbers(axes[1], T[:, 12].reshape(5, 5), "column 12:\nwhere x[2, 2] writes to", 9)
numbers(axes[2], T[0].reshape(5, 5), "row 0:\nwhat y[0, 0] reads", 9)
numbers(axes[3], T[:, 0].reshape(5, 5), "column 0:\nwhere x[0, 0] writes to", 9)
for ax in axes:
    ax.set_xticks(np.arange(4) + 0.5, minor=True)
    ax.set_yticks(np.arange(4) + 0.5, minor=True)
    ax.grid(which="minor", color="lightgray", lw=0.6)
    ax.tick_params(which="minor", length=0)
plt.show()

# %% [markdown]
# The row is the kernel as it stands. **The column is the kernel turned by 180 degrees.** No magic:
# when $y_{22}$ reads the pixel to its upper left with the weight 1, then the pixel $x_{22}$ is read
# with the weight 1 by the output to its *lower right*.
#
# ## 3. Its transpose is the flipped convolution
#
# The columns of $T$ are the rows of $T^T$. So $T^T$ is the matrix of a map in which every pixel
# reads with the flipped kernel, and that is again a convolution. In letters, for one channel: from
# the definition,
#
# $$\frac{\partial y_{ij}}{\partial x_{pq}} = K_{p-i+1,\;q-j+1}
# \qquad\text{(zero if an index is not 0, 1 or 2).}$$
#
# Put it into the chain rule, and name the kernel's indices $u = p-i+1$, $v = q-j+1$:
#
# $$\frac{\partial L}{\partial x_{pq}}
#   = \sum_{ij} \frac{\partial L}{\partial y_{ij}} K_{p-i+1,\;q-j+1}
#   = \sum_{uv} \frac{\partial L}{\partial y_{p-u+1,\;q-v+1}}\, K_{uv}
#   = \sum_{uv} \frac{\partial L}{\partial y_{p+u-1,\;q+v-1}}\, K_{2-u,\;2-v} .$$
#
# In the last step $u$ became $2-u$ and $v$ became $2-v$. What stands there is the definition of the
# convolution once more, applied to $\partial L/\partial y$, with the kernel flipped in both
# directions. The zero padding fits too: outputs beyond the border do not exist, so they contribute
# nothing, which is what a zero contributes.

# %%
K_flipped = K[::-1, ::-1]
T_flipped = matrix_of(lambda dy: layers.convolution(dy, K_flipped, no_bias), (5, 5, 1))
print("convolution with the flipped kernel == transpose:", np.array_equal(T_flipped, T.T))

# %% [markdown]
# ### And the channels change places
#
# With channels, $y_{\cdot\cdot n}$ reads $x_{\cdot\cdot c}$ with the 3 x 3 kernel
# $K_{\cdot\cdot cn}$. The matrix is a table of $N \times C$ blocks, and each block is a matrix as
# the one above. Transposing a table of blocks does two things: block $(n, c)$ moves to place
# $(c, n)$, and is transposed itself. The first swaps the channels, the second flips the kernel:
#
# $$\frac{\partial L}{\partial x_{pqc}}
#   = \sum_{uvn} \frac{\partial L}{\partial y_{p+u-1,\;q+v-1,\;n}}\; K_{2-u,\;2-v,\;c,\;n} .$$
#
# The sum now runs over $n$: what were the outputs are the inputs. Here for a picture of 4 x 4
# pixels, from two channels to three and back:

# %%
K = rng.integers(1, 10, (3, 3, 2, 3)).astype(float)  # (3, 3, C, N)
T = matrix_of(lambda x: layers.convolution(x, K, np.zeros(3)), (4, 4, 2))  # (48, 32)

K_back = K[::-1, ::-1].transpose(0, 1, 3, 2)  # (3, 3, N, C)
T_back = matrix_of(lambda dy: layers.convolution(dy, K_back, np.zeros(2)), (4, 4, 3))  # (32, 48)
print("flipped and swapped == transpose:", np.array_equal(T_back, T.T))

# %% jupyter={"source_hidden": true} tags=["hide-input"]


def by_channels(matrix, channels_out, channels_in):
    """Rows and columns in the order channel, pixel (the arrays have them as pixel, channel)."""
    blocks = matrix.reshape(16, channels_out, 16, channels_in).transpose(1, 0, 3, 2)
    return blocks.reshape(16 * channels_out, 16 * channels_in)


figure, axes = plt.subplots(1, 2, figsize=(8.2, 4.2), width_ratios=[2, 3], layout="constrained")
panels = [
    ("forward, T", T, 3, 2, "n", "c"),
    ("backward, the transpose of T", T_back, 2, 3, "c", "n"),
]
for ax, (title, matrix, rows, columns, row, column) in zip(axes, panels, strict=True):
    values = by_channels(matrix, rows, columns)
    shown = ax.imshow(np.where(values == 0, np.nan, values), cmap="viridis", vmin=1, vmax=9)
    ax.set_xticks(16 * np.arange(columns) + 7.5, [f"{column} = {k}" for k in range(columns)])
    ax.set_yticks(16 * np.arange(rows) + 7.5, [f"{row} = {k}" for k in range(rows)])
    ax.tick_params(length=0)
    for k in range(1, rows):
        ax.axhline(16 * k - 0.5, color="black", lw=0.8)
    for k in range(1, columns):
        ax.axvline(16 * k - 0.5, color="black", lw=0.8)
    ax.set_title(title)
figure.colorbar(shown, ax=axes, shrink=0.6, label="tap of the kernel")
plt.show()

# %% [markdown]
# That is all that a convolution needs on the way back. It is one line in the package, and no new
# loop:
#
# ```python
# def convolution_backward(dy, K):
#     K_flipped = K[::-1, ::-1].transpose(0, 1, 3, 2)  # (3, 3, N, C)
#     return convolution(dy, K_flipped, np.zeros(K.shape[2], K.dtype))
# ```
#
# Two things follow at once. The backward pass costs as much as the forward pass, because it is the
# same sum with $C$ and $N$ exchanged. And whatever makes a convolution fast makes its derivative
# fast ([notebook 8](08_making_it_fast.ipynb)).

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Check of the derivation, in letters: the package's functions do not mind symbols for numbers.


def letters(name, *shape):
    """An array of that shape whose entries are sympy symbols."""
    return np.array(sympy.symbols(f"{name}:{np.prod(shape)}")).reshape(shape)


x_letters, K_letters = letters("x", 3, 4, 2), letters("k", 3, 3, 2, 2)
r_letters = letters("r", 3, 4, 2)
y_letters = layers.convolution(x_letters, K_letters, letters("b", 2))
f = sympy.expand(np.sum(y_letters * r_letters))  # a loss with dL/dy = r
dx_letters = layers.convolution_backward(r_letters, K_letters)
for entry, s in zip(dx_letters.ravel(), x_letters.ravel(), strict=True):
    assert sympy.expand(entry - sympy.diff(f, s)) == 0

# %% [markdown]
# ## 4. The adjoint test
#
# For real sizes there is no matrix to transpose. But a transpose betrays itself by its inner
# products:
#
# $$\langle T x,\; y\rangle = \langle x,\; T^T y\rangle \qquad\text{for all } x, y ,$$
#
# and no other matrix in place of $T^T$ satisfies this: if
# $\langle Tx, y\rangle = \langle x, By\rangle$ for all $x$ and $y$, then $x^T(T^T - B)\,y = 0$ for
# all $x$ and $y$, hence $B = T^T$. We do not have to try *all* of them. If $B \ne T^T$, the number
# $x^T(T^T - B)\,y$ is a polynomial in the entries of $x$ and $y$ that is not identically zero, and
# random entries hit one of its zeros with probability 0. **One random pair is enough.**


# %%
def adjoint_gap(forward, backward, x, y):
    """|<T x, y> - <x, B y>| relative to the sizes of T x and y: about 1e-16 if B = T^T."""
    Tx = forward(x)
    gap = np.vdot(Tx, y) - np.vdot(x, backward(y))
    return abs(gap) / (np.linalg.norm(Tx) * np.linalg.norm(y))


K = rng.normal(size=(3, 3, 4, 4))
x, dy = rng.normal(size=(20, 30, 4)), rng.normal(size=(20, 30, 4))
zero = np.zeros(4)

candidates = {
    "the package's": lambda dy: layers.convolution_backward(dy, K),
    "not flipped": lambda dy: layers.convolution(dy, K.transpose(0, 1, 3, 2), zero),
    "flipped in one direction": lambda dy: layers.convolution(
        dy, K[::-1].transpose(0, 1, 3, 2), zero
    ),
    "channels not swapped": lambda dy: layers.convolution(dy, K[::-1, ::-1], zero),
}
for name, backward in candidates.items():
    gap = adjoint_gap(lambda x: layers.convolution(x, K, zero), backward, x, dy)
    print(f"{name:26}{'passes' if gap < 1e-14 else 'FAILS '}   gap {gap:.0e}")

# %% [markdown]
# The test knows nothing of convolutions. It works for everything linear: pooling by averages,
# resizing, padding, a Fourier transform. The package also holds it against its fast kernels, where
# there is no formula left to look at ([`test_kernels.py`](../tests/kernels/test_kernels.py),
# `test_backward_is_the_adjoint`). What is *not* linear in its input needs the checker of
# [notebook 5](05_checking_a_gradient.ipynb).
#
# ## 5. ReLU: a mask
#
# $F = \max(z, 0)$ acts on each number by itself, so its Jacobian is diagonal, with $1$ where
# $z > 0$ and $0$ where $z < 0$. Multiplying by a diagonal matrix of zeros and ones is multiplying
# by a mask:
#
# $$\frac{\partial L}{\partial z} = \frac{\partial L}{\partial F}\cdot [F > 0] .$$
#
# One filter of `conv1_2`, before the ReLU, the mask, and behind it:

# %%
kernel1, kernel2 = network.weights["conv1_1"], network.weights["conv1_2"]
F1 = layers.relu(layers.convolution(p - network.mean, *kernel1))  # (86, 128, 24)
z = layers.convolution(F1, *kernel2)  # (86, 128, 24)
F, active = layers.conv_relu(F1, kernel2)

# %% jupyter={"source_hidden": true} tags=["hide-input"]
n = int(np.argmin(np.abs(active.mean(axis=(0, 1)) - 0.5)))  # a filter that is on at half the pixels
limit = np.quantile(np.abs(z[..., n]), 0.995)
figure, axes = plt.subplots(1, 3, figsize=(8.2, 2.3), layout="constrained")
for ax, values, cmap, low, high, title in [
    (axes[0], z[..., n], "PuOr", -limit, limit, f"z, filter {n} of conv1_2"),
    (axes[1], active[..., n], "gray", 0, 1, "mask F > 0 (white: on)"),
    (axes[2], F[..., n], "gray", 0, limit, "F = max(z, 0)"),
]:
    shown = ax.imshow(values, cmap=cmap, vmin=low, vmax=high)
    bare(ax, title)
    figure.colorbar(shown, ax=ax, shrink=0.8, ticks=[0, 1] if values.dtype == bool else None)
plt.show()

# %% [markdown]
# Three remarks.
#
# **The mask has one owner.** The paper prints it inside the derivatives of the losses, eqs. 2 and
# 6: $(F-P)_{ij}$ if $F_{ij} > 0$, else $0$. The content loss itself knows nothing of a ReLU; as a
# function of $F$ its derivative is $F - P$ everywhere. The case distinction appears when we go one
# step further down, to $z$. So in this package the loss returns the plain derivative and
# `relu_backward` applies the mask, and the two together are eq. 2:

# %%
P = layers.relu(z + rng.normal(scale=0.3 * limit, size=z.shape))  # some other feature map
as_matrices = (F.reshape(-1, F.shape[2]).T, P.reshape(-1, P.shape[2]).T)  # (N, M)
L, dL_dF = content_loss(*as_matrices)
dL_dz = layers.relu_backward(dL_dF, as_matrices[0] > 0)

eq2 = np.where(as_matrices[0] > 0, as_matrices[0] - as_matrices[1], 0)
print("relu_backward(F - P) is eq. 2 as the paper prints it:", np.array_equal(dL_dz, eq2))

# %% [markdown]
# **At $F = 0$ we choose 0.** At the kink the ReLU has no derivative; every number from 0 to 1 is a
# slope that stays below its graph (a *subgradient*). We take 0, for a simple reason: $z = 0$ and
# $z = -5$ both give $F = 0$, and whoever has kept only $F$ cannot tell them apart.
#
# **One bit is all that the way back needs.** Neither $z$ nor $F$ appears in $J^T$, only whether
# $F > 0$. So the tape that [`vgg.forward`](../nst_numpy/vgg.py) records holds masks and no feature
# maps: a bit for each activation with the fast kernels, where the float32 activation itself takes
# 32.
#
# ## 6. Pooling
#
# **Average pooling** replaces each block of 2 x 2 pixels by its mean. It is linear; each row of its
# matrix has four entries $\frac14$, and each column has one of them: on the way back, each of the
# four pixels gets a quarter.
#
# **Max pooling** keeps the largest of the four. As long as it is clear which one is the largest, a
# small change of the other three changes nothing: the winner gets all, the others nothing. The
# forward pass notes who won.
#
# **Odd sizes.** In a picture of 5 x 5 pixels the last row and the last column have no partner.
# Here, as in PyTorch, they are left out: no output depends on them, so their derivative is zero.
# (Other programs make an incomplete block of them; then deep feature maps have other sizes, and
# nothing can be compared any more.)
#
# Below, $x$ is a picture of 5 x 5 pixels, and $\partial L/\partial y$ is 4, 8, 12 and 16 for the
# four blocks.

# %%
x = np.array(
    [[1, 5, 2, 2, 9], [3, 4, 2, 1, 9], [7, 6, 8, 3, 9], [7, 1, 4, 5, 9], [9, 9, 9, 9, 9]], float
)[..., None]  # (5, 5, 1)
dy = np.array([[4.0, 8.0], [12.0, 16.0]])[..., None]  # (2, 2, 1)

y_max, winner = layers.max_pool(x)
dx_average = layers.average_pool_backward(dy, x.shape)
dx_max = layers.max_pool_backward(dy, winner, x.shape)

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, axes = plt.subplots(1, 3, figsize=(8.2, 3.0), layout="constrained")
for ax, values, vmax, title in [
    (axes[0], x, 9, "x"),
    (axes[1], dx_average, 16, "dL/dx, average pooling"),
    (axes[2], dx_max, 16, "dL/dx, max pooling"),
]:
    numbers(ax, values[..., 0], title, 11, vmax)
    for i in (0, 2):
        for j in (0, 2):
            ax.add_patch(Rectangle((j - 0.5, i - 0.5), 2, 2, fill=False, lw=1.5))
    for corner, width, height in [((3.5, -0.5), 1, 5), ((-0.5, 3.5), 4, 1)]:
        ax.add_patch(
            Rectangle(corner, width, height, fill=False, ec="gray", lw=0, hatch="////", alpha=0.5)
        )
plt.show()

# %% [markdown]
# The hatched row and column are without a partner. Every $\partial L/\partial y$ arrives completely
# in both cases: each block of $\partial L/\partial x$ adds up to its $\partial L/\partial y$.
#
# **Ties.** Two blocks have more than one largest pixel: the three 2s at the top right, the two 7s
# at the bottom left. There max pooling has a kink, like the ReLU at 0, and no derivative. What may
# we choose? Increase *both* 7s by $h$ and $y$ grows by $h$. A derivative that gave 12 to each of
# them would promise $2h$. Giving the whole to one of them, or sharing it out in any proportion that
# adds up to 1, is right; giving it to each is wrong. The package lets the first win. Ties are no
# rarity: behind a ReLU, whole blocks are zero.

# %%
h = 0.001
both = np.zeros_like(x)
both[2:4, 0, 0] = h  # the two 7s
growth = (np.sum(layers.max_pool(x + both)[0] * dy) - np.sum(y_max * dy)) / h
to_each = np.zeros_like(x)
to_each[2:4, 0, 0] = 12

print(f"both 7s grow: L grows by          {growth:.1f} h")
print(f"the first wins, it promises       {np.sum(dx_max * both) / h:.1f} h")
print(f"all of dy to each, it promises    {np.sum(to_each * both) / h:.1f} h")

# %% [markdown]
# That average pooling has a matrix and a transpose, the adjoint test confirms on an odd picture.
# (For max pooling the matrix depends on $x$; with the winners held fast, it is linear as well, and
# passes.)

# %%
x, dy = rng.normal(size=(9, 7, 3)), rng.normal(size=(4, 3, 3))
_, winner = layers.max_pool(x)
pairs = {
    "average_pool": (layers.average_pool, lambda dy: layers.average_pool_backward(dy, x.shape)),
    "max_pool": (
        lambda x: layers.max_pool(x)[0],
        lambda dy: layers.max_pool_backward(dy, winner, x.shape),
    ),
}
for name, (forward, backward) in pairs.items():
    print(f"{name:14}passes: {adjoint_gap(forward, backward, x, dy) < 1e-14}")

# %% [markdown]
# ## 7. The whole network
#
# Three kinds of layers, three transposes. What is left is a loop: forward, noting for each layer
# what its backward needs; then the same list in reverse. Build it, for average pooling:


# %%
def forward_by_hand(network, x, last):
    """Feature map of the layer `last`, and the tape: name, input shape, mask of each layer."""
    x, tape = x - network.mean, []
    for l in network.layers[: network.layers.index(last) + 1]:
        shape = x.shape
        if l in network.weights:
            x = layers.relu(layers.convolution(x, *network.weights[l]))
            tape.append((l, shape, x > 0))
        else:
            x = layers.average_pool(x)
            tape.append((l, shape, None))
    return x, tape


def backward_by_hand(network, g, tape):
    """g of the last layer's output down to the pixels; returns dL/d(output) of every layer."""
    gradients = {}
    for l, shape, active in reversed(tape):
        gradients[l] = g
        if l in network.weights:
            K, _ = network.weights[l]
            g = layers.convolution_backward(layers.relu_backward(g, active), K)
        else:
            g = layers.average_pool_backward(g, shape)
    gradients["x"] = g
    return gradients


# %% [markdown]
# As the loss we take the simplest there is: *one single activation*. Of all filters of `conv4_1` we
# choose the one that answers most strongly in the middle of the picture, and ask: **which pixels,
# changed how, would make it answer more strongly still?** Then $L = F_{nk}$, and
# $\partial L/\partial F$ is 1 in one place and 0 elsewhere.

# %%
last = "conv4_1"
F, tape = forward_by_hand(network, p, last)  # (10, 16, 192)
i, j = F.shape[0] // 2, F.shape[1] // 2
n = int(np.argmax(F[i, j]))

g = np.zeros_like(F)
g[i, j, n] = 1.0
gradients = backward_by_hand(network, g, tape)

# %% [markdown]
# The package's loop, [`vgg.backward`](../nst_numpy/vgg.py), gives the same numbers. It takes
# feature maps as the paper's matrices of $N_l \times M_l$ numbers, and losses at several layers at
# once.

# %%
F_taps, tape_vgg = vgg.forward(network, p, [last])
dL_dF = np.zeros_like(F_taps[last])  # (N, M)
dL_dF[n, i * F.shape[1] + j] = 1.0
dL_dx = vgg.backward(network, {last: dL_dF}, tape_vgg)

print("same feature map:", np.array_equal(F_taps[last], F.reshape(-1, F.shape[2]).T))
print("same derivative: ", np.allclose(dL_dx, gradients["x"], rtol=1e-12, atol=0))

# %% [markdown]
# ### Layer by layer, down to the pixels
#
# Each panel shows $\partial L/\partial(\text{output of the layer})$: for every position the size
# $\sqrt{\sum_n g_{ijn}^2}$ over the channels, relative to the panel's largest. We start at the top
# left with a single lit position. Each convolution widens the patch by one pixel on every side,
# each pooling doubles its resolution. The frame is the *receptive field*: everything that can have
# an influence at all.


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def field(tape, i, j):
    """Receptive field (top, bottom, left, right; inclusive) of position i, j, layer by layer."""
    box, boxes = (i, i, j, j), {}
    for l, (H, W, _), _ in reversed(tape):
        boxes[l] = box
        t, b, le, r = box
        if l.startswith("conv"):
            box = max(t - 1, 0), min(b + 1, H - 1), max(le - 1, 0), min(r + 1, W - 1)
        else:
            box = 2 * t, 2 * b + 1, 2 * le, 2 * r + 1
    boxes["x"] = box
    return boxes


def size(g):
    """Euclidean norm over the channels."""
    return np.sqrt(np.sum(g * g, axis=2))


boxes = field(tape, i, j)
chosen = ["conv4_1", "pool3", "conv3_3", "conv3_1", "pool2", "conv2_2", "conv2_1", "pool1", "x"]
figure, axes = plt.subplots(3, 3, figsize=(8.2, 6.0), layout="constrained")
for ax, l in zip(axes.flat, chosen, strict=True):
    values = size(gradients[l])
    shown = ax.imshow(values / values.max(), cmap="YlGnBu", vmin=0, vmax=1)
    t, b, le, r = boxes[l]
    ax.add_patch(
        Rectangle(
            (le - 0.5, t - 0.5), r - le + 1, b - t + 1, fill=False, ec="black", lw=0.8, ls="--"
        )
    )
    what = "pixels" if l == "x" else l
    bare(ax, f"{what}, {values.shape[1]} x {values.shape[0]}, field {r - le + 1} x {b - t + 1}")
figure.colorbar(shown, ax=axes, shrink=0.5, label="size of the gradient, relative to the largest")
plt.show()

# %% [markdown]
# The last panel is an answer in pixels. Its frame is 60 pixels wide, but most of the influence
# comes from a much smaller spot about its center: many paths lead through the network from a
# central pixel to our activation, few from one at the rim [Luo et al. 2016]. Averaged over the rows
# of the frame:

# %%
_, tape_max = vgg.forward(network, p, [last], pooling="max")
by_pooling = {
    "average pooling": dL_dx,
    "max pooling": vgg.backward(network, {last: dL_dF.copy()}, tape_max, pooling="max"),
}

# %% jupyter={"source_hidden": true} tags=["hide-input"]
t, b, le, r = boxes["x"]
figure, (ax, *pictures) = plt.subplots(
    1, 3, figsize=(8.2, 2.5), width_ratios=[1.5, 1, 1], layout="constrained"
)
for (name, g), color, style in zip(by_pooling.items(), (BLUE, RED), ("-", "--"), strict=True):
    profile = size(g)[t : b + 1].mean(axis=0)
    ax.plot(profile / profile.max(), style, color=color, label=name, lw=1.3)
ax.axvspan(le - 0.5, r + 0.5, color="gray", alpha=0.15, lw=0, label="receptive field")
ax.set(
    xlabel="column of the picture in pixels",
    ylabel="size of the gradient,\nmean over rows, relative",
)
ax.legend(fontsize=7, loc="upper left")
for ax, (name, g) in zip(pictures, by_pooling.items(), strict=True):
    g = g[t : b + 1, le : r + 1]
    ax.imshow(np.clip(0.5 + 0.5 * g / np.quantile(np.abs(g), 0.995), 0, 1))
    bare(ax, f"dL/dx, {name}\n(gray: zero)")
plt.show()

# %% [markdown]
# On the right the derivatives themselves, in color about a middle gray, cut out to the receptive
# field: where it is lighter than gray, more light would make the filter answer more strongly. The
# two poolings agree on where it matters. But at each max pooling three of four numbers get nothing,
# and which of them, the picture decides pixel by pixel: the right-hand derivative is more ragged.
# With averages everybody gets a share, and broader patches of one color survive. The paper prefers
# averages, because this "improves the gradient flow" and the results look slightly better.
#
# Is it true? The quickest test there is: take the pixel with the largest derivative, change it a
# little, and run the network again.

# %%
at = np.unravel_index(np.argmax(np.abs(dL_dx)), dL_dx.shape)
h = 1e-3  # gray levels of 0..255


def activation(x):
    return vgg.forward(network, x, [last])[0][last][n, i * F.shape[1] + j]


nudge = np.zeros_like(p)
nudge[at] = h
print(f"derivative by hand         {dL_dx[at]:.8f} per gray level")
print(f"change, divided by 2h      {(activation(p + nudge) - activation(p - nudge)) / (2 * h):.8f}")

# %% [markdown]
# One of 33,024 derivatives confirmed, for two runs of the network; the loop above got all of them
# for the price of about one. How to check *all* of them with two runs is the subject of
# [notebook 5](05_checking_a_gradient.ipynb).
#
# ### Several losses at once
#
# The style loss (eq. 5) looks at five layers, and eq. 7 adds the content loss at a sixth. The
# derivative of a sum is the sum of the derivatives, and $J^T$ is linear, so there is no need to go
# down six times. **On the way down, each layer adds the derivative of the losses that look at its
# output, then all go on together:**
#
# $$\frac{\partial L}{\partial x} = \sum_l \Big(\frac{\partial F^l}{\partial x}\Big)^{\!T}
#   \frac{\partial L}{\partial F^l} .$$

# %%
taps = ["conv1_1", "conv3_1", "conv4_1"]
F_taps, tape_vgg = vgg.forward(network, p, taps)
dL_dF = {l: rng.normal(size=F_taps[l].shape) for l in taps}  # whatever the losses say

together = vgg.backward(network, dL_dF, tape_vgg)
one_by_one = 0
for l in taps:
    _, tape_l = vgg.forward(network, p, [l])
    one_by_one += vgg.backward(network, {l: dL_dF[l]}, tape_l)
print("once for all == once for each:", np.allclose(together, one_by_one, rtol=1e-10))

# %% [markdown]
# The last lines of [`total_loss`](../nst_numpy/objective.py) are this, and nothing else. You have
# now built everything between eq. 7 and the pixels.
#
# ## Exercises
#
# **1. Stride.** A convolution with stride 2 computes only every second output: $y_{ij}$ is the full
# convolution's output at $(2i, 2j)$. Write its backward with what you have, and put it to the
# adjoint test.
#
# <details><summary>Solution</summary>
#
# It is a convolution $T$ followed by a selection $S$, with the matrix $ST$ and the transpose
# $T^T S^T$. The transpose of "take every second" is "put zeros between": $S^T$ writes each number
# to the place it was taken from. Then comes the `convolution_backward` that we have.
#
# ```python
# def strided(x, K, b):
#     return layers.convolution(x, K, b)[::2, ::2]
#
# def strided_backward(dy, K, shape):
#     full = np.zeros((*shape[:2], K.shape[3]))
#     full[::2, ::2] = dy
#     return layers.convolution_backward(full, K)
# ```
#
# </details>
#
# **2. Reflected borders.** The package continues a picture by its mirror image before it enters the
# network, which is `np.pad(x, ..., mode="reflect")`. What is the transpose of this padding?
#
# <details><summary>Solution</summary>
#
# A pixel near the border appears two or more times in the padded picture. Reading several times
# becomes adding up several times: every pixel receives the sum of the derivatives of all its
# copies. Let the padding itself say which pixel each copy comes from:
#
# ```python
# def pad_backward(dy, shape, margin):
#     source = np.arange(shape[0] * shape[1]).reshape(shape[:2])
#     source = np.pad(source, margin, mode="reflect").ravel()
#     dx = np.zeros((shape[0] * shape[1], shape[2]))
#     np.add.at(dx, source, dy.reshape(-1, shape[2]))
#     return dx.reshape(shape)
# ```
#
# `dx[source] += ...` would be wrong: with repeated indices NumPy keeps only the last one.
#
# </details>
#
# **3. Its own transpose.** For which kernels $K$ is the convolution equal to its own backward? Name
# two such filters from image processing, and one that is *minus* its own transpose.
#
# <details><summary>Solution</summary>
#
# $C = N$ and $K_{uvcn} = K_{2-u,\,2-v,\,n,\,c}$. With one channel that is every kernel that is
# symmetric about its center: a blur, the Laplacian. The difference $(-\frac12, 0, \frac12)$ of the
# right and the left neighbor is antisymmetric: its transpose is its negative. (That is why one must
# not test a backward with a blur: it would pass without the flip.)
#
# </details>
#
# **4. Another pooling.** The root of the sum of squares, $y = \sqrt{\sum_k x_k^2}$ over the four
# pixels of a block. Derive its backward. What happens where all four are zero?
#
# <details><summary>Solution</summary>
#
# $\partial y/\partial x_k = x_k / y$, hence $\mathrm dx_k = \mathrm dy\; x_k/y$. At $x = 0$ there
# is a kink, a cone's tip. The formula says 0/0; we choose 0 there, and have to say so in the code,
# because after a ReLU such blocks are common:
#
# ```python
# def l2_pool_backward(dy, x, y):
#     ratio = np.divide(dy, y, out=np.zeros_like(dy), where=y > 0)
#     return x * np.repeat(np.repeat(ratio, 2, axis=0), 2, axis=1)   # even sizes
# ```
#
# </details>
#
# **5. The derivative that we never need.** In style transfer the weights are constants. Whoever
# trains a network needs $\partial L/\partial K$ as well. Derive it.
#
# <details><summary>Solution</summary>
#
# $y$ is linear in $K$ too, with $\partial y_{ijn}/\partial K_{uvcn} = x_{i+u-1,\,j+v-1,\,c}$, hence
#
# $$\frac{\partial L}{\partial K_{uvcn}}
#   = \sum_{ij} x_{i+u-1,\;j+v-1,\;c}\;\frac{\partial L}{\partial y_{ijn}} :$$
#
# for each of the nine taps, the inner products of the shifted picture's channels with the channels
# of $\partial L/\partial y$.
#
# ```python
# def convolution_dK(x, dy):
#     H, W, _ = x.shape
#     padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
#     return np.array([
#         [np.einsum("ijc,ijn->cn", padded[u:u + H, v:v + W], dy) for v in range(3)]
#         for u in range(3)
#     ])
# ```
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The solutions, checked by the adjoint test (4: by a difference).


def strided(x, K, b):
    return layers.convolution(x, K, b)[::2, ::2]


def strided_backward(dy, K, shape):
    full = np.zeros((*shape[:2], K.shape[3]))
    full[::2, ::2] = dy
    return layers.convolution_backward(full, K)


def pad_backward(dy, shape, margin):
    source = np.arange(shape[0] * shape[1]).reshape(shape[:2])
    source = np.pad(source, margin, mode="reflect").ravel()
    dx = np.zeros((shape[0] * shape[1], shape[2]))
    np.add.at(dx, source, dy.reshape(-1, shape[2]))
    return dx.reshape(shape)


def l2_pool_backward(dy, x, y):
    ratio = np.divide(dy, y, out=np.zeros_like(dy), where=y > 0)
    return x * np.repeat(np.repeat(ratio, 2, axis=0), 2, axis=1)


def convolution_dK(x, dy):
    H, W, _ = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    return np.array(
        [
            [np.einsum("ijc,ijn->cn", padded[u : u + H, v : v + W], dy) for v in range(3)]
            for u in range(3)
        ]
    )


def l2_pool(x):
    return 2 * np.sqrt(layers.average_pool(x * x))


K, zero, x = rng.normal(size=(3, 3, 3, 2)), np.zeros(2), rng.normal(size=(9, 7, 3))
for forward, backward, dy in [
    (lambda x: strided(x, K, zero), lambda dy: strided_backward(dy, K, x.shape), (5, 4, 2)),
    (
        lambda x: np.pad(x, ((4, 4), (4, 4), (0, 0)), mode="reflect"),
        lambda dy: pad_backward(dy, x.shape, 4),
        (17, 15, 3),
    ),
]:
    assert adjoint_gap(forward, backward, x, rng.normal(size=dy)) < 1e-14
dy = rng.normal(size=(9, 7, 2))
gap = adjoint_gap(lambda K: layers.convolution(x, K, zero), lambda dy: convolution_dK(x, dy), K, dy)
assert gap < 1e-14
for kernel, sign in [([[0, 1, 0], [1, -4, 1], [0, 1, 0]], 1), ([[0] * 3, [-1, 0, 1], [0] * 3], -1)]:
    K = np.array(kernel, float)[..., None, None]
    one, dy = x[..., :1], rng.normal(size=(9, 7, 1))
    assert (
        adjoint_gap(
            lambda x, K=K: layers.convolution(x, K, no_bias),
            lambda dy, K=K, sign=sign: sign * layers.convolution(dy, K, no_bias),
            one,
            dy,
        )
        < 1e-14
    )
x, v, dy = rng.normal(size=(6, 4, 2)), rng.normal(size=(6, 4, 2)), rng.normal(size=(3, 2, 2))
change = np.sum((l2_pool(x + 1e-5 * v) - l2_pool(x - 1e-5 * v)) * dy) / 2e-5
assert np.isclose(change, np.sum(l2_pool_backward(dy, x, l2_pool(x)) * v), rtol=1e-7)

# %% [markdown]
# ## References
#
# - [Gatys et al. 2015] L. A. Gatys, A. S. Ecker, M. Bethge, "A Neural Algorithm of Artistic Style",
#   [arXiv:1508.06576](https://arxiv.org/abs/1508.06576). Equation numbers are this version's.
# - [Rumelhart, Hinton, Williams 1986] "Learning representations by back-propagating errors", Nature
#   323.
# - [Griewank, Walther 2008] "Evaluating Derivatives", SIAM. Why the derivative costs a small
#   multiple of the function.
# - [Dumoulin, Visin 2016] "A guide to convolution arithmetic for deep learning",
#   [arXiv:1603.07285](https://arxiv.org/abs/1603.07285). Strides, paddings and their transposes,
#   drawn.
# - [Luo et al. 2016] W. Luo, Y. Li, R. Urtasun, R. Zemel, "Understanding the effective receptive
#   field in deep convolutional neural networks",
#   [arXiv:1701.04128](https://arxiv.org/abs/1701.04128).
