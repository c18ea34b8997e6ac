# %% [markdown]
# # 3. The Gram matrix and the style loss
#
# Content asks what is seen *where*. Style must not: brush strokes are brush strokes wherever they
# are. The paper's idea fits into one line: do not compare what the filters answer, compare *which
# filters answer together*.
#
# **What you will be able to do**
#
# - compute a Gram matrix, and say what it forgets of a picture and what it keeps;
# - explain every factor of $1 / (4 N^2 M^2)$;
# - derive equation 6 index by index and in matrix form, and point to the step where symmetry is
#   used;
# - make noise into a texture.
#
# **Prerequisites**: [2. The content loss](02_the_content_loss.ipynb); matrix products and
# transposes.
#
# **Time**: about 60 minutes. Then: assignment 1 (Gram matrix and content loss) and assignment 2
# (style loss and its derivative).

# %%
import autograd
import autograd.numpy as anp
import numpy as np
from figures import show_curves, show_numbers, show_pictures

from nst_numpy import gram, layers, live, load_network, style_layer_loss, targets, total_loss, vgg
from nst_numpy.images.samples import sample_picture
from nst_numpy.objective import Targets
from nst_numpy.optimizers import lbfgs

rng = np.random.default_rng(0)
network = load_network("tiny")
taps = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]


def cut(name, size=128):
    """A square out of the middle of a picture that ships."""
    picture = sample_picture(name, 256)
    top, left = ((n - size) // 2 for n in picture.shape[:2])
    return np.ascontiguousarray(picture[top : top + size, left : left + size])


# %% [markdown]
# ## 3.1 Who answers together
#
# Take two rows of $F$, the maps of the filters $i$ and $j$, multiply them position by position and
# add up:
#
# $$G_{ij} = \sum_{k=1}^{M} F_{ik} F_{jk}, \qquad G = F F^T
# \qquad \text{[Gatys et al. 2015, eq. 3]}$$
#
# $G_{ij}$ is large if the two filters are often strong at the same place; $G_{ii}$ says how strong
# filter $i$ is by itself. An example with 3 filters and 6 positions:


# %%
def my_gram(F):
    N = F.shape[0]
    G = np.zeros((N, N))
    for i in range(N):
        for j in range(N):
            G[i, j] = np.sum(F[i] * F[j])
    return G


F = np.array([[2.0, 0, 1, 0, 0, 1], [2, 0, 1, 0, 1, 0], [0, 3, 0, 2, 0, 0]])
show_numbers([F, my_gram(F)], ["F", "G"])

# %% [markdown]
# The first two filters answer at the same places: $G_{12} = 2 \cdot 2 + 1 \cdot 1 = 5$, nearly as
# much as each has by itself ($G_{11} = 6$). The third answers where the others are silent:
# $G_{13} = 0$.
#
# $G$ is symmetric, because $F_{ik} F_{jk} = F_{jk} F_{ik}$. Remember that; equation 6 depends on
# it. And the package's function is the matrix product:

# %%
F_random = rng.standard_normal((5, 40))
G = gram(F_random)
assert np.allclose(G, my_gram(F_random), rtol=1e-12)
assert np.array_equal(G, G.T)
print("gram(F) gives the same numbers, and is symmetric.")

# %% [markdown]
# Four pictures and their Gram matrices at `conv2_1`, 32 × 32 numbers each, shown as
# $\sqrt{G_{ij} / M}$:

# %%
names = ["mosaic", "woodcut", "evening", "chelsea"]
pictures = [cut(name) for name in names]
grams = []
for picture in pictures:
    F = vgg.forward(network, picture, ["conv2_1"])[0]["conv2_1"]
    grams.append(np.sqrt(gram(F) / F.shape[1]))
show_pictures([*pictures, *grams], [*names, *(["conv2_1"] * 4)], columns=4, width=1.6)

# %% [markdown]
# *Gram matrices of four pictures, each on its own scale, white for the largest. A white cross is a
# filter that answers strongly, together with many others. The four are as different as the
# pictures.*
#
# ## 3.2 What it forgets
#
# The sum over $k$ does not care in which order it is taken. Let $\pi$ be any reordering of the
# positions; then
#
# $$\sum_k F_{i\,\pi(k)} F_{j\,\pi(k)} = \sum_k F_{ik} F_{jk} .$$
#
# **Shuffle the columns of $F$, and $G$ does not change.** See it on the simplest features there
# are, the colors themselves: three "filters" red, green and blue, one position for each pixel.

# %%
a = cut("mosaic")
colors = a.reshape(-1, 3).T.astype(np.float64)  # (3, M)
shuffled = colors[:, rng.permutation(colors.shape[1])]
show_pictures([a, shuffled.T.reshape(a.shape)], ["mosaic", "its pixels shuffled"])
show_numbers(
    [gram(F) / F.shape[1] / 1000 for F in (colors, shuffled)], ["G / M / 1000", "shuffled"], 1
)
assert np.allclose(gram(shuffled), gram(colors), rtol=1e-12)

# %% [markdown]
# For the Gram matrix of the colors these two are the same picture. It knows how much red there is
# and how often red comes with green, and nothing else.
#
# Reordering is not all that gets lost. Multiply $F$ from the right by any orthogonal $M \times M$
# matrix $Q$ ($Q Q^T = 1$; a permutation is one of them):
#
# $$(F Q)(F Q)^T = F Q Q^T F^T = F F^T .$$
#
# Whatever mixes positions and keeps lengths and angles between rows of $F$ leaves $G$ as it is.
#
# ## 3.3 What it keeps
#
# Then why do we get brush strokes from it, and not colored noise? Because a filter of the network
# looks at a *neighborhood*. Shuffle the pixels, and every neighborhood is destroyed: the columns of
# $F$ do not get reordered, they become other columns. What survives is what one column sees.
#
# So cut the picture into square tiles and shuffle these. As long as the tiles are larger than a
# layer's receptive field (the table of [notebook 1](01_what_a_network_sees.ipynb)), most of its
# columns only move to another place, and $G$ should hardly change:


# %%
def shuffle_tiles(x, s):
    """Cut a picture into tiles of s x s pixels and put them together in another order."""
    H, W, _ = x.shape
    tiles = x.reshape(H // s, s, W // s, s, 3).swapaxes(1, 2).reshape(-1, s, s, 3)
    tiles = rng.permutation(tiles)
    return tiles.reshape(H // s, W // s, s, s, 3).swapaxes(1, 2).reshape(x.shape)


sides = [1, 4, 8, 16, 32, 64]
variants = [shuffle_tiles(a, s) for s in sides]
show_pictures([*variants, a], [*(f"tiles of {s}" for s in sides), "whole"], columns=7, width=1.25)


# %%
def grams_of(x):
    F, _ = vgg.forward(network, x, taps)
    return {l: gram(F[l]) for l in taps}


A = grams_of(a)
curves = {l: [] for l in taps}
for s in sides:
    G = [grams_of(shuffle_tiles(a, s)) for _ in range(4)]  # the mean of four orders
    for l in taps:
        away = [np.linalg.norm(g[l] - A[l]) / np.linalg.norm(A[l]) for g in G]
        curves[l].append(np.mean(away))
show_curves(
    curves, "side of a tile (pixels)", "|G - A| / |A|", x=[str(s) for s in sides], log=False
)

# %% [markdown]
# So it is. `conv1_1` and `conv2_1`, which see 3 and 10 pixels, hardly mind tiles of 16; `conv5_1`,
# which would see 132, notices even when tiles of 64 are exchanged. **A Gram matrix keeps which
# features the neighborhoods have together, up to the size of its layer's receptive field, and
# forgets how the neighborhoods are arranged.** That is a good definition of a texture, and several
# layers together cover several sizes. The paper takes five.
#
# ## 3.4 The loss of one layer, and why it is divided by $4 N^2 M^2$
#
# Let $A$ be the Gram matrix of the style picture $a$, and $G$ that of $x$:
#
# $$E = \frac{1}{4 N^2 M^2} \sum_{ij} (G_{ij} - A_{ij})^2 \qquad \text{[eq. 4]}$$
#
# - $M^2$: each $G_{ij}$ is a sum of $M$ terms; $G_{ij} / M$ is a mean, which does not depend on how
#   large the picture is.
# - $N^2$: there are $N^2$ pairs $(i, j)$. Divided by it, the sum is a mean over pairs, which does
#   not depend on how many filters a layer has.
# - $4$: the square brings one factor 2 into the derivative and $G$, which is quadratic in $F$,
#   another one. Section 3.5.
#
# $$E = \tfrac{1}{4} \operatorname*{mean}_{ij}
# \left( \frac{G_{ij}}{M} - \frac{A_{ij}}{M} \right)^2$$
#
# The same two styles, compared in cuts of three sizes:

# %%
print("cut          M   sum (G - A)^2         E")
for size in (64, 128, 192):
    F_x, F_a = (
        vgg.forward(network, cut(n, size), ["conv3_1"])[0]["conv3_1"] for n in ("woodcut", "mosaic")
    )
    N, M = F_x.shape
    squares = np.sum((gram(F_x) - gram(F_a)) ** 2, dtype=np.float64)
    print(f"{size:3} x {size:3} {M:5}   {squares:13.3g} {squares / (4 * N**2 * M**2):9.3g}")

# %% [markdown]
# The sum of squares grows thirtyfold with the size of the picture. $E$ stays of one size; what is
# left is how one cut differs from another.
#
# ## 3.5 The derivative, index by index
#
# $E$ is a function of $F$ through $G$. Write $D = G - A$, and take the derivative with respect to
# one entry $F_{pk}$ in three steps.
#
# **Step 1, the Gram matrix.** In $G_{ij} = \sum_m F_{im} F_{jm}$ the entry $F_{pk}$ occurs if
# $i = p$, and if $j = p$, each time in the term $m = k$:
#
# $$\frac{\partial G_{ij}}{\partial F_{pk}} = \delta_{ip} F_{jk} + \delta_{jp} F_{ik} .$$
#
# **Step 2, the chain rule.**
#
# $$\frac{\partial E}{\partial F_{pk}}
# = \frac{1}{4 N^2 M^2} \sum_{ij} 2 D_{ij} \left( \delta_{ip} F_{jk} + \delta_{jp} F_{ik} \right)
# = \frac{1}{2 N^2 M^2} \Big( \sum_j D_{pj} F_{jk} + \sum_i D_{ip} F_{ik} \Big) .$$
#
# **Step 3, as matrices.** The first sum is $(D F)_{pk}$, the second $(D^T F)_{pk}$:
#
# $$\frac{\partial E}{\partial F} = \frac{1}{2 N^2 M^2} \left( D + D^T \right) F .$$
#
# Here, and only here, symmetry comes in: $G$ and $A$ are symmetric, so $D = D^T$, and the two
# halves are one:
#
# $$\frac{\partial E}{\partial F} = \frac{1}{N^2 M^2}\, (G - A)\, F .$$
#
# The paper writes the same as $\big(F^T (G - A)\big)_{ji}$: the transpose of $F^T D$ is
# $D^T F = D F$. And like equation 2 it prints the ReLU's mask in the same formula:
#
# $$\frac{\partial E}{\partial F_{ij}} =
# \begin{cases} \frac{1}{N^2 M^2} \big( F^T (G - A) \big)_{ji} & \text{if } F_{ij} > 0 \\
# 0 & \text{if } F_{ij} < 0 \end{cases} \qquad \text{[eq. 6]}$$

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The three steps above, checked symbolically for N = 2 filters and M = 3 positions.
import sympy

N, M = 2, 3
F_ = sympy.Matrix(N, M, sympy.symbols(f"F:{N}:{M}"))
A_ = sympy.Matrix(N, N, sympy.symbols(f"A:{N}:{N}"))  # any A, not symmetric
G_ = F_ * F_.T
D_ = G_ - A_
E_ = sum(d**2 for d in D_) / (4 * N**2 * M**2)
for p in range(N):
    for k in range(M):
        for i in range(N):
            for j in range(N):
                step1 = int(i == p) * F_[j, k] + int(j == p) * F_[i, k]
                assert sympy.expand(sympy.diff(G_[i, j], F_[p, k]) - step1) == 0
        halves = sum(D_[p, j] * F_[j, k] + D_[j, p] * F_[j, k] for j in range(N))
        slope = sympy.diff(E_, F_[p, k])
        assert sympy.expand(slope - halves / (2 * N**2 * M**2)) == 0  # step 2
        step3 = ((D_ + D_.T) * F_)[p, k] / (2 * N**2 * M**2)
        assert sympy.expand(slope - step3) == 0
        last = (D_ * F_)[p, k] / (N**2 * M**2)
        assert sympy.expand(slope - last) != 0  # wrong as long as A is not symmetric
        symmetric = {A_[1, 0]: A_[0, 1]}
        assert sympy.expand((slope - last).subs(symmetric)) == 0
        printed = (F_.T * D_)[k, p] / (N**2 * M**2)
        assert sympy.expand((slope - printed).subs(symmetric)) == 0
print("sympy: steps 1 to 3 hold for any A, the last line and eq. 6 for symmetric A only.")


# %% [markdown]
# **Without indices.** Some find this way shorter. For matrices let
# $\langle X, Y \rangle = \sum_{ij} X_{ij} Y_{ij}$; then
# $\langle X, Y Z \rangle = \langle X Z^T, Y \rangle = \langle Y^T X, Z \rangle$. A small change
# $dF$ makes $dG = dF\, F^T + F\, dF^T$, and
#
# $$dE = \frac{1}{2 N^2 M^2} \langle D, dG \rangle
# = \frac{1}{2 N^2 M^2} \big( \langle D F, dF \rangle + \langle D^T F, dF \rangle \big)
# = \frac{1}{N^2 M^2} \langle D F, dF \rangle .$$
#
# What stands beside $dF$ is the derivative.
#
# In NumPy the function is the formula:


# %%
def my_style_layer_loss(F, A):
    N, M = F.shape
    D = F @ F.T - A  # (N, N), symmetric
    E = np.sum(D * D) / (4 * N**2 * M**2)
    dE_dF = D @ F / (N**2 * M**2)  # (N, M)
    return E, dE_dF


F, A_small = rng.random((4, 9)), gram(rng.random((4, 9)))
E, dE_dF = my_style_layer_loss(F, A_small)
automatic = autograd.grad(lambda F: anp.sum((anp.dot(F, F.T) - A_small) ** 2) / (4 * 4**2 * 9**2))(
    F
)
for name, other in {"autograd": automatic, "package": style_layer_loss(F, A_small)[1]}.items():
    print(f"{name:9} largest relative difference {np.abs(other / dE_dF - 1).max():.0e}")
    assert np.allclose(other, dE_dF, rtol=1e-10)
assert np.isclose(style_layer_loss(F, A_small)[0], E, rtol=1e-12)

# %% [markdown]
# With the mask, through the ReLU to $z$, it is equation 6 to the letter:

# %%
z = rng.standard_normal((4, 9))
F = layers.relu(z)
masked = layers.relu_backward(style_layer_loss(F, A_small)[1], F > 0)
eq6 = np.where(F > 0, (F.T @ (gram(F) - A_small)).T / (4**2 * 9**2), 0)
automatic = autograd.grad(
    lambda z: (
        anp.sum((anp.dot(anp.maximum(z, 0), anp.maximum(z, 0).T) - A_small) ** 2)
        / (4 * 4**2 * 9**2)
    )
)(z)
assert np.allclose(masked, eq6, rtol=1e-10, atol=1e-15)
assert np.allclose(masked, automatic, rtol=1e-10, atol=1e-15)
print("relu_backward of style_layer_loss is eq. 6, and autograd agrees.")

# %% [markdown]
# Read $\partial E / \partial F = D F / (N^2 M^2)$ as an instruction to one position $k$. Its column
# $F_{\cdot k}$ is mixed by the *same* matrix $D$ at every position: where two filters answer
# together too often ($D_{ij} > 0$), each is told to lower its voice in proportion to the other's,
# right there; where too rarely, to raise it. Nobody is told *where* something should be.
#
# ## 3.6 Several layers, and a texture from noise
#
# $$\mathcal{L}_\text{style}(a, x) = \sum_l w_l E_l \qquad \text{[eq. 5]}$$
#
# with $w_l = 1/5$ for the five layers of the paper. A sum of functions has the sum of their
# derivatives, and the way down to the pixels is the same as for the content: `total_loss` with
# alpha = 0. Start from noise and watch:


# %%
def synthesize(a, style_layers, iterations, watch=None):
    w = {l: 1 / len(style_layers) for l in style_layers}
    x = np.random.default_rng(1).uniform(0, 255, a.shape).astype(np.float32)
    goal = Targets({}, targets(a, a, network, style_layers, style_layers).A)
    terms = {}

    def f_and_g(x):
        nonlocal terms
        L, dL_dx, terms = total_loss(x, goal, network, alpha=0, beta=1, w=w)
        return L, dL_dx

    def progress(iteration, x, L):
        if watch is not None:
            watch(iteration, x, L, terms)

    return lbfgs(f_and_g, x, (0, 255), progress, iterations)[0]


from_all = synthesize(a, taps, iterations=60, watch=live(every=10))

# %% [markdown]
# `live()` is a callback of the package: in the notebook it shows the picture as it forms, and what
# stays is the last state. Try the cell with another picture.
#
# Which layer brings what? The upper half of the paper's Figure 1 adds them one by one:

# %%
steps = [taps[: n + 1] for n in range(4)]
textures = [synthesize(a, layers_used, iterations=60) for layers_used in steps]

# %%
titles = ["mosaic", "conv1_1", "+ conv2_1", "+ conv3_1", "+ conv4_1", "+ conv5_1"]
show_pictures([a, *textures, from_all], titles, columns=3)

# %% [markdown]
# *Style reconstructions [Gatys et al. 2015, Fig. 1, upper half], 128 × 128 pixels, 60 iterations
# from noise.*
#
# `conv1_1` has colors and specks of a few pixels. With `conv2_1` the specks get round and gather by
# color. With `conv3_1` they are stones, white ones in rows on a blue ground. The sun is nowhere:
# there is only one, it is larger than what the lower layers see, and a Gram matrix does not say
# where.
#
# The same for the other styles that ship, all five layers:

# %%
styles = ["woodcut", "evening", "window"]
originals = [cut(name, 96) for name in styles]
made = [synthesize(picture, taps, iterations=60) for picture in originals]
show_pictures([*originals, *made], [*styles, *(["from noise"] * 3)], columns=3)

# %% [markdown]
# You now have both halves. Equation 7 adds them up, and `stylize` paints with it.
#
# ## 3.7 Exercises
#
# **1.** How many independent numbers does $G$ hold, and how many $F$, at `conv1_1` and at `conv5_1`
# of this network for 128 × 128 pixels? Does $G$ at `conv5_1` therefore determine $F$?
#
# <details><summary>Solution</summary>
#
# A symmetric $N \times N$ matrix has $N (N + 1) / 2$ independent entries. `conv1_1`: 300 of
# $24 \cdot 16384 = 393\,216$. `conv5_1`: 73,920 of $384 \cdot 64 = 24\,576$; there are more
# numbers in $G$ than in $F$. It still does not determine $F$: $F Q$ has the same $G$ for every
# orthogonal $Q$. ($G = F F^T$ has at most the rank $M = 64$, so its entries are far from
# independent.)
#
# </details>
#
# **2.** Multiply $F$ by a factor $s$, where $F F^T = A$. Draw $E$ as a function of $s$. What is the
# derivative at $F = 0$, and why is that not where the optimizer ends?
#
# <details><summary>Solution</summary>
#
# $G = s^2 A$, so $E = \frac{(s^2 - 1)^2}{4 N^2 M^2} \sum_{ij} A_{ij}^2$: a W with the minima
# $s = \pm 1$. At $F = 0$ the derivative $D F$ is zero, but it is the top between the two valleys: a
# small step along $F$, in either direction, leads down. An optimizer that *starts* exactly there
# stays, which is one reason to start from noise.
#
# </details>
#
# **3.** The means of the filters are not in equation 4. Are they in $G$? Write
# $F_{ik} = \mu_i + \tilde F_{ik}$ with $\sum_k \tilde F_{ik} = 0$.
#
# <details><summary>Solution</summary>
#
# $$\frac{G_{ij}}{M} = \mu_i \mu_j + \frac{1}{M} \sum_k \tilde F_{ik} \tilde F_{jk} :$$
#
# the product of the means plus the covariance. $G$ holds both, but only their sum: a stronger mean
# can stand in for a weaker covariance.
#
# </details>
#
# **4.** The style picture may have another size than $x$. What is wrong with equation 4 then, and
# what does `targets` do about it? (Search the package for `Departs from Gatys et al.:`.)
#
# <details><summary>Solution</summary>
#
# $G$ is a sum over the $M_x$ positions of $x$ and $A$ over the $M_a$ of $a$: a larger picture would
# count as a stronger style. Compared are the means $G / M_x$ and $A / M_a$, which is equation 4
# with $A \cdot M_x / M_a$ for $A$. With equal sizes nothing changes. The paper scales $a$ to the
# size of $x$ instead.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Checks of the solutions.
N, M = 384, (128 // 16) ** 2
assert (N * (N + 1) // 2, N * M) == (73_920, 24_576)
assert (24 * 25 // 2, 24 * 128**2) == (300, 393_216)

F = rng.random((4, 9))
for s in (0.0, 0.5, 2.0):
    E, dE_dF = style_layer_loss(s * F, gram(F))
    assert np.isclose(E, (s**2 - 1) ** 2 * np.sum(gram(F) ** 2) / (4 * 4**2 * 9**2), rtol=1e-12)
    assert (s == 0) == (not dE_dF.any())

mu = F.mean(axis=1, keepdims=True)
assert np.allclose(gram(F) / 9, mu @ mu.T + np.cov(F, bias=True), rtol=1e-12)

large, small = cut("mosaic", 128), cut("mosaic", 64)
F_large = vgg.forward(network, large, ["conv2_1"])[0]["conv2_1"]
compared = targets(small, large, network, ["conv2_1"], ["conv2_1"]).A["conv2_1"]
assert np.allclose(compared, gram(F_large) * (32 * 32) / (64 * 64), rtol=1e-5)
print("The solutions' numbers are right.")

# %% [markdown]
# ## References
#
# - L. A. Gatys, A. S. Ecker, M. Bethge, [A Neural Algorithm of Artistic
#   Style](https://arxiv.org/abs/1508.06576), 2015: eqs. 3 to 6, Figure 1.
# - The same, [Texture Synthesis Using Convolutional Neural
#   Networks](https://arxiv.org/abs/1505.07376), 2015, where the Gram matrix comes from.
# - J. Portilla, E. P. Simoncelli, A Parametric Texture Model Based on Joint Statistics of Complex
#   Wavelet Coefficients, International Journal of Computer Vision 40, 2000: the same idea before
#   neural networks.
# - Y. Li, N. Wang, J. Liu, X. Hou, [Demystifying Neural Style
#   Transfer](https://arxiv.org/abs/1701.01036), 2017: equation 4 as a distance between two
#   distributions of columns.
# - The code: [gram.py](../nst_numpy/losses/gram.py), [objective.py](../nst_numpy/objective.py).
