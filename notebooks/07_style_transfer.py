# %% [markdown]
# # 7. Style transfer
#
# The content loss, the style loss, the way back through the network, an optimizer: everything is
# there. This notebook puts it together into the paper's equation 7, watches a picture form, and
# then looks at what is behind it: which layer pulls at which pixel, and where the two forces,
# content and style, come to rest.
#
# **What you will be able to do**
#
# - write equation 7 with its derivative in a dozen lines, and check it;
# - say what $\alpha / \beta$ means, and what one value of it means in another program;
# - read a run: the picture frame by frame, and the curve of each term;
# - show what each layer wants of the pixels, $\partial E_l / \partial x$ as a picture;
# - reproduce the paper's Figure 3, and explain its rows and its columns.
#
# **Prerequisites**: [2. The content loss](02_the_content_loss.ipynb),
# [3. The Gram matrix](03_the_gram_matrix.ipynb); what a `backward` function does
# ([notebook 4](04_backpropagation.ipynb)) and an optimizer
# ([notebook 6](06_from_gradient_descent_to_lbfgs.ipynb)).
#
# **Time**: about 45 minutes. Next: [8. Making it fast](08_making_it_fast.ipynb).

# %%
import matplotlib.pyplot as plt
import numpy as np
from figures import show_curves, show_pictures

from nst_numpy import (
    content_loss,
    gradcheck,
    live,
    load_network,
    style_layer_loss,
    stylize,
    targets,
    total_loss,
    vgg,
)
from nst_numpy.images.samples import sample_picture
from nst_numpy.objective import Targets
from nst_numpy.optimizers import lbfgs
from nst_numpy.transfer.recipe import PAPER_RECIPE

network = load_network("tiny")
content_layer = "conv4_2"
style_layers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
photo, style = sample_picture("chelsea", 96), sample_picture("woodcut", 96)
show_pictures([photo, style], ["p, the content", "a, the style"], width=2.2)

# %% [markdown]
# ## 7.1 Equation 7
#
# $$\mathcal{L}_\text{total}(p, a, x) = \alpha\, \mathcal{L}_\text{content}(p, x)
# + \beta\, \mathcal{L}_\text{style}(a, x) \qquad \text{[Gatys et al. 2015, eq. 7]}$$
#
# A sum of functions has the sum of their derivatives. Both losses look at feature maps $F^l$ of one
# picture, so go forward once, take the derivative with respect to each $F^l$, and come back once,
# picking up the layers' derivatives on the way down:
#
# $$\frac{\partial \mathcal{L}_\text{total}}{\partial x}
# = \sum_l \left( \frac{\partial F^l}{\partial x} \right)^T
# \frac{\partial \mathcal{L}_\text{total}}{\partial F^l}, \qquad
# \frac{\partial \mathcal{L}_\text{total}}{\partial F^l} = \alpha\,
# \frac{\partial \mathcal{L}_\text{content}}{\partial F^l} + \beta\, w_l\,
# \frac{\partial E_l}{\partial F^l} .$$


# %%
def my_total_loss(x, P, A, network, alpha, beta):
    """P: {"conv4_2": ...}; A: {layer: its Gram matrix}; w_l = 1 / number of style layers."""
    F, tape = vgg.forward(network, x, [*P, *A])
    L, dL_dF = 0.0, {}
    for l in P:
        C, dC_dF = content_loss(F[l], P[l])
        L += alpha * C
        dL_dF[l] = alpha * dC_dF
    for l in A:
        E, dE_dF = style_layer_loss(F[l], A[l])
        L += beta * E / len(A)
        dL_dF[l] = dL_dF.get(l, 0) + beta * dE_dF / len(A)  # a layer may have both
    return L, vgg.backward(network, dL_dF, tape)


# %% [markdown]
# `targets` computes $P$ and the $A^l$, once for the whole run. Against the package, and against
# differences:

# %%
network64 = network.astype(np.float64)
p64, a64 = photo.astype(np.float64), style.astype(np.float64)
goal64 = targets(p64, a64, network64, [content_layer], style_layers)
w = dict.fromkeys(style_layers, 1 / 5)
rng = np.random.default_rng(0)
x = rng.uniform(0, 255, photo.shape)

L, dL_dx = my_total_loss(x, goal64.P, goal64.A, network64, 1e-3, 1.0)
L_package, dL_dx_package, terms = total_loss(x, goal64, network64, 1e-3, 1.0, w)
check = gradcheck(
    lambda x: my_total_loss(x, goal64.P, goal64.A, network64, 1e-3, 1.0),
    x,
    step=1e-6,  # so short that no ReLU switches between the two points
)
print(f"L = {L:.6g}, the package says {L_package:.6g}")
print(f"slope by the derivative {check.analytic:.9g}, by differences {check.numeric:.9g}")
print("terms:", ", ".join(f"{name} {value:.3g}" for name, value in terms.items()))
assert np.isclose(L, L_package, rtol=1e-12)
assert np.allclose(dL_dx, dL_dx_package, rtol=1e-9, atol=1e-15)
assert check.passed

# %% [markdown]
# That is the paper. `nst_numpy.stylize` adds an optimizer
# ([notebook 6](06_from_gradient_descent_to_lbfgs.ipynb)), reads and checks files, continues the
# pictures by their mirror images beyond the border, and offers many options. Its defaults, the
# [recipe](../nst_numpy/transfer/recipe.py), also differ from the paper: more style layers, higher
# weights for the lower ones, a little total variation, and reflection instead of zeros beyond the
# border. This notebook sets the paper's (`PAPER_RECIPE`).
#
# ## 7.2 What alpha / beta means
#
# Multiply $\alpha$ and $\beta$ both by 10: the loss is ten times as high everywhere, and its lowest
# point is where it was. **Only the ratio $\alpha / \beta$ chooses the picture.**
#
# But a ratio of what? Equation 1 is a *sum* over the $N M$ elements of $F$; equation 4 is, up to
# the factor 1/4, a *mean* over pairs of filters of squared means over positions
# ([section 3.4](03_the_gram_matrix.ipynb)). Double the width and the height of the picture, and the
# content loss is four times as large while the style loss stays. With the same $\alpha / \beta$ you
# get another balance at each size. This package therefore lets `ratio` weigh the content loss *per
# element*:
#
# $$\alpha = \frac{\texttt{ratio} \cdot \beta}{N M}, \qquad N M \text{ of the content layer.}$$

# %%
print("size      N M of conv4_2   L_content   per element   L_style")
small = [sample_picture("chelsea", 48), sample_picture("woodcut", 48)]
small.append(rng.uniform(0, 255, small[0].shape).astype(np.float32))
for n in (1, 2, 4):  # the same pictures, laid n x n side by side
    p, a, noise = (np.tile(picture, (n, n, 1)) for picture in small)
    goal = targets(p, a, network, [content_layer], style_layers)
    _, _, terms = total_loss(noise, goal, network, 1.0, 1.0, w)
    C = terms.pop(f"content {content_layer}")
    S = sum(terms.values())
    NM = goal.P[content_layer].size
    print(f"{p.shape[1]:3} x {p.shape[0]:3} {NM:15,} {C:11.4g} {C / NM:13.4g} {S:9.3g}")

# %% [markdown]
# The sum grows with the number of positions; what still changes in the last two columns is the
# border, beyond which the convolutions see zeros: the smaller the picture, the larger its part.
#
# Programs differ in such factors, by many powers of ten. Before you carry a weight from one to
# another, write down both formulas.
#
# ## 7.3 The picture forms
#
# The paper starts from white noise. `stylize` calls a function after each iteration; `live()` is
# one that shows the picture with the curve of every term, and here another one keeps frames.
# `preconditioner="none"` chooses the plain L-BFGS of notebook 06.


# %%
def film(init, iterations, watch=None):
    """Run a job and keep all frames: (frames, result)."""
    frames = []

    def callback(iteration, picture, loss, terms):
        frames.append(picture.copy())
        if watch is not None:
            watch(iteration, picture, loss, terms)

    pictures = sample_picture("chelsea", 128), sample_picture("woodcut", 128)
    options = {"size": 128, "ratio": ratio, "iterations": iterations, "callback": callback}
    options |= PAPER_RECIPE | {"preconditioner": "none"}
    return frames, stylize(*pictures, init=init, **options)


ratio = 3.0
frames, from_noise = film("white-noise", 160, live(every=20))

# %%
shown = [0, 1, 3, 7, 15, 30, 60, 160]
show_pictures([frames[k] for k in shown], [f"iteration {k}" for k in shown], columns=4)

# %% [markdown]
# *A photograph in the style of a woodcut, from white noise, 128 × 85 pixels, ratio 3.*
#
# After 7 iterations there are edges, after 15 an eye, after 60 a head; what comes then is contrast
# and color. At the end the content is the largest part of what is left: this ratio gives it a high
# weight, so that the photograph appears within so few iterations. The grain is that of the start,
# which the network hardly notices ([section 1.7](01_what_a_network_sees.ipynb)).
#
# From the photograph itself it goes faster, because the content is there at once:

# %%
frames_content, from_content = film("content", 60)
shown = [0, 1, 3, 7, 15, 30, 45, 60]
show_pictures([frames_content[k] for k in shown], [f"iteration {k}" for k in shown], columns=4)
show_curves(
    {"from noise": from_noise.losses, "from the photograph": from_content.losses},
    "iteration",
    "total loss",
)

# %% [markdown]
# From the photograph, 60 iterations come further than 160 from noise, and the picture has no grain.
# The loss of equation 7 has many minima, and the start decides into which one the walk leads.
#
# ## 7.4 Who pulls where: the derivatives as pictures
#
# The derivative has the shape of a picture, so look at it. The way back is linear in what it starts
# with (each layer multiplies by a matrix, [notebook 4](04_backpropagation.ipynb)). So the gradient
# is a sum of one picture for each term, and we can have each by itself:
#
# $$\frac{\partial \mathcal{L}_\text{total}}{\partial x}
# = \alpha\, \frac{\partial \mathcal{L}_\text{content}}{\partial x}
# + \beta \sum_l w_l\, \frac{\partial E_l}{\partial x} .$$


# %%
ratio = 0.1
goal = targets(photo, style, network, [content_layer], style_layers)
alpha = ratio / goal.P[content_layer].size


def down_from(l, dL_dF, tape, network=network):
    """Back to the pixels from layer l alone; the tape may reach further up."""
    names = [name for name, *_ in tape]
    return vgg.backward(network, {l: dL_dF}, tape[: names.index(l) + 1])


def pulls(x):
    """The part of each term in dL/dx, with its weight."""
    F, tape = vgg.forward(network, x, [content_layer, *style_layers])
    parts = {l: down_from(l, style_layer_loss(F[l], goal.A[l])[1] / 5, tape) for l in style_layers}
    dC_dF = content_loss(F[content_layer], goal.P[content_layer])[1]
    return {**parts, "content": down_from(content_layer, alpha * dC_dF, tape)}


def as_pictures(parts):
    """-dL/dx around middle gray, each on its own scale: brighter means 'should be brighter'."""
    return [128 - part * (50 / np.std(part)) for part in parts.values()]


start = pulls(photo)
total = sum(start.values())
dL_dx = total_loss(photo, goal, network, alpha, 1.0, w)[1]
error = np.abs(total - dL_dx).max() / np.abs(dL_dx).max()
print(f"the sum of the pictures is dL/dx, to rounding: {error:.0e}")
assert error < 1e-5
del start["content"]  # at x = p it is zero
show_pictures(
    [photo, *as_pictures(start)], ["x = p", *(f"-dE/dx, {l}" for l in start)], columns=3, width=2.2
)
print("strength (root mean square, largest = 1):")
rms = {l: np.sqrt(np.mean(part**2)) for l, part in start.items()}
print(*(f"  {l} {value / max(rms.values()):.3f}" for l, value in rms.items()), sep="\n")

# %% [markdown]
# *What each style layer wants of the photograph, $-\partial E_l / \partial x$, each on its own
# scale around gray.*
#
# `conv1_1` sees 3 pixels: it wants other colors all over (a woodcut has no such fawn) and darker
# lines where there is a contrast. `conv2_1` sharpens every edge. In `conv3_1` the colors come in
# patches. `conv4_1` and `conv5_1` begin to *carve*: short parallel strokes, black and white, where
# whiskers and fur offer a hold. Nobody wants to move the eye.
#
# How far does one position of a layer reach? Ask a single one: set $\partial E_l / \partial F^l$ to
# zero everywhere but in one column of $F^l$, and go back. What comes out can be as large as the
# layer's receptive field and no larger ([section 1.1](01_what_a_network_sees.ipynb)).

# %%
F, tape = vgg.forward(network64, p64, style_layers)  # the fast float32 rounds in tiles
single, titles = [], []
for l in style_layers:
    _, dE_dF = style_layer_loss(F[l], goal64.A[l])
    H, W = (n // 2 ** (int(l[4]) - 1) for n in photo.shape[:2])
    k = (H // 2) * W + W // 2  # the position in the middle
    one = np.zeros_like(dE_dF)
    one[:, k] = dE_dF[:, k]
    dx = down_from(l, one, tape, network64)
    rows, columns = np.nonzero(np.abs(dx).max(axis=2) > 0)
    reach = np.ptp(rows) + 1, np.ptp(columns) + 1
    single.append(128 - dx * (100 / np.abs(dx).max()))
    titles.append(f"{l}: {reach[1]} × {reach[0]}")
show_pictures(single, titles, columns=5, width=1.6)

# %% [markdown]
# *What one position in the middle of each style layer wants, and the pixels that it reaches.*
#
# ## 7.5 Where it comes to rest
#
# At the minimum the derivative is zero, but its parts are not:
#
# $$\alpha\, \frac{\partial \mathcal{L}_\text{content}}{\partial x}
# = - \beta\, \frac{\partial \mathcal{L}_\text{style}}{\partial x} .$$
#
# Each pixel is pulled with equal strength in opposite directions. See it at the end of a long run:


# %% tags=["varies"]
def minimize(x, goal, alpha, w, iterations):
    def f_and_g(x):
        return total_loss(x, goal, network, alpha, 1.0, w)[:2]

    return lbfgs(f_and_g, x, (0, 255), lambda *_: None, iterations)[0]


x_end = minimize(photo, goal, alpha, w, 250)
end = pulls(x_end)
content = end.pop("content")
styles = sum(end.values())
free = (x_end > 0) & (x_end < 255)  # the others lean against a bound
cosine = np.sum(content[free] * styles[free]) / (
    np.linalg.norm(content[free]) * np.linalg.norm(styles[free])
)
scale = 50 / np.std(content)
show_pictures(
    [x_end, 128 - scale * content, 128 - scale * styles, 128 - scale * (content + styles)],
    ["x at the end", "content pulls", "style pulls", "both together"],
    columns=4,
)
print(f"cosine between the two, where no bound holds a pixel: {cosine:.3f}")
left = np.linalg.norm((content + styles)[free]) / np.linalg.norm(content[free])
print(f"strength of the sum, beside that of the content alone: {left:.2f}")

# %% [markdown]
# The two pictures in the middle are each other's negative: wherever the content asks for brighter,
# the style asks for darker, equally loud. What is left of their sum is what 250 iterations have not
# yet settled. This is what "in the style of" means in this paper: not a filter laid over a
# photograph, but two demands on every pixel, in balance.
#
# ## 7.6 The price of style
#
# Each ratio has its minimum, with a content loss $C$ (per element) and a style loss $S$. What
# happens between two of them? At the minimum $\alpha \nabla C + \beta \nabla S = 0$. Change the
# ratio a little; the minimum moves by some $dx$, and
#
# $$dS = \nabla S^T dx = -\frac{\alpha}{\beta}\, \nabla C^T dx = -\frac{\alpha}{\beta}\, dC
# \qquad\Longrightarrow\qquad \frac{dS}{dC} = -\frac{\alpha}{\beta} .$$
#
# **$\alpha / \beta$ is the exchange rate**: how much style one buys for a unit of content, at the
# point where the picture rests. Even for two minima far apart the rate between them lies between
# their two ratios (exercise 3).

# %%
ratios = [3.0, 1.0, 0.3, 0.1, 0.03]
bought = {}
x = photo
for ratio in ratios:  # each run goes on from the last one
    x = minimize(x, goal, ratio / goal.P[content_layer].size, w, 100)
    _, _, terms = total_loss(x, goal, network, 1.0 / goal.P[content_layer].size, 1.0, w)
    C = terms.pop(f"content {content_layer}")
    bought[ratio] = x, C, sum(terms.values())
print("  ratio   C per element        S   -(change of S) / (change of C)")
for ratio, after in zip(ratios, [*ratios[1:], None], strict=True):
    _, C, S = bought[ratio]
    rate = f"{(S - bought[after][2]) / (bought[after][1] - C):.2g}" if after else ""
    print(f"{ratio:7g} {C:15.4f} {S:8.4g}   {rate}")
    assert after is None or after < float(rate) < ratio
show_pictures([x for x, *_ in bought.values()], [f"ratio {r:g}" for r in ratios], width=1.7)

# %% jupyter={"source_hidden": true} tags=["hide-input"]
_, axis = plt.subplots(figsize=(5, 3))
C, S = np.array([values[1:] for values in bought.values()]).T
axis.plot(C, S, color="#000000")
for ratio, c, s in zip(ratios, C, S, strict=True):
    axis.annotate(f"{ratio:g}", (c, s), textcoords="offset points", xytext=(6, 5))
    reach = 0.25 * (C.max() - C.min()) / np.hypot(1, ratio * np.ptp(C) / np.ptp(S)) / 2
    over = np.array([c - reach, c + reach])
    axis.plot(over, s - ratio * (over - c), color="#D55E00", marker="", lw=1)
axis.set(xlabel="content loss per element", ylabel="style loss", ylim=(0, 1.1 * S.max()))
plt.show()

# %% [markdown]
# *Content loss against style loss of the pictures above. The orange lines have the slope -ratio.*
#
# The measured rates lie between the two ratios, all four, though nobody has told the optimizer.
# (That is more than we had a right to expect: the argument is about lowest points, and ours are
# places where a walk came to rest.) Style is cheap at first: from the top left a little content
# buys much of it. At the right the face is nearly spent, and hardly any style is left to be had for
# it.
#
# ## 7.7 Figure 3
#
# The paper's Figure 3 is a table of pictures: from top to bottom more style layers, from left to
# right more weight of the content. A small one:

# %%
rows = [style_layers[:1], style_layers[:3], style_layers]
columns = [1e-3, 1e-2, 1e-1, 1]
cells, titles = [], []
for layers_used in rows:
    A = {l: goal.A[l] for l in layers_used}
    part, equal = Targets(goal.P, A), dict.fromkeys(layers_used, 1 / len(layers_used))
    for ratio in columns:
        cells.append(minimize(photo, part, ratio / goal.P[content_layer].size, equal, 50))
        titles.append(f"to {layers_used[-1]}, {ratio:g}")
show_pictures(cells, titles, columns=4, width=1.8)

# %% [markdown]
# *[Gatys et al. 2015, Fig. 3] in small: 96 × 64 pixels, 50 iterations from the photograph. Rows:
# `conv1_1`; `conv1_1` to `conv3_1`; all five. Columns: ratio.*
#
# *From top to bottom*: with `conv1_1` alone the photograph is tinted, in patches. Up to `conv3_1`
# the patches get smooth borders and the fur becomes lines. With all five layers whole forms of the
# woodcut appear: the nose becomes its red sun. *From left to right*: the photograph comes back. And
# the two depend on each other: the same ratio leaves more of the photograph in the first row,
# because a style that sees 3 pixels does not contradict a content that lies in forms.
#
# ## 7.8 Exercises
#
# **1.** What is the minimum if $a = p$, the photograph in its own style? Is it the only one?
#
# <details><summary>Solution</summary>
#
# $x = p$ makes both losses zero, and none is negative. Other pictures may do so, too: at conv4_2
# and in five Gram matrices not every pixel can be told
# ([exercise 2 of notebook 2](02_the_content_loss.ipynb)).
#
# </details>
#
# **2.** With $w_l = 1/5$ the layers do not pull with equal strength (section 7.4). Choose $w_l$ so
# that at $x = p$ they do. What changes in the picture?
#
# <details><summary>Solution</summary>
#
# $w_l \propto 1 / \operatorname{rms}(\partial E_l / \partial x)$, scaled so that they add up to 1.
# The cell below shows both. `conv2_1` and `conv3_1` get more, the others about half, and yet the
# picture changes little: who pulls hardest at the start is not who is still pulling at the end.
#
# </details>
#
# **3.** Let $x_1$ be a minimum for $\alpha_1$ and $x_2$ one for $\alpha_2 < \alpha_1$
# ($\beta = 1$), with $C_2 > C_1$. Show that
# $\alpha_2 \le \frac{S_1 - S_2}{C_2 - C_1} \le \alpha_1$.
#
# <details><summary>Solution</summary>
#
# $x_1$ is at least as good as $x_2$ for $\alpha_1$: $\alpha_1 C_1 + S_1 \le \alpha_1 C_2 + S_2$, so
# $S_1 - S_2 \le \alpha_1 (C_2 - C_1)$. And $x_2$ at least as good as $x_1$ for $\alpha_2$:
# $\alpha_2 C_2 + S_2 \le \alpha_2 C_1 + S_1$, so $\alpha_2 (C_2 - C_1) \le S_1 - S_2$. Divide by
# $C_2 - C_1$. No derivative is needed.
#
# </details>
#
# **4.** A program divides the Gram matrix by $N M$ and takes the *mean* of $(G - A)^2$ over the
# $N^2$ entries, $E' = \frac{1}{N^2} \sum_{ij} \left( \frac{G_{ij} - A_{ij}}{N M} \right)^2$. Which
# $\beta'_l$ gives the same picture as the paper's $\beta\, w_l$?
#
# <details><summary>Solution</summary>
#
# $E' = \frac{1}{N^4 M^2} \sum (G - A)^2 = \frac{4}{N^2} E_l$, so
# $\beta'_l = \beta\, w_l\, N_l^2 / 4$: another factor for each layer.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The solutions, checked.
own = targets(photo, photo, network, [content_layer], style_layers)
assert total_loss(photo, own, network, alpha, 1.0, w)[0] < 1e-6  # 1: zero but for rounding

even = {l: 1 / value for l, value in rms.items()}  # 2
even = {l: value / sum(even.values()) for l, value in even.items()}
show_pictures(
    [minimize(photo, goal, alpha, w, 60), minimize(photo, goal, alpha, even, 60)],
    ["w = 1/5 each", "equal pulls"],
    width=2.2,
)
print("w_l for equal pulls:", ", ".join(f"{l} {value:.3f}" for l, value in even.items()))

F_, A_ = rng.random((4, 9)), np.cov(rng.random((4, 9)))  # 4
other = np.mean(((F_ @ F_.T - A_) / (4 * 9)) ** 2)
assert np.isclose(other, 4 / 4**2 * style_layer_loss(F_, A_)[0], rtol=1e-12)

import sympy  # 7.6, on a case that can be solved: C = |x|^2 / 2, S = |x - q|^2 / 2

r_, q_ = sympy.symbols("r q", positive=True)
x_ = q_ / (1 + r_)  # the minimum of r C + S
C_, S_ = x_**2 / 2, (x_ - q_) ** 2 / 2
assert sympy.simplify(sympy.diff(S_, r_) / sympy.diff(C_, r_) + r_) == 0
print("The solutions are right.")

# %% [markdown]
# ## References
#
# - L. A. Gatys, A. S. Ecker, M. Bethge,
#   [A Neural Algorithm of Artistic Style](https://arxiv.org/abs/1508.06576), 2015: eq. 7, Figures 2
#   and 3.
# - The same, Image Style Transfer Using Convolutional Neural Networks, CVPR 2016.
# - Y. Jing and others, [Neural Style Transfer: A Review](https://arxiv.org/abs/1705.04058), 2017:
#   what came afterward.
# - The code: [objective.py](../nst_numpy/objective.py),
#   [stylize.py](../nst_numpy/transfer/stylize.py). The photograph: Stefan van der Walt, CC0.
