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
# # 5. Checking a gradient
#
# A loss with a wrong derivative does not crash. It runs, the picture changes, the curve goes down
# for a while, and the result is a little worse than it should be; nobody notices for months. This
# notebook builds the instrument that notices: a few lines that compare a hand-written derivative
# with differences of the function's own values. Then we break the package in five ways and watch.
#
# **What you will be able to do**
#
# - derive how far a forward and a central difference are off, and which step $h$ is best;
# - explain the V that every plot of error against step shows, in float64 and in float32;
# - check a derivative with respect to thousands of pixels by two evaluations of the loss;
# - say what a *relative* tolerance of $10^{-6}$ promises and what it does not;
# - recognize the mark that a kink leaves, and tell it from a bug;
# - design a check that does not pass by accident.
#
# **Prerequisites**: Taylor's formula; floating-point numbers have about 16 (float64) or 7 (float32)
# decimal digits; [notebook 4](04_backpropagation.ipynb) for what is being checked.
#
# **Time**: about 45 minutes. Before: [4. Backpropagation by hand](04_backpropagation.ipynb).

# %% jupyter={"source_hidden": true} tags=["hide-input"]
from unittest.mock import patch

import matplotlib.pyplot as plt
import numpy as np
import sympy
from matplotlib.colors import ListedColormap

from nst_numpy import backend, gradcheck, layers, load_network, vgg
from nst_numpy.gradcheck.checker import TOLERANCE
from nst_numpy.gradcheck.row import DerivativeRow, check_row
from nst_numpy.gradcheck.table import rows
from nst_numpy.losses import style_layer_loss

BLUE, ORANGE, RED, GREEN = "#0072B2", "#E69F00", "#D55E00", "#009E73"
plt.rcParams.update({"figure.dpi": 100, "font.size": 9, "axes.titlesize": 9})
rng = np.random.default_rng(0)

# %% [markdown]
# ## 1. Two difference quotients
#
# The derivative is the limit of $(f(x+h) - f(x))/h$. A computer cannot go to the limit; it takes
# some small $h$. How far off is that? Taylor's formula says
#
# $$f(x \pm h) = f \pm h f' + \tfrac{h^2}{2} f'' \pm \tfrac{h^3}{6} f''' + \cdots$$
#
# so that
#
# $$\frac{f(x+h)-f(x)}{h} = f' + \frac{h}{2} f'' + \cdots
# \qquad\qquad
# \frac{f(x+h)-f(x-h)}{2h} = f' + \frac{h^2}{6} f''' + \cdots$$
#
# In the second, the *central* difference, everything even cancels. It costs one more evaluation and
# its error falls with $h^2$ instead of $h$.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Check of the two expansions: with f = exp at 0 all derivatives are 1.
h = sympy.symbols("h", positive=True)
forward = sympy.series((sympy.exp(h) - 1) / h, h, 0, 2).removeO()
central = sympy.series((sympy.exp(h) - sympy.exp(-h)) / (2 * h), h, 0, 3).removeO()
assert sympy.expand(forward - 1 - h / 2) == 0
assert sympy.expand(central - 1 - h**2 / 6) == 0


# %%
def forward_difference(f, x, h):
    return (f(x + h) - f(x)) / h


def central_difference(f, x, h):
    return (f(x + h) - f(x - h)) / (2 * h)


for h in (0.1, 0.01, 0.001):
    forward = forward_difference(np.exp, 1.0, h) / np.e - 1
    central = central_difference(np.exp, 1.0, h) / np.e - 1
    print(f"h = {h:5}   relative error: forward {forward:.1e}, central {central:.1e}")

# %% [markdown]
# Ten times smaller a step, ten times smaller an error for one, a hundred times for the other. So:
# as small a step as possible?
#
# ## 2. The V
#
# No, because $f$ itself is computed with rounding. Each value carries an error of up to
# $\varepsilon |f|$, where $\varepsilon = 2^{-53} \approx 1.1\cdot 10^{-16}$ in float64 and
# $2^{-24} \approx 6\cdot 10^{-8}$ in float32. The difference of two nearly equal values keeps these
# errors and loses everything else, and then we *divide by $h$*. Both errors together, for the
# central difference:
#
# $$e(h) \;\approx\; \underbrace{\frac{h^2}{6}\,|f'''|}_{\text{truncation}} \;+\;
#   \underbrace{\frac{\varepsilon |f|}{h}}_{\text{rounding}}$$
#
# One grows with $h$, the other shrinks. At the minimum
# $e'(h) = \frac{h}{3}|f'''| - \varepsilon|f|/h^2 = 0$, hence
#
# $$h^* = \sqrt[3]{3\,\varepsilon\,|f|/|f'''|}
# \qquad\text{and}\qquad
# e(h^*) = \tfrac12 \left(3\,\varepsilon |f|\right)^{2/3} |f'''|^{1/3} .$$
#
# When $f$ and $f'''$ are of the size of 1, that is $h^* \approx \varepsilon^{1/3}$ and an error of
# $\varepsilon^{2/3}$. **Two thirds of the digits are the most one can get: some 11 of 16 in
# float64, 4 or 5 of 7 in float32.** For the forward difference the same computation gives
# $\varepsilon^{1/2}$: half of the digits (exercise 1).

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Check of the two formulas.
h, eps, f0, f3 = sympy.symbols("h epsilon f f3", positive=True)
error = h**2 / 6 * f3 + eps * f0 / h
best = sympy.cbrt(3 * eps * f0 / f3)
assert sympy.simplify(sympy.diff(error, h).subs(h, best)) == 0
predicted = (3 * eps * f0) ** sympy.Rational(2, 3) * sympy.cbrt(f3) / 2
assert sympy.simplify(error.subs(h, best) - predicted) == 0

# %% [markdown]
# Measured, on $e^x$ at $x = 1$, in both precisions, with the prediction as a dashed line:

# %%
steps = 10 ** np.arange(-15, 0.01, 0.1)


def errors(difference, f, x, truth, steps=steps):
    """Relative error of a difference quotient for each step, in the precision of x."""
    values = [float(difference(f, x, x.dtype.type(h))) for h in steps]
    return np.abs(np.array(values) / truth - 1)


x64, x32 = np.float64(1), np.float32(1)
V = {
    (name, x.dtype.name): errors(difference, np.exp, x, np.e)
    for name, difference in [("forward", forward_difference), ("central", central_difference)]
    for x in (x64, x32)
}


# %% jupyter={"source_hidden": true} tags=["hide-input"]
def v_axes(ax, title):
    ax.set(xscale="log", yscale="log", title=title, ylim=(1e-13, 10))
    ax.set(xlabel="step h (units of x)", ylabel="relative error of the difference")
    ax.grid(color="lightgray", lw=0.5)


figure, axes = plt.subplots(1, 2, figsize=(8.2, 3.4), sharey=True, layout="constrained")
for ax, dtype, eps in [(axes[0], "float64", 2.0**-53), (axes[1], "float32", 2.0**-24)]:
    ok = steps > eps / 4  # below, x + h is x
    for name, color, marker, truncation in [
        ("forward", ORANGE, "s", steps / 2),
        ("central", BLUE, "o", steps**2 / 6),
    ]:
        e = V[name, dtype]
        ax.plot(steps[ok], e[ok], marker, color=color, ms=2.5, label=name)
        rounding = eps / steps * (2 if name == "forward" else 1)
        ax.plot(steps[ok], (truncation + rounding)[ok], "--", color=color, lw=1)
    v_axes(ax, f"exp at 1, {dtype}")
axes[0].legend(title="difference")
plt.show()

# %% [markdown]
# The right arm of each V is mathematics, smooth and of slope 1 or 2. The left arm is rounding:
# ragged, of slope $-1$. (The dots scatter, because a rounding error may be anything up to its
# bound; the rounding of $x \pm h$ adds another of the same size.) Read off what a careless choice
# costs: with $h = 10^{-13}$ in float64 the central difference is *worse* than with $h = 10^{-2}$.
# In float32 there is no good step at all.
#
# Now a loss of the paper. Eq. 4 is a polynomial of degree four in $F$; along a direction $v$,
# $f(t) = E_l(F + t v)$ is a function of one variable, with the derivative
# $\langle \partial E_l/\partial F,\, v\rangle$ from eq. 6.

# %%
F, v = rng.standard_normal((4, 9)), rng.standard_normal((4, 9))  # (N, M)
A = 9 * np.eye(4)
E, dE_dF = style_layer_loss(F, A)
slope = np.sum(dE_dF * v)


def along(dtype):
    """t -> E(F + t v), with everything in that precision."""
    F_, v_, A_ = (array.astype(dtype) for array in (F, v, A))
    return lambda t: dtype(style_layer_loss(F_ + t * v_, A_)[0])


V_style = {
    dtype.__name__: errors(central_difference, along(dtype), dtype(0), slope)
    for dtype in (np.float64, np.float32)
}

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(5.2, 3.4), layout="constrained")
for (dtype, e), color, marker in zip(V_style.items(), (BLUE, RED), ("o", "^"), strict=True):
    ax.plot(steps, e, marker, color=color, ms=3, label=dtype)
ax.axhline(TOLERANCE, color="black", lw=1, ls=":")
ax.text(1.5e-15, TOLERANCE / 2, "tolerance of\nthe package", fontsize=8, va="top")
ax.axvline(1e-5, color="gray", lw=1, ls="--")
ax.text(1.3e-5, 2e-13, "h of the package", fontsize=8, color="gray")
v_axes(ax, "eq. 4 along a direction, central difference")
ax.legend(loc="upper right")
plt.show()

# %% [markdown]
# In float64 every step from $10^{-9}$ to $10^{-4}$ stays below the tolerance, and $h = 10^{-5}$
# lies well inside. In float32 the very best steps come to some parts in $10^5$, and most do not;
# the triangles at an error of exactly 1 are steps so small that the two values of the loss are
# equal. That is why `nst_numpy.gradcheck` *refuses* float32, and why every function of the package
# also works in float64: the fast float32 kernels are held against the float64 layers, and those
# against differences.
#
# ## 3. Many variables: one direction is enough
#
# A picture of 128 x 86 pixels has 33,024 numbers. One central difference for each of them: 66,048
# evaluations of the loss. Instead, step along *one* direction $v$ in which all pixels change at
# once. By the chain rule
#
# $$\frac{d}{dt} f(x + t v)\Big|_{t=0}
#   = \sum_i \frac{\partial f}{\partial x_i} v_i = \langle g, v\rangle ,$$
#
# so the difference along $v$ is to agree with a single inner product. Two evaluations, whatever the
# size of the picture.
#
# Does a single number not miss errors? Suppose that the code returns $g + e$ instead of the
# derivative $g$. The check sees $\langle e, v\rangle$. With independent normal entries $v_i$ this
# is a normal number with the standard deviation $\|e\|$: **a random direction sees an error
# anywhere, with its full size**, up to the luck of one normal number (exercise 4). An error of a
# thousand times the tolerance escapes with a probability of 0.08 %.


# %%
def directional(f_and_g, x, v, h=1e-5):
    """The derivative along v twice: from the code's g, and from differences of the code's f."""
    _, g = f_and_g(x)
    analytic = np.sum(g * v)
    numeric = (f_and_g(x + h * v)[0] - f_and_g(x - h * v)[0]) / (2 * h)
    return analytic, numeric


def relative(a, b):
    return abs(a - b) / max(abs(a), abs(b))


def style(F):
    return style_layer_loss(F, A)


analytic, numeric = directional(style, F, v)
print(f"analytic {analytic:.10f}")
print(f"numeric  {numeric:.10f}")

# %% [markdown]
# ### A direction that leans on the gradient
#
# There is one weakness. $\langle g, v\rangle$ is a normal number with the standard deviation
# $\|g\|$, and now and then it is nearly 0 by chance. Then the *relative* difference is large
# although nothing is wrong. The remedy: add to $v$ a part along $g$ itself, of the same size per
# entry,
#
# $$v = \text{random} + \frac{g}{\mathrm{rms}(g)}, \qquad
#   \langle g, v\rangle = \|g\|\,\big(\text{random} + \sqrt{n}\big) ,$$
#
# where the random number is standard normal, since $\|g\|^2/\mathrm{rms}(g) = \sqrt n\,\|g\|$ for
# $n$ numbers. The inner product is now $\sqrt n$ times as large, never near zero, and the rounding
# error stays what it was. On the whole objective (eq. 7, a picture of 38 x 33 pixels, the network
# that ships), 80 directions of each kind:

# %%
network = load_network("tiny")
checks = {row.name: (row.f_and_g, row.x) for row in rows(network) if isinstance(row, DerivativeRow)}
whole = next(name for name in checks if name.startswith("total_loss"))
f_and_g, x = checks[whole]
_, g = f_and_g(x)


def leaning(g, seed):
    return np.random.default_rng(seed).standard_normal(g.shape) + g / np.sqrt(np.mean(g * g))


def random_direction(g, seed):
    return np.random.default_rng(seed).standard_normal(g.shape)


found = {
    choose.__name__: [
        relative(*directional(f_and_g, x, choose(g, seed), h=1e-6)) for seed in range(80)
    ]
    for choose in (random_direction, leaning)
}

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(5.8, 2.6), layout="constrained")
bins = np.arange(-14, -5.9, 0.25)
names = {"random_direction": "random direction", "leaning": "leaning on g"}
for (name, e), color, hatch in zip(found.items(), (ORANGE, BLUE), ("//", ""), strict=True):
    ax.hist(
        np.log10(e),
        bins,
        color=color,
        alpha=0.65,
        hatch=hatch,
        ec="black",
        lw=0.5,
        label=names[name],
    )
ax.axvline(np.log10(TOLERANCE), color="black", ls=":")
ax.set(xlabel="relative difference of the two numbers, power of ten", ylabel="directions (of 80)")
ax.legend(title="v")
plt.show()

# %% [markdown]
# Better by about the factor $\sqrt n = 61$ that the formula promises, and without the tail to the
# right.
#
# It has a price. The difference that an error $e$ of the derivative causes is
# $\langle e, v\rangle$, and if $e$ is orthogonal to $g$, that is no larger than before, $\|e\|$. It
# is now compared with a number that is $\sqrt n$ times as large, so such an error looks $\sqrt n$
# times smaller. Therefore the package checks along both directions and reports the worse of the
# two. The difference along the random direction is compared with at least $\|g\|$, the typical size
# of $\langle g, v\rangle$, so that a direction with $\langle g, v\rangle \approx 0$ does no harm.

# %%
check = gradcheck(f_and_g, x, step=1e-6, seed=3)
both = [directional(f_and_g, x, choose(g, 3), h=1e-6) for choose in (random_direction, leaning)]
print("one of the two:", any(np.allclose((check.analytic, check.numeric), two) for two in both))
print("passed:        ", check.passed)

# %% [markdown]
# ## 4. What a relative tolerance means
#
# The two numbers $a$ and $b$ are compared by
#
# $$\frac{|a-b|}{\max(|a|, |b|, \|g\| \|v\| / \sqrt n)} < 10^{-6} .$$
#
# Why not by $|a - b|$? Because losses come in all sizes: a content loss may be $10^6$, a style loss
# $10^{-3}$, and multiplying a loss by 1000 makes its derivative neither righter nor wronger. A
# relative difference does not change with the units.
#
# What does a pass promise? Take $f(x) = \sum_i \sin x_i$ and break its derivative in two ways.
# First, make the *whole* derivative wrong by a factor $1+\delta$. Second, make *one single entry*
# wrong by 10 %, in arrays of more and more numbers.


# %%
def sines(x):
    return np.sum(np.sin(x)), np.cos(x)


def scaled(delta):
    return lambda x: (np.sum(np.sin(x)), (1 + delta) * np.cos(x))


def one_entry(x):
    f, g = sines(x)
    g[0] *= 1.1
    return f, g


deltas = 10.0 ** np.arange(-14, 0.1, 0.5)
point = rng.uniform(-1, 1, 30)
by_delta = [gradcheck(scaled(delta), point).error for delta in deltas]

sizes = (10 ** np.arange(1, 6.1, 0.25)).astype(int)
by_size = [gradcheck(one_entry, rng.uniform(-1, 1, n)).error for n in sizes]

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.1), layout="constrained")
left.loglog(deltas, by_delta, "o", color=BLUE, ms=4)
left.loglog(deltas, deltas, "--", color="gray", lw=1)
left.set(
    xlabel="everything wrong by the factor 1 + $\\delta$:  $\\delta$",
    ylabel="relative difference found",
)
right.loglog(sizes, by_size, "s", color=RED, ms=4)
right.loglog(sizes, 0.1 / np.sqrt(sizes), "--", color="gray", lw=1)
right.set(xlabel="one entry of n wrong by 10 %:  n", ylabel="relative difference found")
for ax in (left, right):
    ax.axhline(TOLERANCE, color="black", ls=":", lw=1)
    ax.axhspan(TOLERANCE, 1, color=GREEN, alpha=0.12, lw=0)
    ax.grid(color="lightgray", lw=0.5)
left.text(2e-14, 3e-6, "refused", fontsize=8)
left.text(2e-14, 2e-7, "passed", fontsize=8)
plt.show()

# %% [markdown]
# On the left, what the checker reports *is* the error, down to a floor where rounding takes over,
# which lies four decades below the tolerance. A derivative that is 0.1 % wrong misses the tolerance
# a thousandfold.
#
# On the right is the limit of an inner product. Along the random direction, a single wrong entry
# among $n$ is diluted to about $0.1/\sqrt n$ (dashed), up to the luck of one normal number; along
# the direction that leans on $g$ alone it would be $0.1/n$. In a hundred numbers it stands out by
# four decades, in a million by two. Rounding errors grow with the array, too. Hence the rule:
# **check on small arrays.** A wrong border pixel is one of 30 in a picture of 5 x 6, and a needle
# in a haystack in a photograph. The package checks its layers on 9 x 7
# pixels with four channels and its losses on feature maps of 4 x 9
# ([`table.py`](../nst_numpy/gradcheck/table.py)); nothing about a formula needs more.
#
# ## 5. Kinks
#
# A ReLU has no derivative at 0. A difference that steps across the kink reports a mixture of the
# two slopes. For $f(x) = \max(x, 0)$ and $|x| < h$ it is $(x+h)/(2h)$: a ramp of width $2h$ where
# the derivative has a jump.

# %%
x_line = np.linspace(-1, 1, 401)
ramps = {h: central_difference(layers.relu, x_line, h) for h in (0.5, 0.1, 0.01)}

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, ax = plt.subplots(figsize=(5.2, 2.4), layout="constrained")
for (h, values), color, style_ in zip(
    ramps.items(), (ORANGE, BLUE, "black"), (":", "--", "-"), strict=True
):
    ax.plot(x_line, values, style_, color=color, label=f"h = {h}", lw=1.6)
ax.set(xlabel="x", ylabel="central difference\nof max(x, 0)")
ax.legend()
plt.show()
assert np.allclose(ramps[0.5][150:250], (x_line[150:250] + 0.5) / 1.0)  # the ramp of the text

# %% [markdown]
# In a network there are thousands of ReLUs, and on a long step some of them switch. We can count
# them: the masks of $x + hv$ and of $x - hv$ are on the tapes. Below, the error of the whole
# objective against $h$, with the number of ReLUs that switched.

# %%
network64 = network.astype(np.float64)
v = leaning(g, 0)


def masks(x):
    """All ReLU masks of the network, one after the other."""
    _, tape = vgg.forward(network64, x, ["conv5_1"])
    return np.concatenate([saved.ravel() for _, _, saved in tape if saved is not None])


h_network = 10 ** np.arange(-10, 1.01, 0.2)
analytic = np.sum(g * v)
error_network = [relative(analytic, directional(f_and_g, x, v, h)[1]) for h in h_network]
switched = [np.sum(masks(x + h * v) != masks(x - h * v)) for h in h_network]

# %% jupyter={"source_hidden": true} tags=["hide-input"]
figure, (top, bottom) = plt.subplots(
    2, 1, figsize=(5.8, 4.4), sharex=True, height_ratios=[2, 1], layout="constrained"
)
smooth = np.array(switched) == 0
top.loglog(
    h_network[smooth],
    np.array(error_network)[smooth],
    "o",
    color=BLUE,
    ms=4,
    label="no ReLU switched",
)
top.loglog(
    h_network[~smooth],
    np.array(error_network)[~smooth],
    "^",
    color=RED,
    ms=5,
    label="some switched",
)
top.axhline(TOLERANCE, color="black", ls=":", lw=1, label="tolerance of the package")
top.axvline(1e-5, color="gray", ls="--", lw=1, label="h of the package")
top.set(ylabel="relative error", title="eq. 7 to the pixels, network `tiny`")
top.legend(fontsize=7)
bottom.semilogx(h_network, switched, "o-", color="black", ms=3, lw=0.8)
bottom.set(
    yscale="symlog",
    ylabel="ReLUs that\nswitched",
    xlabel="step h (gray levels of 0..255, per pixel)",
)
for ax in (top, bottom):
    ax.grid(color="lightgray", lw=0.5)
plt.show()

# %% [markdown]
# The blue points are the left arm of the V, and whatever of the right arm there is room for. Then,
# at some $h$, the first ReLU switches, and the error *jumps* by several decades. One ReLU of some
# 87,000 is enough. Each further one adds its share.
#
# This is how to tell a kink from a bug. **A bug stays when $h$ shrinks; a kink's error jumps
# away.** A wrong formula gives a horizontal line in this plot, at the height of its error. The
# package's check therefore uses a small step, and keeps its test points away from 0 on purpose
# (`off_the_kink` in [`layer_rows.py`](../nst_numpy/gradcheck/layer_rows.py)). Max pooling has the
# same kind of kink wherever two numbers of a block are equal.
#
# ## 6. Breaking the code on purpose
#
# A smoke detector is tested with smoke. Here are five bugs, each of which somebody has made in
# earnest. Each replaces one function of the package while the check runs.


# %%
def not_flipped(dy, K):
    """1. The kernel's channels are swapped, but it is not flipped."""
    return layers.convolution(dy, K.transpose(0, 1, 3, 2), np.zeros(K.shape[2]))


def reshaped(dy, K):
    """2. `reshape` where `transpose` is meant: the right shape, the wrong order."""
    _, _, C, N = K.shape
    return layers.convolution(dy, K[::-1, ::-1].reshape(3, 3, N, C), np.zeros(C))


def no_mask(dy, active):
    """3. The ReLU's mask is forgotten: the second case of eqs. 2 and 6."""
    return dy


def four_too_small(D, F, matmul=backend.symmetric_matmul):
    """4. The 4 of eq. 4 is carried over into eq. 6."""
    return matmul(D, F) / 4


def last_one_wins(network, dL_dF, tape, *settings, backward=vgg.backward_consuming):
    """5. On the way down, each layer's loss replaces what comes from above: = instead of +=."""
    k = next(k for k, (l, *_) in enumerate(tape) if l in dL_dF)  # the last on the way down
    l = tape[k][0]
    return backward(network, {l: dL_dF[l]}, tape[: k + 1], *settings)


bugs = {
    "no bug": (layers, "relu", layers.relu),
    "1 not flipped": (layers, "convolution_backward", not_flipped),
    "2 reshape for transpose": (layers, "convolution_backward", reshaped),
    "3 no ReLU mask": (layers, "relu_backward", no_mask),
    "4 a 4 too many": (backend, "symmetric_matmul", four_too_small),
    "5 = instead of +=": (vgg, "backward_consuming", last_one_wins),
}
columns = [
    "convolution",
    "relu",
    "average_pool",
    "content_loss",
    "content_loss and relu",
    "style_layer_loss",
    "style_layer_loss and relu",
    whole,
]
table = {}
for bug, (module, name, replacement) in bugs.items():
    with patch.object(module, name, replacement):
        table[bug] = [gradcheck(*checks[column]) for column in columns]

# %% jupyter={"source_hidden": true} tags=["hide-input"]
found = np.array([[check.error for check in row] for row in table.values()])
failed = np.array([[not check.passed for check in row] for row in table.values()])
figure, ax = plt.subplots(figsize=(8.2, 3.3), layout="constrained")
ax.imshow(failed, cmap=ListedColormap(["white", ORANGE]), vmin=0, vmax=1, aspect="auto")
for (i, j), error in np.ndenumerate(found):
    text = f"{error:.2g}" if failed[i, j] else "passes"
    weight, color = ("bold", "black") if failed[i, j] else ("normal", "gray")
    ax.text(j, i, text, ha="center", va="center", fontsize=9, fontweight=weight, color=color)
ax.set_yticks(range(len(bugs)), bugs)
ax.set_xticks(
    range(len(columns)),
    [
        c.replace("style_", "style_\n").replace(" and ", "\nand ").replace(" (", "\n(")
        for c in columns
    ],
    fontsize=7,
)
ax.tick_params(length=0)
ax.set_xticks(np.arange(len(columns)) + 0.5, minor=True)
ax.set_yticks(np.arange(len(bugs)) + 0.5, minor=True)
ax.grid(which="minor", color="gray", lw=0.5)
ax.tick_params(which="minor", length=0)
ax.set_title("relative difference, where the check refuses (orange)")
plt.show()

# %% [markdown]
# Every bug is caught, none near the tolerance. And the *pattern* tells where it sits. Bugs 1 and 2
# set off `convolution` and everything built on it; bug 3 the ReLU and all that contains one; bug 4
# the style loss. Bug 5 appears in the last column only: every part is right, and the whole is
# wrong, because they are put together wrongly. That is why one checks the parts *and* the whole.
# The number itself is a hint, too: 0.75 means that one is a quarter of the other.

# %% jupyter={"source_hidden": true} tags=["hide-input"]
assert not failed[0].any()
assert failed[1:].any(axis=1).all()
assert failed[:, -1].tolist() == [False] + [True] * 5
assert failed[5].sum() == 1
assert found[failed].min() > 1e3 * TOLERANCE
assert round(found[4, columns.index("style_layer_loss")], 3) == 0.75

# %% [markdown]
# ## 7. Checks that pass by accident
#
# The same bugs, at badly chosen points:

# %%
K, blur = rng.normal(size=(3, 3, 1, 1)), np.outer([1, 2, 1], [1, 2, 1])[..., None, None] / 16.0
r = rng.normal(size=(6, 6, 1))


def convolution_with(K):
    def f_and_g(x):
        return np.sum(layers.convolution(x, K, np.zeros(1)) * r), not_flipped(r, K)

    return f_and_g


def masked_content(x):
    F, P = layers.relu(x), 1.5
    return np.sum((F - P) ** 2) / 2, no_mask(F - P, F > 0)


x = rng.normal(size=(6, 6, 1))
print("not flipped, a random kernel:     ", gradcheck(convolution_with(K), x).passed)
print("not flipped, a symmetric kernel:  ", gradcheck(convolution_with(blur), x).passed)
print("no mask, x of both signs:         ", gradcheck(masked_content, x).passed)
print("no mask, x all positive:          ", gradcheck(masked_content, np.abs(x)).passed)

# %% [markdown]
# A blur is its own flip. A picture without negative numbers never needs the mask. So a good test
# point is *ugly*: random, of both signs, not square, of odd sizes, with different numbers of
# channels in and out, away from kinks.
#
# And one thing no such check can see at all. It compares $g$ with differences of $f$, both from the
# same code. If $f$ itself is wrong, say the mean color is not subtracted, or the kernel is flipped
# in the *forward* pass, then $g$ is the right derivative of the wrong function, and all lights are
# green. **The checker proves that $g$ belongs to $f$, not that $f$ is the paper's.** For that the
# package compares with an independent program, written from the formulas with another library
# ([`tests/helpers/jax_reference.py`](../tests/helpers/jax_reference.py)).
#
# ## 8. The whole package
#
# Every derivative of the package is one row in [`table.py`](../nst_numpy/gradcheck/table.py). On
# the command line, `nst-numpy gradcheck` goes through all of them, and so do the tests, which also
# make each of them 0.1 % wrong and demand that it is refused.

# %%
for row in rows(network):
    check = check_row(row)
    print(f"{row.name:30}{row.equation:22}{'passes' if check.passed else 'WRONG'}")

# %% [markdown]
# ## Exercises
#
# **1. The forward difference.** Its error is about $\frac h2 |f''| + 2\varepsilon |f|/h$. Find the
# best step and the error there.
#
# <details><summary>Solution</summary>
#
# $\frac12 |f''| = 2\varepsilon|f|/h^2$, hence $h^* = 2\sqrt{\varepsilon |f|/|f''|}$ and
# $e(h^*) = 2\sqrt{\varepsilon |f|\,|f''|}$: about $10^{-8}$ in float64. The valley in the first
# plot, orange, left.
#
# </details>
#
# **2. A better difference.** Combine the central differences $D(h)$ and $D(2h)$ so that the $h^2$
# terms cancel (Richardson). How does the error depend on $h$ now, and what is the best possible
# error in float64?
#
# <details><summary>Solution</summary>
#
# $D(h) = f' + c h^2 + O(h^4)$ and $D(2h) = f' + 4 c h^2 + O(h^4)$, so
# $(4 D(h) - D(2h))/3 = f' + O(h^4)$. The balance of $h^4$ and $\varepsilon/h$ gives
# $h^* \sim \varepsilon^{1/5} \approx 10^{-3}$ and an error of $\varepsilon^{4/5} \approx 10^{-13}$.
# It costs four evaluations, and its longer step meets more kinks.
#
# </details>
#
# **3. The complex step.** For an analytic $f$ that NumPy evaluates for complex numbers,
# $\operatorname{Im} f(x + ih)/h$ is a derivative *without* a difference [Squire & Trapp 1998].
# Expand it, and try $h = 10^{-100}$ on $e^x$. Why does it not help for our network?
#
# <details><summary>Solution</summary>
#
# $f(x+ih) = f + ihf' - \frac{h^2}{2} f'' - i\frac{h^3}{6}f''' + \cdots$, so
# $\operatorname{Im} f(x+ih)/h = f' - \frac{h^2}{6}f''' + \cdots$ Nothing is subtracted, so nothing
# cancels, and $h$ may be as small as one likes: `np.exp(1 + 1e-100j).imag / 1e-100` has all digits.
# But $\max(z, 0)$ has no meaning for complex $z$; a ReLU is not analytic.
#
# </details>
#
# **4. Bad luck.** The code's derivative is off by $e$. With which probability does a normal random
# direction see less than a tenth of $\|e\|$? Less than a thousandth?
#
# <details><summary>Solution</summary>
#
# $\langle e, v\rangle/\|e\|$ is standard normal, with the density $0.399$ at 0. So about
# $2 \cdot 0.1 \cdot 0.399 = 8\,\%$, and $0.08\,\%$. With two seeds the second becomes
# $6 \cdot 10^{-7}$.
#
# </details>
#
# **5. Why not $v = g$ alone?** It would make $\langle g, v\rangle$ as large as can be. Name a wrong
# derivative that it would always pass.
#
# <details><summary>Solution</summary>
#
# Let the true derivative be $g$, and let the code return $g' = g + e$ with $e$ orthogonal to $g'$.
# Then $\langle g, g'\rangle = \langle g' - e, g'\rangle = \langle g', g'\rangle$, and the check
# passes exactly. Such an error is nothing exotic: set any entries of a right derivative to 0, for
# example the border or one channel, and $e$ lives where $g'$ is zero. The random part of $v$ is
# what sees it.
#
# </details>
#
# **6. A loss that lies.** Somebody adds the total variation's derivative to `dL_dx`, but forgets to
# add the total variation to the loss. The picture looks smoother, as wanted. What will a line
# search say, and what the checker?
#
# <details><summary>Solution</summary>
#
# The checker refuses at once: $g$ is not the derivative of $f$. A line search follows $-g$ and
# measures $f$; near a minimum of $f$ plus variation, $-g$ leads nowhere or uphill for $f$, and the
# search gives up: "abnormal termination". Fixed-step descent would never notice. See notebook 6.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The solutions, checked.
h, eps, f0, f2 = sympy.symbols("h epsilon f f2", positive=True)
error = h / 2 * f2 + 2 * eps * f0 / h
best = 2 * sympy.sqrt(eps * f0 / f2)
assert sympy.simplify(sympy.diff(error, h).subs(h, best)) == 0
assert sympy.simplify(error.subs(h, best) - 2 * sympy.sqrt(eps * f0 * f2)) == 0


def richardson(h):
    return (4 * central_difference(np.exp, 1.0, h) - central_difference(np.exp, 1.0, 2 * h)) / 3


assert abs(richardson(1e-3) / np.e - 1) < 2e-12
assert abs(np.exp(1 + 1e-100j).imag / 1e-100 / np.e - 1) < 1e-15
z = rng.standard_normal(10**6)
assert abs(np.mean(np.abs(z) < 0.1) - 0.08) < 0.002
g_true = rng.normal(size=50)
g_wrong = np.where(np.arange(50) < 20, 0, g_true)
assert np.isclose(g_true @ g_wrong, g_wrong @ g_wrong, rtol=1e-12)

# %% [markdown]
# ## References
#
# - [Gatys et al. 2015] L. A. Gatys, A. S. Ecker, M. Bethge, "A Neural Algorithm of Artistic Style",
#   [arXiv:1508.06576](https://arxiv.org/abs/1508.06576).
# - [Nocedal, Wright 2006] "Numerical Optimization", Springer, chapter 8: differences and their
#   steps.
# - [Higham 2002] "Accuracy and Stability of Numerical Algorithms", SIAM, chapters 1 and 2.
# - [Squire, Trapp 1998] "Using complex variables to estimate derivatives of real functions", SIAM
#   Review 40.
