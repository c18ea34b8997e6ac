# %% [markdown]
# # 2. The content loss
#
# How far is what the network sees in one picture from what it sees in another? The paper's first
# two equations answer that with a number and with its derivative. At the end of this notebook you
# follow the derivative from noise back to a photograph, and see what each layer remembers of it.
#
# **What you will be able to do**
#
# - write down the content loss and derive its derivative, index by index;
# - check a derivative in two independent ways: by differences and by automatic differentiation;
# - say where the `F > 0` in the paper's equation 2 comes from, and what happens without it;
# - reconstruct a photograph from any layer, the lower half of the paper's Figure 1.
#
# **Prerequisites**: [1. What a network sees](01_what_a_network_sees.ipynb); the derivative of $x^2$
# and the chain rule.
#
# **Time**: about 45 minutes. Next: [3. The Gram matrix](03_the_gram_matrix.ipynb).

# %%
import autograd
import autograd.numpy as anp
import numpy as np
from figures import show_curves, show_numbers, show_pictures

from nst_numpy import content_loss, gradcheck, layers, load_network, total_loss, vgg
from nst_numpy.images.samples import sample_picture
from nst_numpy.objective import Targets
from nst_numpy.optimizers import lbfgs

rng = np.random.default_rng(0)

# %% [markdown]
# ## 2.1 A distance between two answers
#
# A layer's answer to a picture is a matrix with $N$ rows, one for each filter, and $M$ columns, one
# for each position. Call it $F$ for the picture $x$ that we are making, and $P$ for the photograph
# $p$. The **content loss** is half of their squared distance:
#
# $$\mathcal{L}_\text{content}(p, x, l) = \frac{1}{2} \sum_{ij} \left( F^l_{ij} - P^l_{ij} \right)^2
# \qquad \text{[Gatys et al. 2015, eq. 1]}$$
#
# The sum runs over every filter $i$ and every position $j$: it asks for the same thing *at the same
# place*. The next notebook will give that up, and get style.

# %%
F = np.array([[3.0, 0, 1], [0, 2, 5]])
P = np.array([[1.0, 0, 1], [4, 2, 2]])
show_numbers([F, P, F - P], ["F", "P", "F - P"])
print("L =", np.sum((F - P) ** 2) / 2)

# %% [markdown]
# By hand: $(2^2 + 4^2 + 3^2) / 2 = 29 / 2$.
#
# ## 2.2 Its derivative, on paper
#
# We want to know how $L$ changes when *one* entry of $F$ changes, say filter
# $n$'s at position $m$. Write $\delta_{in}$ for 1 if $i = n$ and 0 otherwise; then
# $\partial F_{ij} / \partial F_{nm} = \delta_{in}\, \delta_{jm}$, and
#
# $$\frac{\partial L}{\partial F_{nm}}
# = \frac{1}{2} \sum_{ij} 2 \left( F_{ij} - P_{ij} \right) \frac{\partial F_{ij}}{\partial F_{nm}}
# = \sum_{ij} \left( F_{ij} - P_{ij} \right) \delta_{in}\, \delta_{jm}
# = F_{nm} - P_{nm} .$$
#
# The 2 of the square meets the ½ of the definition, which stands there for that reason only. The
# two $\delta$ leave one term of the sum. All entries at once:
#
# $$\frac{\partial L}{\partial F} = F - P .$$

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The derivation above, checked symbolically on a 2 x 3 matrix.
import sympy

F_, P_ = (sympy.Matrix(2, 3, sympy.symbols(f"{name}:2:3")) for name in "FP")
L_ = sum((f - p) ** 2 for f, p in zip(F_, P_, strict=True)) / 2
assert all(sympy.expand(sympy.diff(L_, f) - (f - p)) == 0 for f, p in zip(F_, P_, strict=True))
print("sympy: dL/dF_nm = F_nm - P_nm for all six entries.")


# %% [markdown]
# Value and derivative in one function, as everywhere in this package:


# %%
def my_content_loss(F, P):
    D = F - P  # (N, M)
    return np.sum(D * D) / 2, D


L, dL_dF = my_content_loss(F, P)
show_numbers([dL_dF], ["dL/dF"])
print("L =", L)

# %% [markdown]
# ## 2.3 Two checks
#
# A derivative on paper is a claim. Here are two ways to test it that know nothing of our
# derivation.
#
# **Differences.** Change one entry by a small $h$ in both directions and see what $L$ does:
#
# $$\frac{\partial L}{\partial F_{nm}} \approx \frac{L(F + h\, e_{nm}) - L(F - h\, e_{nm})}{2h} .$$


# %%
def by_differences(loss, F, h=1e-4):
    dL_dF = np.zeros_like(F)
    for n, m in np.ndindex(F.shape):
        e = np.zeros_like(F)
        e[n, m] = h
        dL_dF[n, m] = (loss(F + e) - loss(F - e)) / (2 * h)
    return dL_dF


F = layers.relu(rng.standard_normal((4, 9)))  # half of it is zero, as behind any ReLU
P = rng.random((4, 9))
_, on_paper = my_content_loss(F, P)
measured = by_differences(lambda F: my_content_loss(F, P)[0], F)
print("largest difference:", f"{np.abs(measured - on_paper).max():.0e}")
assert np.allclose(measured, on_paper, rtol=1e-8, atol=1e-10)

# %% [markdown]
# **Automatic differentiation.** The library `autograd` follows a function's arithmetic, step by
# step, and applies the chain rule to each:

# %%
automatic = autograd.grad(lambda F: anp.sum((F - P) ** 2) / 2)(F)
print("largest difference:", f"{np.abs(automatic - on_paper).max():.0e}")
assert np.allclose(automatic, on_paper, rtol=1e-12)

# %% [markdown]
# And the package's function, which is to be read in `nst_numpy.losses.content`, is yours:

# %%
L, dL_dF = content_loss(F, P)
assert np.isclose(L, my_content_loss(F, P)[0], rtol=1e-12)
assert np.allclose(dL_dF, on_paper, rtol=1e-12)
print("content_loss gives the same numbers.")

# %% [markdown]
# ## 2.4 Where the `F > 0` comes from
#
# The paper's equation 2 has a second line that we have not found:
#
# $$\frac{\partial \mathcal{L}_\text{content}}{\partial F_{ij}} =
# \begin{cases} (F - P)_{ij} & \text{if } F_{ij} > 0 \\ 0 & \text{if } F_{ij} < 0 \end{cases}
# \qquad \text{[eq. 2]}$$
#
# And as a derivative with respect to $F$ it would be wrong: half of the $F$ that we have just
# tested is zero, and the slope there was $F - P$. But nobody can change $F$ directly. What comes
# out of the convolution is $z$, and the layer's answer is $F = \max(z, 0)$. By the chain rule
#
# $$\frac{\partial L}{\partial z_{ij}} = \frac{\partial L}{\partial F_{ij}} \cdot
# \frac{d \max(z_{ij}, 0)}{d z_{ij}}
# = (F - P)_{ij} \cdot
# \begin{cases} 1 & \text{if } z_{ij} > 0 \\ 0 & \text{if } z_{ij} < 0 \end{cases}$$
#
# and $z_{ij} > 0$ says the same as $F_{ij} > 0$. **The second line of equation 2 is the derivative
# of the ReLU.** The paper prints the two steps as one. Look at one entry, for $P_{ij} = 1$:

# %%
import matplotlib.pyplot as plt

z = np.linspace(-2, 3, 201)
L = (np.maximum(z, 0) - 1) ** 2 / 2
D = np.maximum(z, 0) - 1
_, (left, right) = plt.subplots(1, 2, figsize=(7.5, 2.6))
left.plot(z, L, marker="", color="#000000")
left.set(xlabel="z", ylabel="L", title="L = (max(z, 0) - 1)² / 2")
curves = [
    (z, np.gradient(L, z), "slope of L, measured", {"color": "#aaaaaa", "lw": 4}),
    (z, D * (z > 0), "F - P where F > 0, else 0", {"color": "#0072B2", "ls": "--"}),
    (z[z < 0], D[z < 0], "F - P where F = 0", {"color": "#D55E00", "ls": ":"}),
]
for over, values, label, style in curves:
    right.plot(over, values, label=label, marker="", **style)
right.set(xlabel="z", ylabel="dL/dz")
right.legend(fontsize="small")
plt.show()

# %% [markdown]
# Left of zero $L$ is flat: the filter is silent, and a small change of $z$ leaves it silent,
# however much $P$ would like to hear it. The plain $F - P$ (dotted) promises a slope that is not
# there.
#
# At $z = 0$ itself there is a kink and no derivative; this package takes 0, so that "where $F > 0$"
# is all there is to say.
#
# In the code each of the two factors has one owner: `content_loss` returns the plain $F - P$, and
# `nst_numpy.layers.relu_backward` applies the mask. Together they are the paper's formula:

# %%
z = rng.standard_normal((4, 9))
F = layers.relu(z)
_, dL_dF = content_loss(F, P)
dL_dz = layers.relu_backward(dL_dF, F > 0)

eq2 = np.where(F > 0, F - P, 0)
measured = by_differences(lambda z: content_loss(layers.relu(z), P)[0], z)
automatic = autograd.grad(lambda z: anp.sum((anp.maximum(z, 0) - P) ** 2) / 2)(z)
for name, other in {"eq. 2": eq2, "differences": measured, "autograd": automatic}.items():
    print(f"{name:12} largest difference {np.abs(other - dL_dz).max():.0e}")
    assert np.allclose(other, dL_dz, rtol=1e-8, atol=1e-10)

# %% [markdown]
# ## 2.5 Down to the pixels
#
# $F$ is a function of the picture $x$, so $L$ is one too, and the chain rule leads on, from layer
# to layer down to $\partial L / \partial x$. How each layer passes a derivative on is the subject
# of [notebook 4](04_backpropagation.ipynb); here `nst_numpy.vgg.backward` does it. Forward, the
# loss, backward:

# %%
network = load_network("tiny").astype(np.float64)
p = sample_picture("chelsea", 64).astype(np.float64)
l = "conv3_1"
P = vgg.forward(network, p, [l])[0][l]


def content(x):
    F, tape = vgg.forward(network, x, [l])
    L, dL_dF = content_loss(F[l], P)
    return L, vgg.backward(network, {l: dL_dF}, tape)


x = rng.uniform(0, 255, p.shape)
check = gradcheck(content, x)  # one random direction in the space of all pixels
print(f"slope by the derivative {check.analytic:.9g}, by differences {check.numeric:.9g}")
assert check.passed

# %% [markdown]
# This is equation 7, the whole paper, with alpha = 1 and beta = 0:

# %%
L, dL_dx, terms = total_loss(x, Targets({l: P}, {}), network, alpha=1, beta=0, w={})
print(terms)
assert np.isclose(L, content(x)[0], rtol=1e-12)
assert np.allclose(dL_dx, content(x)[1], rtol=1e-10)

# %% [markdown]
# Now leave out masks on purpose. The list `tape` holds, for each layer, the places where its ReLU
# was active. Fill it with ones, and the mask is off:


# %% tags=["varies"]
def without_mask(off):
    def f_and_g(x):
        F, tape = vgg.forward(network, x, [l])
        L, dL_dF = content_loss(F[l], P)
        tape = [(k, shape, np.ones_like(s) if k in off else s) for k, shape, s in tape]
        return L, vgg.backward(network, {l: dL_dF}, tape)

    return f_and_g


variants = {
    "all masks on": content,
    f"off at {l}": without_mask([l]),
    "all masks off": without_mask(network.weights),
}
curves = {}
for name, f_and_g in variants.items():
    check = gradcheck(f_and_g, x)
    L = []
    lbfgs(f_and_g, x, (0, 255), lambda i, x, f, L=L: L.append(f), 40)
    curves[name] = np.array(L) / L[0]
    print(
        f"{name:15} slope wrong by {check.error:5.1%}; "
        f"L / L(start) after {len(L) - 1} iterations: {curves[name][-1]:.4f}"
    )
show_curves(curves, "iteration", "L / L(start)")

# %% [markdown]
# Without any mask the "derivative" has little to do with the slope. The optimizer, which believes
# it, finds after some iterations that no step in the promised direction makes the loss smaller,
# and gives up.
#
# Without the one mask at the loss itself, two fifths of the slope are invented, and yet the run
# survives. The invented part pulls at silent filters that should speak. A small step does not wake
# them, so it earns nothing, but it does no harm either. That is why such a mistake can live in a
# program for years: the pictures look right. A check of the derivative finds it at once, and that
# is the subject of [notebook 5](05_checking_a_gradient.ipynb).
#
# ## 2.6 What each layer remembers
#
# Start from white noise and follow the derivative until the network sees in $x$ what it saw in the
# photograph. Where is the picture by then? This is the lower half of the paper's Figure 1. The
# optimizer is L-BFGS, a downhill walk with a memory of the slopes it met; the pixels stay between 0
# and 255.

# %%
network = load_network("tiny")  # float32 from here on: the fast kernels
p = sample_picture("chelsea", 144)
noise = rng.uniform(0, 255, p.shape).astype(np.float32)
taps = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
P, _ = vgg.forward(network, p, taps)


def reconstruct(l, x, iterations):
    goal = Targets({l: P[l]}, {})

    def f_and_g(x):
        return total_loss(x, goal, network, alpha=1, beta=0, w={})[:2]

    L = []
    x, _ = lbfgs(f_and_g, x, (0, 255), lambda i, x, f: L.append(f), iterations)
    return x, np.array(L)


# %%
pictures, curves = {}, {}
print("layer     |F - P| / |P| at the start   at the end   error of a pixel (gray levels)")
for l in taps:
    pictures[l], L = reconstruct(l, noise, iterations=150)
    distance = np.sqrt(2 * L) / np.linalg.norm(P[l])
    curves[l] = L / L[0]
    error = np.sqrt(np.mean((pictures[l] - p) ** 2))
    print(f"{l}  {distance[0]:27.2f}  {distance[-1]:11.4f}  {error:31.1f}")
show_pictures([p, noise, *pictures.values()], ["the photograph", "the start", *taps], columns=4)
show_curves(curves, "iteration", "L / L(start)")

# %% [markdown]
# *Content reconstructions [Gatys et al. 2015, Fig. 1, lower half], 144 × 96 pixels, 150 iterations
# from white noise.*
#
# At the first three layers, the network can hardly tell $x$ from the photograph. The higher the
# layer, the more iterations it takes: at `conv5_1` a third of the distance is left after 150. And
# the pixels get freer from layer to layer, as the last column of the table says. From `conv1_1` the
# photograph comes back. From `conv2_1` and `conv3_1` the forms are all there, under a grain that
# these layers do not notice: [notebook 1](01_what_a_network_sees.ipynb)'s checkerboards and noise.
# From `conv4_1` the lines are there without their colors. From `conv5_1` the eyes and the nose
# stand where they stood, but their lines wander, and everything has any color.
#
# That is the freedom in which a style can be painted. The paper takes the content at `conv4_2`:
# high enough to leave the pixels free, low enough to hold the forms in place.
#
# ## 2.7 Exercises
#
# **1.** What is the derivative if the loss is the mean
# $\frac{1}{NM} \sum_{ij} (F_{ij} - P_{ij})^2$, as in many programs? By which factor has the weight
# alpha to change to give the same pictures?
#
# <details><summary>Solution</summary>
#
# $\frac{2}{NM} (F - P)$: the loss and its derivative are eq. 1's times $\frac{2}{NM}$, so alpha
# must be $\frac{NM}{2}$ times as large. Without style both have the same minimum; alpha decides
# only how the content stands beside the style.
#
# </details>
#
# **2.** $L = 0$ at $x = p$. Is it the only picture with $L = 0$? What does section 1.7 say?
#
# <details><summary>Solution</summary>
#
# No. `conv5_1` of this network has fewer numbers than the picture, so around $p$ there are
# whole spaces of directions in which nothing changes at the layer. Lower layers leave directions in
# which very little changes. Try it: `reconstruct` from `conv3_1` with another noise gives another
# picture with nearly the same loss (the cell below does).
#
# </details>
#
# **3.** A filter is silent at some place ($F_{ij} = 0$), but the photograph wants it to speak
# ($P_{ij} > 0$). The derivative with respect to $z_{ij}$ is 0. Why do the reconstructions get there
# all the same?
#
# <details><summary>Solution</summary>
#
# $z_{ij}$ itself has no say, but the pixels below it belong to many other entries of $F$, which
# pull at them. As these change, $z_{ij}$ changes with them, and once it is positive its own
# derivative takes over. A filter that is silent everywhere and shares no pixel with any that speaks
# would stay silent forever.
#
# </details>
#
# **4.** Derive the derivative of $L_1 = \sum_{ij} |F_{ij} - P_{ij}|$ and check it by differences.
# Why is it harder on the optimizer?
#
# <details><summary>Solution</summary>
#
# $\partial L_1 / \partial F_{nm} = \operatorname{sign}(F_{nm} - P_{nm})$, and none where they are
# equal. It does not get smaller toward the minimum: it jumps from $-1$ to $+1$ there, so an
# optimizer that estimates curvature from differences of derivatives, as L-BFGS does, is misled
# exactly where it should settle.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Checks of the solutions.
F2, P2 = rng.random((4, 9)), rng.random((4, 9))
mean = autograd.grad(lambda F: anp.mean((F - P2) ** 2))(F2)
assert np.allclose(mean, 2 / F2.size * content_loss(F2, P2)[1], rtol=1e-12)
absolute = by_differences(lambda F: np.sum(np.abs(F - P2)), F2)
assert np.allclose(absolute, np.sign(F2 - P2), rtol=1e-6)

other, L = reconstruct("conv3_1", rng.uniform(0, 255, p.shape).astype(np.float32), iterations=150)
apart = np.sqrt(np.mean((other - pictures["conv3_1"]) ** 2))
distance = np.sqrt(2 * L[-1]) / np.linalg.norm(P["conv3_1"])
show_pictures([pictures["conv3_1"], other], ["conv3_1", "from another noise"])
print(f"conv3_1 from two starts: {apart:.0f} gray levels apart, both within {distance:.1%} of P.")
assert apart > 20
assert distance < 0.1

# %% [markdown]
# ## References
#
# - L. A. Gatys, A. S. Ecker, M. Bethge, [A Neural Algorithm of Artistic
#   Style](https://arxiv.org/abs/1508.06576), 2015: eqs. 1 and 2, Figure 1.
# - A. Mahendran, A. Vedaldi, [Understanding Deep Image Representations by Inverting
#   Them](https://arxiv.org/abs/1412.0035), 2015, from which the reconstructions come.
# - D. Maclaurin, D. Duvenaud, R. P. Adams, [autograd](https://github.com/HIPS/autograd).
# - The code: [content.py](../nst_numpy/losses/content.py), [layers.py](../nst_numpy/layers.py). The
#   picture: Stefan van der Walt, CC0.
