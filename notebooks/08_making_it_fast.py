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
# # 8. Making it fast
#
# The layers in [`layers.py`](../nst_numpy/layers.py) are written to be read. This notebook goes the
# way from the definition of a convolution to what runs in [`kernels/`](../nst_numpy/kernels): same
# numbers, tens of thousands of times as fast as the loops that one would write first. Each step is
# one idea.
#
# **What you will be able to do**
#
# - say where the time of style transfer goes, by counting multiplications;
# - turn a convolution into one matrix product, and say what that costs in memory;
# - derive Winograd's algorithm F(2, 3) on paper: two outputs of a filter with three taps for four
#   multiplications instead of six; and let a computer derive F(4, 3) and beyond;
# - write F(2 x 2, 3 x 3) in NumPy and hold it against the definition;
# - explain why one stops at tiles of 4 x 4 in float32;
# - order the same arithmetic so that it stays in the cache.
#
# **Prerequisites**: [notebook 4](04_backpropagation.ipynb) (convolution as a matrix, transposes);
# multiplication of polynomials.
#
# **Time**: about 60 minutes.
#
# **On timings.** All times here are measured when the notebook runs: processor time of one thread.
# The figures that you see were made on one machine; they differ on yours, and from run to run. The
# text leans on what is the same everywhere: counts.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
from time import thread_time

import matplotlib.pyplot as plt
import numpy as np
import sympy
from numpy.lib.stride_tricks import sliding_window_view
from threadpoolctl import threadpool_limits

from nst_numpy import kernels, layers
from nst_numpy.images.samples import sample_picture
from nst_numpy.kernels import winograd as package
from nst_numpy.networks.random_weights import FULL, random_network
from nst_numpy.vgg import VGG19

BLUE, ORANGE, RED, GREEN = "#0072B2", "#E69F00", "#D55E00", "#009E73"
plt.rcParams.update({"figure.dpi": 100, "font.size": 9, "axes.titlesize": 9})
plt.rcParams["image.interpolation"] = "nearest"
rng = np.random.default_rng(0)
one_thread = threadpool_limits(1)  # of the matrix products, so that we compare algorithms


def time_of(f, seconds=0.03):
    """Processor time of one run of f, in ms: the mean of as many runs as fit into some time."""
    runs, start = 0, thread_time()
    while thread_time() - start < seconds:
        f()
        runs += 1
    return 1000 * (thread_time() - start) / runs


def milliseconds(variants, rounds=5):
    """Shortest of some measurements of each: what disturbs one only ever makes it longer.

    They run in turn, so that a disturbance of some seconds does not hit one of them alone.
    """
    measured = [{name: time_of(f) for name, f in variants.items()} for _ in range(rounds)]
    return {name: min(times[name] for times in measured) for name in variants}


# %% [markdown]
# ## 1. Where the time goes
#
# A convolution from $C$ channels to $N$ filters on $H \times W$ pixels is
#
# $$y_{ijn} = b_n + \sum_{u,v,c} x_{i+u-1,\;j+v-1,\;c}\; K_{uvcn} ,$$
#
# with $9\,C\,N\,H\,W$ multiplications. A Gram matrix $G = F F^T$ (eq. 3) takes $N^2 M$, with
# $M = HW$; bias, ReLU, pooling and the content loss take about one operation per number. For VGG-19
# up to `conv5_1` and a picture of 512 x 512 pixels:

# %%
names, products, grams = [], [], []
side, C = 512, 3
for l in VGG19[: VGG19.index("conv5_1") + 1]:
    if l.startswith("pool"):
        side //= 2
        continue
    N = FULL[int(l[4]) - 1]
    names.append(l)
    products.append(9 * C * N * side**2 / 1e9)
    grams.append(N**2 * side**2 / 1e9 if l.endswith("_1") else 0)
    C = N
print(f"convolutions {sum(products):.0f}, Gram matrices {sum(grams):.1f}, in 10^9 multiplications")

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(8.2, 2.6), layout="constrained")
ax.bar(names, products, color=BLUE, label="convolution")
ax.bar(names, grams, bottom=products, color=ORANGE, hatch="//", label="Gram matrix")
ax.set(ylabel="multiplications, $10^9$", title="VGG-19, 512 x 512 pixels, forward")
ax.set_ylim(0, 12.5)
ax.tick_params(axis="x", labelrotation=45)
ax.legend(ncols=2)
plt.show()

# %% [markdown]
# The way back is the same convolutions with flipped kernels
# ([notebook 4](04_backpropagation.ipynb)), hence the same count once more. One iteration of style
# transfer *is* convolutions; all the rest together is a few percent. So we make one convolution
# fast. Our specimen is VGG's `conv1_2`, 64 channels to 64 filters, on a photograph of 128 pixels:

# %%
network = random_network(FULL, layers=VGG19[:2])
p = sample_picture("pagoda", 128)  # (86, 128, 3)
x = layers.relu(layers.convolution(p - network.mean, *network.weights["conv1_1"]))
K, b = network.weights["conv1_2"]
H, W, C = x.shape
N = b.size
multiplications = 9 * C * N * H * W

exact = layers.convolution(*(array.astype(np.float64) for array in (x, K, b)))


def error(y):
    """Relative error (Euclidean norm) of a float32 result."""
    return np.linalg.norm(y - exact) / np.linalg.norm(exact)


print(x.shape, K.shape, f"{multiplications / 1e6:.0f} million multiplications")

# %% [markdown]
# ## 2. As it stands: six loops
#
# The definition, letter by letter.


# %%
def loops(x, K, b):
    H, W, C = x.shape
    y = np.empty((H, W, b.size), x.dtype)
    for i in range(H):
        for j in range(W):
            for n in range(b.size):
                total = b[n]
                for u in range(3):
                    for v in range(3):
                        if 0 <= i + u - 1 < H and 0 <= j + v - 1 < W:
                            for c in range(C):
                                total += x[i + u - 1, j + v - 1, c] * K[u, v, c, n]
                y[i, j, n] = total
    return y


small = x[:6, :7, :8], K[:, :, :8, :8], b[:8]  # all of it would take minutes
print(
    "agrees with the package:",
    np.allclose(loops(*small), layers.convolution(*small), rtol=1e-4, atol=1e-3),
)

# %% [markdown]
# Python takes some hundreds of nanoseconds for each pass through the inner loop, the processor a
# small fraction of one for a multiplication. All the rest is bookkeeping: looking up names,
# checking indices, making number objects.
#
# The remedy in NumPy is always the same: hand over *large* operations. `layers.convolution` does it
# with **nine matrix products**, one for each cell of the kernel. Each maps the channels of a
# shifted picture:
#
# ```python
# for u in range(3):
#     for v in range(3):
#         y += padded[u : u + H, v : v + W] @ K[u, v]      # (H, W, C) @ (C, N)
# ```
#
# ## 3. As one matrix product: im2col
#
# Nine products go over the output nine times. One product suffices when everything an output pixel
# reads stands in one row: its 3 x 3 neighborhood, all channels, $9C$ numbers. The whole picture
# becomes a matrix of $HW \times 9C$ (called *im2col*, after the MATLAB function), the kernel one of
# $9C \times N$:
#
# $$Y = X\,\mathcal K + b, \qquad
#   X_{(ij),\,(uvc)} = x_{i+u-1,\,j+v-1,\,c}, \qquad \mathcal K_{(uvc),\,n} = K_{uvcn} .$$


# %%
def im2col(x):
    """The 3 x 3 neighborhood of every pixel as a row: (H W, 9 C)."""
    H, W, C = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    windows = sliding_window_view(padded, (3, 3), axis=(0, 1))  # (H, W, C, 3, 3), a view
    return windows.transpose(0, 1, 3, 4, 2).reshape(H * W, 9 * C)  # now a copy


def by_im2col(x, K, b):
    H, W, C = x.shape
    return (im2col(x) @ K.reshape(9 * C, -1) + b).reshape(H, W, -1)


print(f"relative error in float32 below 1e-6: {error(by_im2col(x, K, b)) < 1e-6}")
print(f"x has {x.nbytes / 1e6:.1f} MB, its im2col matrix {im2col(x).nbytes / 1e6:.1f} MB")

# %% [markdown]
# For a picture of 5 x 5 pixels with the numbers 1 to 25. Every pixel appears up to nine times;
# empty is the zero border.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
numbered = np.arange(1.0, 26).reshape(5, 5, 1)
figure, (left, right) = plt.subplots(
    1, 2, figsize=(8.2, 4.6), width_ratios=[1, 1.6], layout="constrained"
)
for ax, values, size, title in [
    (left, numbered[..., 0], 10, "picture x, 5 x 5"),
    (right, im2col(numbered), 6.5, "im2col(x), 25 x 9"),
]:
    ax.imshow(
        np.where(values == 0, np.nan, values),
        cmap="YlGnBu",
        vmin=1,
        vmax=40,
        aspect=1 if ax is left else 0.4,
    )
    for (i, j), value in np.ndenumerate(values):
        if value:
            ax.text(j, i, f"{value:.0f}", ha="center", va="center", fontsize=size)
    ax.set(xticks=[], yticks=[], title=title)
right.set_xlabel("cell of the kernel: top left, top middle, ...")
right.set_ylabel("pixel of y")
plt.show()

# %% [markdown]
# A matrix product of this size is what processors and their libraries are best at. The price is
# memory, nine times the picture, and time to fill it. Many frameworks worked this way for years
# [Chellapilla et al. 2006].
#
# With this the bookkeeping is gone. What remains are the multiplications themselves. Can there be
# *fewer*?
#
# ## 4. Winograd's F(2, 3), on paper
#
# Take one row of the picture and a filter with three taps $g$. Two neighboring outputs look at four
# pixels $d$:
#
# $$y_0 = d_0 g_0 + d_1 g_1 + d_2 g_2, \qquad y_1 = d_1 g_0 + d_2 g_1 + d_3 g_2 .$$
#
# Six multiplications. The claim is that four are enough.
#
# **Step 1: a polynomial is known by its values.** Multiply $g(t) = g_0 + g_1 t + g_2 t^2$ by
# $e(t) = e_0 + e_1 t$. By the school's rule that takes six multiplications as well. But the product
# $s(t) = g(t)\,e(t)$ has degree 3, so four values determine it, and a *value* of the product is the
# product of the values: one multiplication each. Convenient points are 0, 1, $-1$, and "$\infty$",
# which means: the leading coefficient.
#
# $$s(0) = g_0\, e_0, \quad s(1) = (g_0+g_1+g_2)(e_0+e_1), \quad
#   s(-1) = (g_0-g_1+g_2)(e_0-e_1), \quad s(\infty) = g_2\, e_1 .$$
#
# Four multiplications. From the values we get the coefficients back by additions and halves:
#
# $$s_0 = s(0), \quad s_1 = \tfrac{s(1) - s(-1)}2 - s(\infty), \quad
#   s_2 = \tfrac{s(1) + s(-1)}2 - s(0), \quad s_3 = s(\infty) .$$
#
# **Step 2: in matrices.** For fixed $g$ the map $e \mapsto s$ is linear. We have just written its
# matrix $T$ as a product,
#
# $$T = \begin{pmatrix} g_0 & 0\\ g_1 & g_0\\ g_2 & g_1\\ 0 & g_2\end{pmatrix}
#   = B\;\mathrm{diag}(Gg)\;A,$$
#
# where $A$ evaluates $e$ at the four points, $G$ evaluates $g$ there, the diagonal multiplies, and
# $B$ goes back from values to coefficients:
#
# $$A = \begin{pmatrix}1&0\\1&1\\1&-1\\0&1\end{pmatrix}, \quad
#   G = \begin{pmatrix}1&0&0\\1&1&1\\1&-1&1\\0&0&1\end{pmatrix}, \quad
#   B = \begin{pmatrix}1&0&0&0\\0&\frac12&-\frac12&-1\\
#   -1&\frac12&\frac12&0\\0&0&0&1\end{pmatrix} .$$
#
# **Step 3: transpose.** That is a product of polynomials. Where is our filter? Look at the
# transpose:
#
# $$T^T d = \begin{pmatrix} g_0 & g_1 & g_2 & 0\\ 0 & g_0 & g_1 & g_2 \end{pmatrix}
#   \begin{pmatrix} d_0\\d_1\\d_2\\d_3\end{pmatrix} = \begin{pmatrix}y_0\\y_1\end{pmatrix}\;!$$
#
# The filter *is* the transpose of the polynomial product, as the backward pass of a layer is the
# transpose of the layer. Transposing a product of matrices reverses it, and a diagonal matrix stays
# what it is:
#
# $$y = A^T\big[\,(G g) \odot (B^T d)\,\big] ,$$
#
# with $\odot$ for element by element. Still four multiplications. Written out, with the halves
# moved from $B$ to $G$ (the filter is the same for all tiles of a picture, so its side hardly
# counts):
#
# $$\begin{aligned}
#   m_1 &= (d_0 - d_2)\, g_0, & m_2 &= (d_1 + d_2)\,\tfrac{g_0+g_1+g_2}{2}, \\
#   m_3 &= (d_2 - d_1)\,\tfrac{g_0-g_1+g_2}{2}, & m_4 &= (d_3 - d_1)\, g_2, \\
#   y_0 &= m_1 + m_2 + m_3, & y_1 &= m_2 - m_3 + m_4 .
# \end{aligned}$$
#
# Four multiplications, four additions before, four after. Fewer than four is impossible: $m$
# outputs of $r$ taps need $m + r - 1$ [Winograd 1980].

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Check of every formula above, in letters.
g, e, d = (sympy.Matrix(sympy.symbols(f"{name}:{n}")) for name, n in (("g", 3), ("e", 2), ("d", 4)))
half = sympy.Rational(1, 2)
A2 = sympy.Matrix([[1, 0], [1, 1], [1, -1], [0, 1]])
G2 = sympy.Matrix([[1, 0, 0], [1, 1, 1], [1, -1, 1], [0, 0, 1]])
B2 = sympy.Matrix([[1, 0, 0, 0], [0, half, -half, -1], [-1, half, half, 0], [0, 0, 0, 1]])
T = sympy.Matrix([[g[0], 0], [g[1], g[0]], [g[2], g[1]], [0, g[2]]])
t = sympy.symbols("t")
product = sympy.Poly((g[0] + g[1] * t + g[2] * t**2) * (e[0] + e[1] * t), t).all_coeffs()[::-1]
assert sympy.simplify(T * e - sympy.Matrix(product)) == sympy.zeros(4, 1)
assert sympy.simplify(T - B2 * sympy.diag(*(G2 * g)) * A2) == sympy.zeros(4, 2)
m1, m2 = (d[0] - d[2]) * g[0], (d[1] + d[2]) * (g[0] + g[1] + g[2]) / 2
m3, m4 = (d[2] - d[1]) * (g[0] - g[1] + g[2]) / 2, (d[3] - d[1]) * g[2]
assert sympy.expand(m1 + m2 + m3 - (d[0] * g[0] + d[1] * g[1] + d[2] * g[2])) == 0
assert sympy.expand(m2 - m3 + m4 - (d[1] * g[0] + d[2] * g[1] + d[3] * g[2])) == 0

# %% [markdown]
# ### Any tile, by the same three steps
#
# Nothing depended on the number two. For $m$ outputs take $n = m + r - 1$ points, $\infty$ among
# them. `evaluate(points, k)` is the matrix that evaluates a polynomial with $k$ coefficients; then
# $A$ = `evaluate(points, m)`, $G$ = `evaluate(points, 3)`, and $B$ is the *inverse* of
# `evaluate(points, n)`. We compute in fractions, and move the denominators from $B$ to $G$: column
# $i$ of $B$ times $f_i = \prod_{j\ne i}(a_i - a_j)$, row $i$ of $G$ divided by it.


# %%
def evaluate(points, k):
    """Values of a polynomial with k coefficients at the points and at infinity."""
    rows = [[a**j for j in range(k)] for a in points]
    return sympy.Matrix([*rows, [0] * (k - 1) + [1]])


def transforms(points, r=3):
    """A (n, m), B (n, n) and G (n, r) of F(m, r), exact."""
    points = [sympy.Rational(a) for a in points]
    n = len(points) + 1
    f = [sympy.prod([a - other for other in points if other != a]) for a in points] + [1]
    A = evaluate(points, n - r + 1)
    B = evaluate(points, n).inv() * sympy.diag(*f)
    G = sympy.diag(*f).inv() * evaluate(points, r)
    return A, B, G


def floats(matrices, dtype=np.float32):
    return [np.array(matrix.tolist(), dtype) for matrix in matrices]


F23 = transforms([0, 1, -1])
F43 = transforms([0, 1, -1, 2, -2])
sympy.pprint(F43[1].T, use_unicode=False)

same = [
    np.array_equal(own, theirs)
    for own, theirs in zip(floats(F43), (package.A, package.B, package.G), strict=True)
]
print("\nthe package's A, B, G:", *same)

# %% [markdown]
# The matrices at the head of [`kernels/winograd.py`](../nst_numpy/kernels/winograd.py), derived:
# four outputs for six multiplications instead of twelve. (In `F23`, the first row of $B^T$ and of
# $G$ both have the other sign than in our written-out formula. In the product, it cancels.)

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Check: each is the filter, for every d and g.
for matrices in (F23, F43, transforms([0, 1, -1, 2, -2, "1/2", "-1/2"])):
    A_, B_, G_ = matrices
    n, m = A_.shape
    d_ = sympy.Matrix(sympy.symbols(f"d:{n}"))
    y_ = A_.T * (G_ * g).multiply_elementwise(B_.T * d_)
    assert all(sympy.expand(y_[k] - sum(g[u] * d_[k + u] for u in range(3))) == 0 for k in range(m))

# %% [markdown]
# ## 5. In two dimensions
#
# A 3 x 3 filter is a filter of filters: each output row is the sum of three rows filtered with
# $g_0$, $g_1$, $g_2$, the rows of the kernel. Use F(2, 3) along the rows, and F(2, 3) again for
# "three taps, each of which is a row". The transforms are linear, so they simply act from both
# sides:
#
# $$Y = A^T\Big[\,(G\, g\, G^T) \odot (B^T d\, B)\,\Big] A , \qquad
#   d: 4\times4,\quad g: 3\times3,\quad Y: 2\times2 .$$
#
# **16 multiplications instead of 36** for four outputs. One tile of the photograph, with an edge
# filter as the kernel:

# %%
A, B, G = floats(F23, np.float64)
g_edge = np.array([[2, 1, 0], [1, 0, -1], [0, -1, -2]], float)  # light from the lower right
d_tile = np.round(p.mean(axis=2)[30:34, 40:44]).astype(float)

V_tile = B.T @ d_tile @ B
U_tile = G @ g_edge @ G.T
Y_tile = A.T @ (U_tile * V_tile) @ A

by_definition = sum(g_edge[u, v] * d_tile[u : u + 2, v : v + 2] for u in range(3) for v in range(3))
print("same as the definition:", np.allclose(Y_tile, by_definition))

# %% jupyter={"source_hidden": true} tags=["hide-input"]
panels = [
    ("d\npixels", d_tile),
    ("$V = B^T d\\,B$", V_tile),
    ("$U = G\\,g\\,G^T$", U_tile),
    ("$M = U \\odot V$\n16 multiplications", U_tile * V_tile),
    ("$Y = A^T M A$\noutputs", Y_tile),
]
figure, axes = plt.subplots(
    1, 5, figsize=(8.2, 2.0), width_ratios=[4, 4, 4, 4, 2], layout="constrained"
)
for ax, (title, values) in zip(axes, panels, strict=True):
    limit = max(np.abs(values).max(), 1e-9) * 1.6
    ax.imshow(values, cmap="PuOr", vmin=-limit, vmax=limit)
    for (i, j), value in np.ndenumerate(values):
        ax.text(j, i, f"{value + 0:g}", ha="center", va="center", fontsize=7)
    ax.set(xticks=[], yticks=[], title=title)
plt.show()

# %% [markdown]
# ### With channels it is matrix products again
#
# With $C$ channels and $N$ filters, $\odot$ becomes a sum over the channels, and because
# $A^T \cdots A$ is linear, the way back can wait until after that sum. So $B^T d B$ is computed
# once for each tile and channel (not for each filter), and $A^T M A$ once for each tile and filter.
# Between them, for each of the $n^2$ positions $p$ in the tile, stands a matrix product over all
# tiles $t$:
#
# $$M_{p,t,n} = \sum_c V_{p,t,c}\; U_{p,c,n} .$$
#
# The products have all the multiplications that grow with $C \cdot N$; the transforms only add, and
# grow with $C + N$. The more channels, the less the transforms matter.
#
# Here is the whole, for any tile. `rows` says how many rows of tiles are taken at a time; ignore it
# until section 7.


# %%
def both_sides(T, x):
    """T x T^T for the first two axes of x, whatever the others: (n, n, ...) to (k, k, ...)."""
    k, n = T.shape
    rest = x.shape[2:]
    x = (T @ x.reshape(n, -1)).reshape(k, n, -1)  # T from the left
    return (T @ x).reshape(k, k, *rest)  # and from the right


def winograd(x, K, b, matrices, rows=None):
    """`layers.convolution` by F(m x m, 3 x 3)."""
    A, B, G = matrices
    n, m = A.shape
    H, W, C = x.shape
    down, across = -(-H // m), -(-W // m)  # tiles
    padded = np.pad(x, ((1, down * m - H + 1), (1, across * m - W + 1), (0, 0)))
    U = both_sides(G, K)  # (n, n, C, N)
    y = np.empty((down * m, across * m, b.size), x.dtype)
    rows = rows or down
    for top in range(0, down, rows):
        bottom = min(top + rows, down)
        strip = padded[top * m : bottom * m + 2]
        d = sliding_window_view(strip, (n, n), axis=(0, 1))[::m, ::m]  # (rows, across, C, n, n)
        V = both_sides(B.T, d.transpose(3, 4, 0, 1, 2))  # (n, n, rows, across, C)
        M = V.reshape(n, n, -1, C) @ U  # (n, n, tiles, N): n^2 products
        Y = both_sides(A.T, M).reshape(m, m, bottom - top, across, -1)
        y[top * m : bottom * m] = Y.transpose(2, 0, 3, 1, 4).reshape(-1, across * m, b.size)
    return y[:H, :W] + b


y22 = winograd(x, K, b, floats(F23))
y44 = winograd(x, K, b, floats(F43))
print("F(2x2, 3x3), relative error below 1e-6:", error(y22) < 1e-6)
print("F(4x4, 3x3), relative error below 1e-5:", error(y44) < 1e-5)

# %% [markdown]
# On the picture: what one filter makes of it by the definition, by F(2 x 2, 3 x 3), and how much
# they differ. The difference is rounding: grain, coarser where the outputs are larger, without a
# trace of the tiles.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
n = int(np.argmax(exact.std(axis=(0, 1))))
limit = np.quantile(np.abs(exact[..., n]), 0.99)
scale = np.abs(exact).max()
figure, axes = plt.subplots(1, 3, figsize=(8.2, 2.2), layout="constrained")
for ax, values, title, top in [
    (axes[0], exact[..., n], "by the definition, float64", limit),
    (axes[1], y22[..., n], "F(2 x 2, 3 x 3), float32", limit),
    (axes[2], (y22 - exact)[..., n] / scale * 1e6, "difference / largest output", None),
]:
    top = top or np.quantile(np.abs(values), 0.995)
    shown = ax.imshow(values, cmap="PuOr", vmin=-top, vmax=top)
    ax.set(xticks=[], yticks=[], title=title)
    label = "$10^{-6}$" if ax is axes[2] else "activation before the ReLU"
    figure.colorbar(shown, ax=ax, shrink=0.8, label=label)
plt.show()

# %% [markdown]
# ## 6. How large a tile?
#
# F($m \times m$, 3 x 3) takes $(m+2)^2$ multiplications for $m^2$ outputs: 9 for each output with
# $m = 1$, then 4 ($m = 2$), 2.25 ($m = 4$), 1.78 ($m = 6$), 1.56 ($m = 8$). Why not go on? Because
# a polynomial of high degree has to be evaluated at more points, and these move away from 1: in
# $B$, $G$ and $A$ stand their high powers. Large numbers are added and must cancel, and in float32
# the cancellation eats digits. We can watch it, with two choices of points each: near 1 and in
# pairs $\pm a$, or simply 0, 1, 2, 3, ...

# %%
paired = ["0", "1", "-1", "2", "-2", "1/2", "-1/2", "4", "-4"]
tiles = [2, 4, 6, 8]
errors = {
    "0, 1, -1, 2, -2, 1/2, ...": [
        error(winograd(x, K, b, floats(transforms(paired[: m + 1])))) for m in tiles
    ],
    "0, 1, 2, 3, 4, ...": [
        error(winograd(x, K, b, floats(transforms(range(m + 1))))) for m in tiles
    ],
}
plain = error(layers.convolution(x, K, b))

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(5.8, 3.2), layout="constrained")
for (points, values), color, marker in zip(errors.items(), (BLUE, RED), "os", strict=True):
    ax.semilogy([1, *tiles], [plain, *values], marker + "-", color=color, ms=5, lw=1, label=points)
ax.axhline(2.0**-24, color="black", ls=":", lw=1)
ax.text(5.2, 2.0**-24 * 1.15, "rounding of one number", fontsize=8)
labels = [f"{m}\n{(m + 2) ** 2 / m**2:.3g}" for m in [1, *tiles]]
ax.set_xticks([1, *tiles], labels)
ax.set(
    xlabel="tile m (1: the definition); below it, multiplications per output",
    ylabel="relative error, float32",
    ylim=(3e-8, 9),
)
ax.text(5.7, 0.8, "leaves the figure", fontsize=8, color=RED)
ax.grid(color="lightgray", lw=0.5)
ax.legend(title="points")
plt.show()

# %% [markdown]
# From the definition to $m = 4$ the multiplications fall to a quarter, and the error, with good
# points, stays at some $10^{-7}$. From there on the bargain gets worse. $m = 6$ saves another fifth
# of the multiplications, but the transformed kernels grow: $64/9 \approx 7$ times the size of $K$
# instead of $4$, which hurts where there are many channels and few tiles, in the deep layers.
# $m = 8$ costs a hundred times the error for a third. **The package stops at F(4 x 4, 3 x 3).**
# (Bad points are ruinous: from $m = 6$ on the red curve is above 1, and nothing of the result is
# right.)
#
# ## 7. The same arithmetic in another order
#
# A processor computes faster than its memory delivers. What it has just used lies in a *cache*:
# small (some MB), fast. What does not fit is written out to memory and fetched again. Now look at
# `winograd` on a picture of 384 x 256 pixels: it first makes all of $V$, then all of $M$, then all
# of $Y$.

# %%
x_large = np.resize(x, (256, 384, C))  # the contents do not matter for the time
n_tiles = (256 // 4) * (384 // 4)
in_flight = 36 * n_tiles * (C + N) * 4  # bytes of V and M, float32
print(f"x and y: {x_large.nbytes / 1e6:.0f} MB each, V and M together: {in_flight / 1e6:.0f} MB")

# %% [markdown]
# By the time $M$ is to be computed, the beginning of $V$ has long left the cache. So take only
# *some* tiles at a time, a block, all the way from $d$ to $Y$, and then the next. It is the same
# arithmetic to the last operation, in another order. This is what the argument `rows` is for. Time
# against the size of the block:

# %%
rows = [1, 2, 4, 8, 16, 32, 64]
matrices = floats(F43)
block_times = milliseconds(
    {r: lambda r=r: winograd(x_large, K, b, matrices, r) for r in rows}, rounds=4
)
same = np.allclose(
    winograd(x, K, b, matrices, rows=2), winograd(x, K, b, matrices), rtol=1e-4, atol=1e-3
)
print("blocks change nothing but the time:", same)

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(5.8, 2.8), layout="constrained")
megabytes = [in_flight / 1e6 * r / rows[-1] for r in rows]
ax.semilogx(megabytes, block_times.values(), "o-", color=BLUE, ms=5, lw=1)
ax.set_xticks(megabytes, [f"{value:.3g}" for value in megabytes])
ax.set_xticks([], minor=True)
ax.set(
    xlabel="V and M of one block, MB",
    ylabel="time of the layer, ms\n(processor, one thread)",
    ylim=(0, None),
)
ax.set_title("F(4 x 4, 3 x 3) in NumPy, 384 x 256 pixels, 64 to 64 channels, on one machine")
ax.grid(color="lightgray", lw=0.5)
plt.show()

# %% [markdown]
# On the right everything at once; to the left smaller and smaller blocks. On the machine of this
# figure small blocks take little more than half of the time. Where the curve bends depends on the
# size of your cache. (Nor must a block be too small: then its matrix products are, and Python's own
# cost for each block shows. The leftmost point is one row of tiles.)
#
# ## 8. All of them side by side
#
# The specimen again: `conv1_2` on 128 x 86 pixels, one thread. The unit is the time divided by the
# multiplications *of the definition*, so that fewer multiplications count as speed. (The six loops
# were run on a small piece of it.) The last bar is the package's kernel.

# %%
kernel = kernels.prepare(K, b)
y, mask = kernels.conv_relu(x, kernel)  # compiles at the first call
same = np.allclose(y, layers.relu(exact), rtol=1e-4, atol=1e-5 * scale)
print("the package's kernel gives the same:", same)

variants = {
    "six loops, Python": lambda: loops(*small),
    "nine products\n(layers.py)": lambda: layers.convolution(x, K, b),
    "im2col": lambda: by_im2col(x, K, b),
    "F(2x2, 3x3), NumPy": lambda: winograd(x, K, b, floats(F23)),
    "F(4x4, 3x3), NumPy": lambda: winograd(x, K, b, matrices),
    "F(4x4, 3x3), NumPy,\nin blocks": lambda: winograd(x, K, b, matrices, rows=2),
    "the package's kernel,\nwith ReLU and mask": lambda: kernels.conv_relu(x, kernel),
}
with kernels.use_threads(1):
    times = milliseconds(variants, rounds=8)
counts = dict.fromkeys(variants, multiplications)
counts["six loops, Python"] = 9 * 8 * 8 * 6 * 7

# %% jupyter={"source_hidden": true} tags=["hide-input"]
nanoseconds = [times[name] * 1e6 / counts[name] for name in variants]
figure, ax = plt.subplots(figsize=(8.2, 3.4), layout="constrained")
colors = ["gray"] + [BLUE] * 5 + [ORANGE]
bars = ax.barh(list(variants), nanoseconds, color=colors)
ax.bar_label(
    bars,
    [np.format_float_positional(value, 2, fractional=False, trim="-") for value in nanoseconds],
    padding=3,
    fontsize=8,
)
ax.set(xscale="log", xlim=(min(nanoseconds) / 3, max(nanoseconds) * 4))
ax.set_xlabel(
    "nanoseconds per multiplication of the definition (processor time, one thread, on one machine)"
)
ax.invert_yaxis()
plt.show()

# %% [markdown]
# Read the steps. From Python's loops to matrix products: four decades or so, all of it bookkeeping.
# (Nine products or one makes no great difference: what the one saves, it pays for the copy.) From
# there to Winograd in NumPy: a quarter of the multiplications, but NumPy copies whole arrays for
# each transform, and without blocks that eats up most of the gain or all of it. What the kernel
# does on top of that is no further mathematics:
#
# - **the transforms in registers**, compiled by numba, sixteen channels at a time
#   ([`winograd_transforms.py`](../nst_numpy/kernels/winograd_transforms.py)): what takes NumPy
#   several passes over memory takes one;
# - **the product in registers**, written for exactly these shapes
#   ([`matrix_product.py`](../nst_numpy/kernels/matrix_product.py)), reading what the transforms
#   have laid out in the order in which it is read;
# - **blocks that stay in the cache**
#   ([`winograd_convolution.py`](../nst_numpy/kernels/winograd_convolution.py)), with bias, ReLU and
#   the mask written in the same pass, while the tile is at hand;
# - **threads**, each with its own blocks ([`thread_pool.py`](../nst_numpy/kernels/thread_pool.py));
#   here we have used one.
#
# And the way back is the same code with the other kernel, flipped and swapped. Everything that was
# won forward is won backward.
#
# How the whole compares with PyTorch is measured in
# [`benchmarks/RESULTS.md`](../benchmarks/RESULTS.md).
#
# ## Exercises
#
# **1. Memory.** How large is the im2col matrix of `conv1_2` for a picture of 1024 x 1024 pixels in
# float32? How large is the $V$ of F(4 x 4, 3 x 3)?
#
# <details><summary>Solution</summary>
#
# im2col: $1024^2 \cdot 9 \cdot 64 \cdot 4$ bytes = 2.4 GB, nine times $x$. $V$: 36 numbers for 16
# pixels, 2.25 times $x$, 0.6 GB; and with blocks only a fraction of that exists at a time.
#
# </details>
#
# **2. The smallest one.** Derive F(2, 2): two outputs of two taps with three multiplications. Which
# well-known trick is it?
#
# <details><summary>Solution</summary>
#
# Points 0, 1, $\infty$ (`transforms([0, 1], r=2)`), or by hand: $s(0) = g_0e_0$,
# $s(1) = (g_0+g_1)(e_0+e_1)$, $s(\infty) = g_1e_1$; then $s_1 = s(1) - s(0) - s(\infty)$. That is
# Karatsuba's multiplication. Transposed: $y_0 = (d_0 - d_1) g_0 + d_1 (g_0 + g_1)$ and
# $y_1 = d_1(g_0+g_1) + (d_2 - d_1) g_1$.
#
# </details>
#
# **3. When does it pay?** For one tile of F(2 x 2, 3 x 3), $B^T d B$ takes 32 additions per
# channel, and $A^T M A$ 24 per filter. Count additions and multiplications of all $C$ channels and
# $N$ filters alike as one operation, with and without Winograd. For which $C = N$ are they equal?
#
# <details><summary>Solution</summary>
#
# By the definition: 36 multiplications and 36 additions per pair (with the bias), $72\,CN$.
# Winograd: 16 and 16 per pair, and the transforms, $32\,CN + 32\,C + 24\,N$. With $C = N$:
# $40\,C^2 = 56\,C$, so $C = 1.4$. In operations it always pays, from two channels on. In *time* the
# transforms cost more than their count, because they move memory and compute little; that is what
# sections 7 and 8 are about.
#
# </details>
#
# **4. The adjoint of Winograd.** Write the transpose of $d \mapsto A^T[(Gg)\odot(B^Td)]$. What does
# it take to compute it, and why is the backward pass of the package nevertheless the flipped
# convolution?
#
# <details><summary>Solution</summary>
#
# Reverse the order and transpose each: $\mathrm dd = B\,[(Gg) \odot (A\,\mathrm dy)]$. It needs the
# same $Gg$, so no second copy of the transformed weights. But neighboring tiles overlap by two
# pixels in $d$, so their results have to be *added* where they overlap, which is awkward in blocks
# and for threads. The flipped convolution writes each pixel once, with the code that is already
# there. In exact arithmetic the two are the same.
#
# </details>
#
# **5. What is left to gain?** Suppose the products take 70 % of the time of a layer and the
# transforms the rest. By how much does the layer get faster if somebody makes the transforms twice
# as fast? If the transforms cost nothing at all?
#
# <details><summary>Solution</summary>
#
# $1/(0.7 + 0.15) = 1.18$ and $1/0.7 = 1.43$ (Amdahl's law). The larger part decides what is worth
# doing: measure first.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The solutions, checked.
assert round(1024**2 * 9 * 64 * 4 / 1e9, 1) == 2.4
A_, B_, G_ = transforms([0, 1], r=2)
d_, g_ = sympy.Matrix(sympy.symbols("d:3")), sympy.Matrix(sympy.symbols("g:2"))
y_ = A_.T * (G_ * g_).multiply_elementwise(B_.T * d_)
y0 = (d_[0] - d_[1]) * g_[0] + d_[1] * (g_[0] + g_[1])
y1 = d_[1] * (g_[0] + g_[1]) + (d_[2] - d_[1]) * g_[1]
assert sympy.expand(y_[0] - y0) == sympy.expand(y_[0] - d_[0] * g_[0] - d_[1] * g_[1]) == 0
assert sympy.expand(y_[1] - y1) == sympy.expand(y_[1] - d_[1] * g_[0] - d_[2] * g_[1]) == 0
A, B, G = floats(F43, np.float64)
d_, g_, dy = rng.normal(size=6), rng.normal(size=3), rng.normal(size=4)
left, right = dy @ (A.T @ ((G @ g_) * (B.T @ d_))), d_ @ (B @ ((G @ g_) * (A @ dy)))
assert np.isclose(left, right, rtol=1e-12)

# %% [markdown]
# ## References
#
# - [Winograd 1980] S. Winograd, "Arithmetic Complexity of Computations", SIAM: the minimal
#   algorithms, and that they are minimal.
# - [Lavin, Gray 2016] "Fast Algorithms for Convolutional Neural Networks",
#   [arXiv:1509.09308](https://arxiv.org/abs/1509.09308): F(2 x 2, 3 x 3) and F(4 x 4, 3 x 3) for
#   networks like ours.
# - [Vincent et al. 2017] "On Improving the Numerical Stability of Winograd Convolutions", ICLR
#   workshop: choosing the points.
# - [Chellapilla et al. 2006] K. Chellapilla, S. Puri, P. Simard, "High Performance Convolutional
#   Neural Networks for Document Processing": convolution as one matrix product.
# - [Goto, van de Geijn 2008] "Anatomy of High-Performance Matrix Multiplication", ACM TOMS 34:
#   registers, caches, packing.
# - [Gatys et al. 2015] L. A. Gatys, A. S. Ecker, M. Bethge, "A Neural Algorithm of Artistic Style",
#   [arXiv:1508.06576](https://arxiv.org/abs/1508.06576).
