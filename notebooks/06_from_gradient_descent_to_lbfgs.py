# %% [markdown]
# # 6. From gradient descent to L-BFGS
#
# Equation 7 gives a number for every picture, and backpropagation its slope in every pixel. What
# remains is to walk downhill, in a space with as many dimensions as the picture has numbers. The
# paper says "gradient descent" and leaves it at that; its later version names L-BFGS. This notebook
# goes from the one to the other, first in two dimensions, where you can see every step.
#
# **What you will be able to do**
#
# - say why gradient descent zigzags, and how large its step may be;
# - read the curvature of a loss off two gradients (the secant equation), and derive the update of
#   BFGS that puts it to use;
# - build the two-loop recursion, which multiplies by a matrix of $n^2$ numbers that exists nowhere;
# - keep pixels between 0 and 255, and show why clipping the answer is not enough;
# - explain why a line search wants the loss to be the integral of its gradient, to many digits;
# - choose an optimizer for a style transfer, by a measurement;
# - explain how a preconditioner changes the path to the minimum, and why not the minimum.
#
# **Prerequisites**: [4. Backpropagation](04_backpropagation.ipynb) and
# [5. Checking a gradient](05_checking_a_gradient.ipynb); eigenvalues of a symmetric matrix;
# Taylor's formula in several variables.
#
# **Time**: about 75 minutes. Next: [7. Style transfer](07_style_transfer.ipynb).

# %%
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from figures import show_curves, show_pictures

from nst_numpy import content_loss, gradcheck, load_network, style_layer_loss, targets, total_loss
from nst_numpy.images.samples import sample_picture
from nst_numpy.optimizers import OPTIMIZERS, adam, gradient_descent, lbfgs, momentum
from nst_numpy.optimizers.lbfgs import two_loop
from nst_numpy.optimizers.line_search import evaluate_step, strong_wolfe
from nst_numpy.optimizers.preconditioner import matrix_power, pixel_preconditioner, precondition

np.set_printoptions(precision=5, suppress=True)
rng = np.random.default_rng(0)
FREE = (-np.inf, np.inf)  # no bounds

# %% [markdown]
# ## 6.1 The whole paper on two pixels
#
# Take a gray picture of two pixels, $x = (x_1, x_2)$, and the smallest network there is: one filter
# that answers with the pixel itself. So $F = (x_1 \; x_2)$, $N = 1$, $M = 2$. The Gram matrix is
# one number, $G = x_1^2 + x_2^2$, and equation 7 becomes
#
# $$L(x) = \frac{\alpha}{2} \big( (x_1 - p_1)^2 + (x_2 - p_2)^2 \big)
# + \frac{1}{16} \big( x_1^2 + x_2^2 - A \big)^2, \qquad
# g = \frac{\partial L}{\partial x} = \alpha\,(x - p) + \tfrac{1}{4}\,(G - A)\, x .$$
#
# The style wants $x$ on a circle; the content pulls it along the circle toward $p$. With the
# functions of notebooks 2 and 3 ($\beta = 1$):


# %%
def two_pixels(p, a, alpha=200.0):
    """Eq. 7 for a picture of two pixels that is its own feature map."""
    P, A = p[None], np.sum(a * a)[None, None]  # (1, 2), (1, 1)

    def f_and_g(x):
        C, dC_dF = content_loss(x[None], P)
        E, dE_dF = style_layer_loss(x[None], A)
        return alpha * C + E, (alpha * dC_dF + dE_dF)[0]

    return f_and_g


p, a = np.array([180.0, 60.0]), np.array([120.0, 160.0])
loss = two_pixels(p, a)
start = np.array([60.0, 240.0])
print("loss and derivative at the start:", loss(start))

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The two formulas above and the second derivative below, checked by sympy.
import sympy
from matplotlib.patches import Rectangle

x_ = sympy.Matrix(sympy.symbols("x1 x2"))
p_ = sympy.Matrix(sympy.symbols("p1 p2"))
A_, alpha_ = sympy.symbols("A alpha")
G_ = x_.dot(x_)
L_ = alpha_ / 2 * (x_ - p_).dot(x_ - p_) + (G_ - A_) ** 2 / 16
g_ = alpha_ * (x_ - p_) + (G_ - A_) * x_ / 4
B_ = (alpha_ + (G_ - A_) / 4) * sympy.eye(2) + x_ * x_.T / 2
assert all(sympy.expand(sympy.diff(L_, v) - s) == 0 for v, s in zip(x_, g_, strict=True))
assert (sympy.hessian(L_, list(x_)) - B_).expand() == sympy.zeros(2)
numbers = {alpha_: 200, A_: 40000, p_[0]: 180, p_[1]: 60, x_[0]: 60, x_[1]: 240}
assert np.isclose(float(L_.subs(numbers)), loss(start)[0], rtol=1e-12)
assert np.allclose(np.array(g_.subs(numbers), float).ravel(), loss(start)[1], rtol=1e-12)


def landscape(axis, loss, lowest, extent=(0, 255, 0, 255)):
    """Contours of the loss above its lowest value; two of them are a factor of ten."""
    x1, x2 = np.linspace(*extent[:2], 121), np.linspace(*extent[2:], 121)
    f = np.array([[loss(np.array([u, v]))[0] for u in x1] for v in x2])
    levels = 10 ** np.arange(4, 9.5, 0.5)
    axis.contour(x1, x2, f - lowest, levels=levels, colors="#999999", linewidths=0.6)
    axis.set(xlabel="x1 (gray level)", ylabel="x2", aspect="equal")
    axis.grid(False)


def show_paths(loss, minimum, paths, extent=(0, 255, 0, 255), width=2.7, lowest=None):
    """One map for each path: {title: points}; the star is the minimum."""
    lowest = loss(minimum)[0] if lowest is None else lowest
    size = (width * len(paths), width + 0.3)
    _, axes = plt.subplots(1, len(paths), figsize=size, squeeze=False)
    for axis, (title, points) in zip(axes.flat, paths.items(), strict=True):
        landscape(axis, loss, lowest, extent)
        axis.add_patch(Rectangle((0, 0), 255, 255, fill=False, color="#666666", lw=0.8))
        axis.plot(*np.transpose(points), color="#0072B2", marker="o", markersize=3, lw=1)
        axis.plot(*minimum, color="#D55E00", marker="*", markersize=10)
        axis.set(title=title, xlim=extent[:2], ylim=extent[2:])
    for axis in axes.flat[1:]:
        axis.set_ylabel("")
    plt.show()


# %% [markdown]
# ## 6.2 Gradient descent
#
# Downhill is where $-g$ points. Take a step of fixed size $t$, and again:
#
# $$x \leftarrow x - t\, g .$$


# %%
def descend(f_and_g, x, t, iterations):
    path = [x]
    for _ in range(iterations):
        x = x - t * f_and_g(x)[1]
        path.append(x)
    return np.array(path)


minimum = lbfgs(loss, start, FREE, lambda *_: None, 100)[0]
steps = {t: descend(loss, start, t, 40) for t in (1e-5, 5e-5, 1e-4)}
paths = {
    f"t = {t:g}: L - L* = {loss(x[-1])[0] - loss(minimum)[0]:.0f}": x for t, x in steps.items()
}
show_paths(loss, minimum, paths)

# %% [markdown]
# *Gradient descent on two pixels, 40 steps each, from the same start to the star. Gray: lines of
# equal loss. L - L\* is how far the loss at the end lies above the lowest.*
#
# A valley, steep across and flat along. The small step creeps. The middle one runs down the slope
# at once and then creeps along the valley's floor. The large one comes furthest, but it is thrown
# from one wall to the other; a little larger, and it would never settle.
#
# Why? Near the minimum $x^*$ the loss is its Taylor polynomial, and only the matrix $B$ of second
# derivatives matters (for our two pixels
# $B = \big(\alpha + \tfrac14 (G - A)\big)\, I + \tfrac12\, x x^T$):
#
# $$L(x) \approx L(x^*) + \tfrac12 (x - x^*)^T B\, (x - x^*), \qquad g \approx B\,(x - x^*) .$$
#
# One step turns the error $e = x - x^*$ into $e - t B e = (I - t B)\, e$. Along an eigenvector of
# $B$ with the eigenvalue $\lambda$ (the curvature in that direction) it is multiplied by
# $1 - t \lambda$ each time. Therefore
#
# - it converges only if $|1 - t\lambda| < 1$ for *every* $\lambda$, that is $t < 2 / \lambda_\max$:
#   **the steepest direction limits the step**;
# - the flattest direction then shrinks by $1 - t \lambda_\min$ only;
# - the best compromise makes the two extremes equal, $t\lambda_\max - 1 = 1 - t\lambda_\min$:
#
# $$t = \frac{2}{\lambda_\min + \lambda_\max}, \qquad
# |1 - t\lambda| \le \frac{\kappa - 1}{\kappa + 1}, \qquad
# \kappa = \frac{\lambda_\max}{\lambda_\min} .$$


# %%
def second_derivative(x, alpha=200.0):
    G, A = x @ x, a @ a
    return (alpha + (G - A) / 4) * np.eye(2) + np.outer(x, x) / 2


curvatures = np.linalg.eigvalsh(second_derivative(minimum))
kappa = curvatures[1] / curvatures[0]
print(f"curvatures {curvatures[0]:.0f} and {curvatures[1]:.0f}: kappa = {kappa:.0f}")
print(f"largest step 2 / {curvatures[1]:.0f} = {2 / curvatures[1]:.2g}")
print(f"best factor of the error in one step: {(kappa - 1) / (kappa + 1):.3f}")
print(f"steps until a tenth of the error is left: {np.log(0.1) / np.log(1 - 2 / (kappa + 1)):.0f}")

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The best step and its factor, checked: symbolically, and as the largest of the two factors.
low_, high_, t_ = sympy.symbols("l h t", positive=True)
(best_,) = sympy.solve(t_ * high_ - 1 - (1 - t_ * low_), t_)
assert sympy.simplify(best_ - 2 / (low_ + high_)) == 0
assert sympy.simplify((1 - best_ * low_) - (high_ / low_ - 1) / (high_ / low_ + 1)) == 0
tried = np.linspace(0, 2 / curvatures[1], 20001)
worst = np.abs(1 - np.outer(tried, curvatures)).max(axis=1)
assert np.isclose(tried[worst.argmin()], 2 / curvatures.sum(), rtol=1e-3)
assert np.isclose(worst.min(), (kappa - 1) / (kappa + 1), rtol=1e-3)

# %% [markdown]
# $\kappa$, the **condition number**, is all that counts. And what is it for a real picture? Nobody
# can write down $B$ for the 4,608 numbers of a picture of 48 × 32 pixels, let alone for a large
# one. But nobody has to: two gradients are enough to see $B$ at work on a vector $v$,
#
# $$B v \approx \frac{g(x + h v) - g(x - h v)}{2 h} .$$
#
# Multiply a random vector by $B$ again and again (power iteration), and it turns into the direction
# of the largest curvature:

# %%
network = load_network("tiny")
style_layers = ["conv1_1", "conv2_1", "conv3_1", "conv4_1", "conv5_1"]
w = dict.fromkeys(style_layers, 1 / 5)


def job(size, dtype=np.float32, style="mosaic", ratio=3e-3):
    """Eq. 7 for a photograph and a style that ship: (the photograph, x -> L, dL/dx, terms)."""
    p, a = (sample_picture(name, size).astype(dtype) for name in ("chelsea", style))
    net = network.astype(dtype)
    goal = targets(p, a, net, ["conv4_2"], style_layers)
    alpha = ratio / goal.P["conv4_2"].size
    return p, lambda x, tv=0.0: total_loss(x, goal, net, alpha, 1.0, w, tv)


photo, terms_of = job(48, np.float64)
x_late = lbfgs(lambda x: terms_of(x)[:2], photo, (0, 255), lambda *_: None, 40)[0]


def curvature_along(v, x, h=1e-3):
    """v^T B v / v^T v, and B v, from two gradients."""
    v = v / np.sqrt(np.mean(v * v))  # h is then in gray levels
    Bv = (terms_of(x + h * v)[1] - terms_of(x - h * v)[1]) / (2 * h)
    return np.sum(v * Bv) / np.sum(v * v), Bv


v = rng.standard_normal(x_late.shape)
print(f"in a random direction: {curvature_along(v, x_late)[0]:.2g}")
for _ in range(12):
    curvature, v = curvature_along(v, x_late)
print(f"the largest found:     {curvature:.2g}")

# %% [markdown]
# For a random $v$ the quotient $v^T B v / v^T v$ is about the *mean* of all curvatures, and the
# smallest is no larger than the mean. So here $\kappa$ is many hundreds at least, and gradient
# descent would need as many steps for each further digit. No step size cures that: the valley has
# to be made rounder.
#
# ## 6.3 Two remedies of deep learning
#
# **Momentum** lets a ball roll: $v \leftarrow \mu v - t g$, $x \leftarrow x + v$. Across the valley
# the pushes cancel, along it they add up. **Adam** gives each pixel a step size of its own, from
# how large its derivative usually is. The package has both, and a gradient descent that finds its
# own $t$ (it grows while the loss falls, and is halved where the loss would rise):


# %%
def path_of(optimizer, loss, start, bounds=FREE, iterations=40):
    points = []
    optimizer(loss, start, bounds, lambda i, x, f: points.append(x), iterations)
    return np.array(points)


show_paths(
    loss,
    minimum,
    {
        f"{optimizer.__name__}: L - L* = {loss(path[-1])[0] - loss(minimum)[0]:.0f}": path
        for optimizer in (gradient_descent, momentum, adam)
        for path in [path_of(optimizer, loss, start, iterations=100)]
    },
)

# %% [markdown]
# *The package's optimizers for study, 100 steps each.*
#
# Momentum arrives; plain descent is on its way. Adam takes steps of about the same length in both
# pixels, whatever their derivatives, so it begins on a diagonal; and its memory of the steep wall
# at the start keeps the steps short in the flat valley. (It was made for gradients that are noisy
# and for losses that are different at each step. Ours is neither.)
#
# All three still know only slopes. The cure is to know the curvature.
#
# ## 6.4 Newton's step needs no size
#
# Taylor's formula to second order is a model of the loss around $x$. Its minimum can be computed:
#
# $$L(x + d) \approx L + g^T d + \tfrac12\, d^T B\, d, \qquad
# \frac{\partial}{\partial d} = g + B d = 0 \quad\Longrightarrow\quad d = -B^{-1} g .$$
#
# The inverse undoes the valley: along each eigenvector the gradient is divided by its own
# curvature. No $t$ to choose.


# %%
def newton(x, iterations):
    path = [x]
    for _ in range(iterations):
        x = x - np.linalg.solve(second_derivative(x), loss(x)[1])
        path.append(x)
    return np.array(path)


outside, inside = newton(start, 12), newton(np.array([25.0, 60.0]), 12)
show_paths(
    loss,
    minimum,
    {"Newton, 12 steps": outside, "from well inside the circle": inside},
    extent=(-80, 255, -80, 255),
    width=3.3,
)
print("distance from the minimum:", *(f"{np.linalg.norm(x - minimum):.1g}" for x in outside))

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The model's minimum, checked for any symmetric 2 x 2 matrix.
b_ = sympy.symbols("b0:3")
B2_ = sympy.Matrix([[b_[0], b_[1]], [b_[1], b_[2]]])
d_, slope_ = sympy.Matrix(sympy.symbols("d0:2")), sympy.Matrix(sympy.symbols("g0:2"))
model_ = slope_.dot(d_) + (d_.T * B2_ * d_)[0] / 2
at_ = dict(zip(d_, -B2_.inv() * slope_, strict=True))
assert all(sympy.simplify(sympy.diff(model_, v).subs(at_)) == 0 for v in d_)

# %% [markdown]
# Once it is near, the number of right digits doubles with each step. Nothing in this notebook is
# faster than that.
#
# Two things stand against it. Where the loss is curved downward ($B$ has a negative eigenvalue),
# the model has no minimum, and the step goes to a saddle or to a top. And for a picture of 512 ×
# 512 pixels, $n = 786{,}432$, the matrix $B$ would have $6 \cdot 10^{11}$ entries: 2.5 TB in
# float32, and each entry has yet to be computed.
#
# ## 6.5 Curvature from differences
#
# All that we have are gradients, one for each step taken. Say a step $s$ led from $x$ to $x + s$,
# and the gradient changed by $y$:
#
# $$s = x_\text{new} - x, \qquad y = g_\text{new} - g
# = \left( \int_0^1 B(x + \tau s)\, d\tau \right) s .$$
#
# The integral is the chain rule read backward
# ($\frac{d}{d\tau}\, g(x + \tau s) = B(x + \tau s)\, s$). So **$y$ is what the curvature, averaged
# over the step, makes of $s$**. It has come for free. In one dimension this is the secant method:
# $y / s$ stands in for the second derivative. In $n$ dimensions we ask of a model $H$ of the
# *inverse* that it agree with what was just seen, the **secant equation**
#
# $$H y = s .$$

# %%
s = np.array([15.0, -4.0])
y = loss(start + s)[1] - loss(start)[1]
tau = (np.arange(1000) + 0.5) / 1000
mean_B = np.mean([second_derivative(start + k * s) for k in tau], axis=0)
print("y                  ", y)
print("mean curvature on s", mean_B @ s)
assert np.allclose(mean_B @ s, y, rtol=1e-5)

# %% [markdown]
# These are $n$ equations for the $n (n + 1) / 2$ unknowns of a symmetric $H$. Much stays open, and
# the old $H$ is the best that we know about the rest. So take *the smallest change of $H$ after
# which $H y = s$ holds*. With the right measure of "small" (exercise 3) that is the **BFGS
# update**, named for Broyden, Fletcher, Goldfarb and Shanno, who found it in the same year, 1970:
#
# $$H_\text{new} = (I - \rho\, s y^T)\, H\, (I - \rho\, y s^T) + \rho\, s s^T, \qquad
# \rho = \frac{1}{y^T s} .$$
#
# Three properties, each one line:
#
# - *The secant equation holds.* $(I - \rho\, y s^T)\, y = y - y\,\rho\,(s^T y) = 0$, and
#   $\rho\, s\,(s^T y) = s$.
# - *Symmetric* if $H$ is: the two outer factors are each other's transposes.
# - *Positive definite* if $H$ is and $y^T s > 0$. For any $v$, with $u = v - \rho\,(s^T v)\, y$,
#
# $$v^T H_\text{new}\, v = u^T H u + \rho\,(s^T v)^2 \ge 0,$$
#
#   and both terms are zero only if $s^T v = 0$, then $u = v$, then $v = 0$.
#
# The last one is what Newton's matrix lacks: $-H g$ always points downhill, $g^T (-H g) < 0$.


# %%
def bfgs_update(H, s, y):
    rho = 1 / (y @ s)
    V = np.eye(len(s)) - rho * np.outer(y, s)
    return V.T @ H @ V + rho * np.outer(s, s)


H = bfgs_update(np.eye(2) / curvatures[1], s, y)
print("H y =", H @ y, "  s =", s)
print("eigenvalues of H:", np.linalg.eigvalsh(H))
assert np.allclose(H @ y, s, rtol=1e-12)


# %% jupyter={"source_hidden": true} tags=["hide-input"]
# The three properties, for any numbers: in letters for two dimensions, and random ones for six.
def vanishes(*expressions):
    """Whether expressions, or the entries of matrices, are zero for all values of the letters."""
    entries = [e for expression in expressions for e in sympy.Matrix([expression])]
    return all(sympy.expand(sympy.numer(sympy.together(e))) == 0 for e in entries)


s_, y_, v_ = (sympy.Matrix(sympy.symbols(f"{name}0:2")) for name in "syv")
rho_ = 1 / s_.dot(y_)
V_ = sympy.eye(2) - rho_ * y_ * s_.T
new_ = V_.T * B2_ * V_ + rho_ * s_ * s_.T  # B2_ is any symmetric matrix
assert vanishes(new_ * y_ - s_, new_ - new_.T)
u_ = v_ - rho_ * s_.dot(v_) * y_
split_ = (u_.T * B2_ * u_)[0] + rho_ * s_.dot(v_) ** 2
assert vanishes((v_.T * new_ * v_)[0] - split_)
for _ in range(20):
    six, pair = rng.standard_normal((6, 6)), rng.standard_normal((2, 6))
    pair[1] *= np.sign(pair[0] @ pair[1])
    assert np.linalg.eigvalsh(bfgs_update(six @ six.T, *pair)).min() > 0

# %% [markdown]
# Put it to work. Only the step's length is missing. $-H g$ is a guess at the *whole* way to the
# minimum, so first try $t = 1$; `strong_wolfe`, the line search of the package, corrects it where
# the guess was bad. Section 6.7 looks inside.


# %%
def search(f_and_g, x, f, g, d, t, bounds=FREE):
    """A better point along d, near the first try t: what `strong_wolfe` finds."""
    return strong_wolfe(f_and_g, x, f, g, d, t, bounds)


def bfgs(f_and_g, x, iterations):
    f, g = f_and_g(x)
    H, path = None, [x]
    for _ in range(iterations):
        d = -g if H is None else -H @ g
        t = np.sqrt(d.size / (d @ d)) if H is None else 1.0  # at first about one unit
        found = search(f_and_g, x, f, g, d, t)
        if found is None:  # nothing lower that the loss's digits could tell
            break
        s, y = found.x - x, found.g - g
        H = bfgs_update(np.eye(x.size) * (s @ y) / (y @ y) if H is None else H, s, y)
        x, f, g = found.x, found.f, found.g
        path.append(x)
    return np.array(path), H


path, H = bfgs(loss, start, 20)
inner_path, _ = bfgs(loss, np.array([25.0, 60.0]), 20)
show_paths(
    loss,
    minimum,
    {"BFGS, 20 steps": path, "from well inside the circle": inner_path},
    width=3.3,
)
print("distance from the minimum:", *(f"{np.linalg.norm(x - minimum):.1g}" for x in path[::2]))
print("H, and the inverse of the second derivatives:")
print(H)
print(np.linalg.inv(second_derivative(minimum)))

# %% [markdown]
# No second derivative was ever computed, and yet the steps become Newton's: the distances at the
# end fall faster and faster, and $H$ has learned the inverse of $B$. From inside the circle, where
# Newton went astray, it goes downhill like everywhere else.
#
# ## 6.6 The two-loop recursion
#
# $H$ has $n^2$ entries, as $B$ has. But it was *made* from the pairs $(s, y)$, of $2n$ numbers
# each, and we never want $H$, only $H g$. So keep the pairs, and only the last $m$ of them, because
# the curvature of long ago is that of another place. That is the L (limited memory) in L-BFGS. With
# $m = 10$ for 512 × 512 pixels: 63 MB instead of 2.5 TB.
#
# One update, applied to $g$. With $q = (I - \rho\, y s^T)\, g$ and $r = H q$,
#
# $$H_\text{new}\, g = (I - \rho\, s y^T)\, r + \rho\, s\, (s^T g)
# = r + (a - b)\, s, \qquad a = \rho\, s^T g, \quad b = \rho\, y^T r, \quad q = g - a\, y .$$
#
# So: on the way in, subtract $a\, y$ and remember $a$; let the older $H$ do its work on $q$; on the
# way out, add $(a - b)\, s$. The older $H$ is itself such an update, of the pair before. Unroll
# that, and two loops remain: the first from the newest pair to the oldest, the second back.
#
# At the bottom stands the first $H$, a multiple of $I$. Which? $\gamma I$ with
# $\gamma = s^T y / y^T y$ of the newest pair: $1 / \gamma = y^T y / s^T y$ lies between the
# smallest and the largest curvature met.


# %%
def my_two_loop(g, pairs):
    """H g, from pairs (s, y), the oldest first."""
    q, remembered = g.copy(), []
    for s, y in reversed(pairs):
        a = (s @ q) / (y @ s)
        q -= a * y
        remembered.append(a)
    s, y = pairs[-1]
    r = q * (s @ y) / (y @ y)
    for (s, y), a in zip(pairs, reversed(remembered), strict=True):
        b = (y @ r) / (y @ s)
        r += (a - b) * s
    return r


n = 30
six = rng.standard_normal((n, n))
steps_taken = rng.standard_normal((5, n))
pairs = [(s, (six @ six.T + np.eye(n)) @ s) for s in steps_taken]  # y = B s, so y^T s > 0
g = rng.standard_normal(n)

s, y = pairs[-1]
H = np.eye(n) * (s @ y) / (y @ y)
for s, y in pairs:
    H = bfgs_update(H, s, y)
with_rho = [(s, y, 1 / (y @ s)) for s, y in pairs]  # the package keeps rho, too
Hg = my_two_loop(g, pairs)
for name, other in {"the matrix": H @ g, "the package": two_loop(g, with_rho)}.items():
    error = np.abs(Hg / other - 1).max()
    print(f"two loops against {name:11} largest relative difference {error:.0e}")
    assert np.allclose(Hg, other, rtol=1e-9)

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# One update on the way in and out, in letters; 1 / gamma between the extreme curvatures.
grad_ = sympy.Matrix(sympy.symbols("g0:2"))
a_ = rho_ * s_.dot(grad_)
r_ = B2_ * (grad_ - a_ * y_)
b_out_ = rho_ * y_.dot(r_)
assert vanishes(new_ * grad_ - (r_ + (a_ - b_out_) * s_))
extremes = np.linalg.eigvalsh(six @ six.T + np.eye(n))
assert all(extremes[0] <= (y @ y) / (s @ y) <= extremes[-1] for s, y in pairs)
assert round(2 * 10 * 3 * 512**2 * 4 / 1e6) == 63
assert round((3 * 512**2) ** 2 * 4 / 1e12, 1) == 2.5

# %% [markdown]
# The whole optimizer is now a dozen lines, for any number of pixels:


# %%
def my_lbfgs(f_and_g, x, iterations, m=10):
    f, g = f_and_g(x)
    path, pairs = [x], []
    for _ in range(iterations):
        d = -my_two_loop(g, pairs[-m:]) if pairs else -g
        t = 1.0 if pairs else np.sqrt(d.size / (d @ d))
        found = search(f_and_g, x, f, g, d, t)
        pairs.append((found.x - x, found.g - g))
        x, f, g = found.x, found.f, found.g
        path.append(x)
    return np.array(path)


mine, theirs = my_lbfgs(loss, start, 12), path_of(lbfgs, loss, start, iterations=12)
print(f"largest difference from the package: {np.abs(mine - theirs).max():.0e} gray levels")
assert np.allclose(mine, theirs, atol=1e-6)

# %% [markdown]
# The same steps. What [`lbfgs.py`](../nst_numpy/optimizers/lbfgs.py) has beyond this are the
# bounds, a way out where a search finds nothing, a state to go on from, and float32.
#
# ## 6.7 How far: the strong Wolfe conditions
#
# Along the direction $d$ the loss is a function of one number, $\varphi(t) = L(x + t d)$, with the
# slope $\varphi'(t) = g(x + t d)^T d$. A step is good enough if
#
# $$\varphi(t) \le \varphi(0) + c_1 t\, \varphi'(0) \qquad\text{and}\qquad
# |\varphi'(t)| \le c_2\, |\varphi'(0)|, \qquad c_1 = 10^{-4}, \quad c_2 = 0.9 .$$
#
# The first asks for some decrease; otherwise the steps could jump to and fro between two walls
# forever. The second asks that it has become flatter. That forbids steps that are too short, and it
# gives BFGS what it needs:
#
# $$y^T s = t \left( \varphi'(t) - \varphi'(0) \right) \ge t\, (1 - c_2)\, |\varphi'(0)| > 0 .$$
#
# **Every step that satisfies both is a pair that keeps $H$ positive definite.** Here is the first
# search of a real style transfer: from noise, along $-g$.

# %%
photo, terms_of = job(64)
noise = rng.uniform(0, 255, photo.shape).astype(np.float32)
f, g, _ = terms_of(noise)
unit = np.sqrt(g.size) / np.linalg.norm(g)  # t in gray levels (root mean square of the step)
slope = -float(np.sum(g.astype(np.float64) ** 2)) * unit
asked = []


def watched(x):
    L, dL_dx, _ = terms_of(x)
    asked.append((np.sum((x - noise) * -g) / np.sum(g * g) / unit, L))
    return L, dL_dx


search(watched, noise, f, g, -g * np.float32(unit), 1.0)
ts = np.linspace(0, 40, 81)
on_the_way = [
    evaluate_step(lambda x: terms_of(x)[:2], noise, -g * np.float32(unit), t, FREE) for t in ts
]
phi, slopes = np.array([(q.f, q.slope) for q in on_the_way]).T
good = (phi <= f + 1e-4 * ts * slope) & (np.abs(slopes) <= 0.9 * abs(slope))

# %% jupyter={"source_hidden": true} tags=["hide-input"]
_, axis = plt.subplots(figsize=(6, 2.8))
axis.plot(ts, phi, color="#000000", marker="", label="loss")
axis.fill_between(ts, 0, phi.max(), where=good, color="#56B4E9", alpha=0.35, label="accepted")
axis.plot(*np.transpose(asked), color="#D55E00", marker="o", ls="", ms=6, label="tried")
for k, (t, L) in enumerate(asked, start=1):
    axis.annotate(str(k), (t, L), textcoords="offset points", xytext=(6, 4))
axis.set(
    xlabel="step t (gray levels, root mean square)",
    ylabel="loss",
    ylim=(0.97 * phi.min(), phi.max()),
)
axis.legend(fontsize="small")
plt.show()
c2_, phi0_, step_ = sympy.symbols("c2 phi0 t", positive=True)  # phi0 = |phi'(0)|
# y^T s = t (phi'(t) + |phi'(0)|) is smallest for phi'(t) = -c2 |phi'(0)|.
assert sympy.simplify(step_ * (-c2_ * phi0_ + phi0_) - step_ * (1 - c2_) * phi0_) == 0
step = evaluate_step(lambda x: terms_of(x)[:2], noise, -g * np.float32(unit), asked[-1][0], FREE)
ys = np.sum((step.g - g).astype(np.float64) * (step.x - noise))
assert ys >= 0.0999 * asked[-1][0] * abs(slope)

# %% [markdown]
# *The first line search from noise, 64 × 43 pixels.*
#
# No curvature is known yet, so the first try moves the pixels by one gray level. The loss falls,
# but it is still as steep as at the start: one can go further. The step grows threefold until the
# slope has lost a tenth. From the second iteration on the two loops bring a guess of the whole
# step, $t = 1$, and the first try is accepted nearly always: section 6.11 counts.
#
# ## 6.8 Bounds
#
# A pixel cannot be darker than 0 or brighter than 255. The two pixels again, with a style so bright
# that most of its circle lies outside the picture's square:

# %%
bright = two_pixels(np.array([240.0, 60.0]), np.array([250.0, 200.0]))
begin = np.array([60.0, 60.0])
box = (0.0, 255.0)
free = path_of(lbfgs, bright, begin, FREE)
bounded = path_of(lbfgs, bright, begin, box)
best, clipped = bounded[-1], np.clip(free[-1], *box)
show_paths(
    bright,
    best,
    {"without bounds": free, "with bounds": bounded},
    (0, 340, 0, 340),
    3.3,
    bright(free[-1])[0],
)
for name, x in {
    "minimum without bounds": free[-1],
    "the same, clipped": clipped,
    "minimum in the square": best,
}.items():
    print(f"{name:24} x = ({x[0]:5.1f}, {x[1]:5.1f})   L = {bright(x)[0]:.4g}")

# %% [markdown]
# Clipping the answer at the end is not the answer: once $x_1$ cannot be as bright as it wants,
# $x_2$ should be brighter. `lbfgs` follows the path
#
# $$x(t) = \operatorname{clip}(x + t\, d), \qquad d = - P H P\, g,$$
#
# where $P$ sets those elements to zero which lie on a bound that $-g$ would cross, and leaves the
# others alone. Why is the plain $-H g$ not good enough, if the path is clipped anyway? Stand at the
# minimum in the square, with the exact inverse for $H$:

# %%
f, g = bright(best)
A_bright = 250.0**2 + 200.0**2
B = (200 + (best @ best - A_bright) / 4) * np.eye(2) + np.outer(best, best) / 2
d = -np.linalg.inv(B) @ g
P = ~(((best <= 0) & (g > 0)) | ((best >= 255) & (g < 0)))
print("-g      =", -g)
print("-H g    =", d)
for t in (0.01, 0.1, 1.0):
    rise = bright(np.clip(best + t * d, *box))[0] - f
    print(f"t = {t:4}: the loss changes by {rise:+.3g}")
print("-P H P g =", P * (-np.linalg.inv(B) @ (P * g)))

# %% [markdown]
# The derivative says: only $x_1$ wants to change, upward, and the bound holds it. This *is* the
# minimum. But $H$ is not diagonal. It knows that along the valley more of $x_1$ goes with less of
# $x_2$, and proposes both together; the bound then stops the one half of the plan, and the other
# half alone leads uphill. $P$ takes $x_1$ out of the plan before $H$ sees it, and there is nothing
# left to do.
#
# That $d$ goes downhill is quickly shown: $g^T d = -(Pg)^T H\, (Pg) < 0$ unless $P g = 0$, and then
# there is nothing left to improve [Bertsekas 1982]. How many pixels are concerned in a style
# transfer?

# %% tags=["varies"]
photo, terms_of = job(96)


def f_and_g(x):
    return terms_of(x)[:2]


def run(f_and_g, x0, optimizer=lbfgs, iterations=60, bounds=box):
    """A job, counted: (picture, evaluations and loss after each iteration, why it stopped)."""
    evaluations, record = [], []

    def counted(x):
        evaluations.append(1)
        return f_and_g(x)

    def watch(iteration, x, f):
        record.append((len(evaluations), f))

    x, reason = optimizer(counted, x0, bounds, watch, iterations)
    return x, np.array(record), reason


x_end, x_free = run(f_and_g, photo)[0], run(f_and_g, photo, bounds=FREE)[0]
on, out = ((x_end <= 0) | (x_end >= 255)), ((x_free < 0) | (x_free > 255))
print(f"with bounds:    loss {f_and_g(x_end)[0]:.3g}, on a bound {on.mean():.1%} of the numbers")
print(f"without bounds: loss {f_and_g(x_free)[0]:.3g}, outside {out.mean():.1%} of the numbers,")
print(f"                up to {x_free.min():.0f} and {x_free.max():.0f}")
print(f"without, clipped at the end: loss {f_and_g(np.clip(x_free, *box))[0]:.3g}")

# %% [markdown]
# Few, but left to themselves they go far, some by 100 gray levels. Clipped at the end, that picture
# has a higher loss than the one that knew its bounds from the start.
#
# ## 6.9 The loss must be the integral of the gradient
#
# The line search measures $\varphi(t)$ and believes the slope $\varphi'(0) = g^T d$. If $g$ is the
# derivative of something else, it looks for a decrease that does not exist. This is not a
# far-fetched mistake. A well-known program adds the total variation's derivative to the gradient
# and leaves its *value* out of the loss that it hands to the optimizer: who needs the number? Let
# us do the same:

# %% tags=["varies"]
TV = 10_000.0


def honest(x):
    return terms_of(x, TV)[:2]


def dishonest(x):
    L, dL_dx, terms = terms_of(x, TV)
    return L - terms["tv"], dL_dx  # the loss without, the derivative with it


ends = {}
for name, function in {"value in the loss": honest, "value left out": dishonest}.items():
    ends[name], record, reason = run(function, photo)
    print(
        f"{name}: {record[-1, 0]:.0f} evaluations, loss with variation {honest(ends[name])[0]:.3g}"
    )
    print(f"    {reason}")

# %% [markdown]
# The run with the left-out value gives up almost at once, and its complaint sounds as if
# rounding were to blame: from inside it cannot see that it was told two different stories. SciPy's
# L-BFGS-B gives up in the same way. Look from there along $-g$:

# %%
x = ends["value left out"]
_, g = dishonest(x)
d = -g * np.float32(np.sqrt(g.size) / np.linalg.norm(g))
ts = np.linspace(0, 0.2, 21)
along = [np.clip(x + np.float32(t) * d, *box) for t in ts]
promised = np.sum(g.astype(np.float64) * ((along[1] - x) / ts[1])) * ts
show_curves(
    {
        "promised by g": promised,
        "the loss it was given": [terms_of(x)[0] - terms_of(along[0])[0] for x in along],
        "with the variation": [honest(x)[0] - honest(along[0])[0] for x in along],
    },
    "step along -g (gray levels, root mean square)",
    "change of the loss",
    x=ts,
    log=False,
)
x64, terms64 = job(48, np.float64)
x64 = x64 + rng.uniform(-20, 20, x64.shape)  # off the kinks
check = gradcheck(lambda x: (terms64(x)[0], terms64(x, TV)[1]), x64)
print(f"gradcheck: slope {check.analytic:.4g} promised, {check.numeric:.4g} measured")
assert not check.passed
assert gradcheck(lambda x: terms64(x, TV)[:2], x64).passed

# %% [markdown]
# What $g$ promises, the loss *with* the variation keeps. The loss that the search was given rises
# from the first moment on. A check of the derivative sees it in two evaluations
# ([notebook 5](05_checking_a_gradient.ipynb)). Gradient descent with a fixed step would never
# notice: it does not look at the loss.
#
# The same goes for everything that touches only one of the two: a gradient that is normalized or
# clipped, a blur of the gradient, a clamp of $x$ inside the function (exercise 4), a random shift
# that differs from one evaluation to the next.
#
# ## 6.10 Why the sums are in float64
#
# The feature maps are float32, with 7 decimal digits, and that is enough for a picture of 256 gray
# levels. The *loss* needs more. Near the end a step lowers it by a small part of itself, and the
# search compares two values that agree in many digits. First, how one adds matters:

# %%
squares = (rng.random(10**7, dtype=np.float32) * 10) ** 2
exact = np.sum(squares, dtype=np.float64)
one_by_one = np.cumsum(squares, dtype=np.float32)[-1]  # each number added to one float32
print(f"float32, one after the other: relative error {one_by_one / exact - 1:+.0e}")
print(f"float32, NumPy's pairwise sum:               {np.sum(squares) / exact - 1:+.0e}")
print(f"one float32 in itself:                       {2.0**-24:.0e}")

# %% [markdown]
# Ten million squares are about what the content loss of VGG-19 adds up for 1024 × 1024 pixels. One
# after the other, two digits are left of seven: the sum becomes so large that small numbers vanish
# in its rounding.
#
# How many digits does the search need? As many as two neighboring losses have in common, and some
# more. The same run for longer:

# %%
record = run(f_and_g, photo, iterations=150)[1]
decrease = 1 - record[1:, 1] / record[:-1, 1]
kinds = {
    "float16": 2.0**-11,
    "float32, one by one": abs(one_by_one / exact - 1),
    "float32": 2.0**-24,
}
curves = {name: np.full(len(decrease), error) for name, error in kinds.items()}
show_curves({"one iteration": decrease, **curves}, "iteration", "part of the loss")

# %% [markdown]
# *How much of the loss one iteration takes away, and how well different sums know the loss.*
#
# A sum as careless as that one cannot be relied on to see the later half of the steps. A well-added
# float32 has some digits in reserve, float16 has none. Round the loss on purpose:


# %% tags=["varies"]
def rounded(f_and_g, kind):
    def rounded_f_and_g(x):
        L, dL_dx = f_and_g(x)
        return float(kind(L)), dL_dx

    return rounded_f_and_g


starts, best = rng.uniform(0, 255, (20, 2)), newton(minimum, 3)[-1]
missed = {}
for kind in (np.float64, np.float32):
    ends = [path_of(lbfgs, rounded(loss, kind), x, iterations=200)[-1] for x in starts]
    missed[kind] = max(np.linalg.norm(x - best) for x in ends)
    print(f"two pixels, loss as {kind.__name__}: up to {missed[kind]:.0e} gray levels off")
for kind in (np.float64, np.float32, np.float16):
    x, record, _ = run(rounded(f_and_g, kind), photo, iterations=150)
    done = f"{f_and_g(x)[0]:.2g} after {record[-1, 0]:.0f} evaluations"
    print(f"a picture,  loss as {kind.__name__}: {done}")

# %% [markdown]
# This run survives even float16; a step that is refused by mistake is made up for by the next. But
# there is nothing in reserve, and the two pixels, from 20 starts, show what comes then. Near the
# minimum $L - L^* \approx \frac12 \lambda e^2$ for an error $e$, and what is smaller than
# $\varepsilon L^*$ cannot be seen:
#
# $$e \approx \sqrt{2\, \varepsilon L^* / \lambda} .$$
#
# **The picture gets half of the digits of the loss.** Sums in float64 of maps in float32 cost
# nothing that one could measure, and nobody has to think about it again. So each loss of the
# package adds up in float64 (search for `dtype=np.float64`), and the vectors $s$, $y$, $g$, which
# take the memory, stay in float32.
#
# ## 6.11 The same job with each optimizer
#
# A photograph of 96 × 64 pixels, a style, from white noise; counted are *evaluations* (forward and
# backward once), for that is what costs time.

# %%
photo, terms_of = job(96, style="woodcut", ratio=3e-2)
noise = np.random.default_rng(1).uniform(0, 255, photo.shape).astype(np.float32)
records, pictures = {}, {}
print("optimizer          iterations   evaluations     loss")
for name, optimizer in OPTIMIZERS.items():
    pictures[name], records[name], _ = run(f_and_g, noise, optimizer.minimize, 100)
    evaluations, L = records[name][-1]
    print(f"{name:18} {len(records[name]) - 1:10} {evaluations:13.0f} {L:8.3g}")

# %% jupyter={"source_hidden": true} tags=["hide-input"]
_, axes = plt.subplots(1, 2, figsize=(8, 3), sharey=True)
for i, (name, record) in enumerate(records.items()):
    for axis, over in zip(axes, (range(len(record)), record[:, 0]), strict=True):
        axis.plot(over, record[:, 1], label=name, markevery=(3 * i, 20))
for axis, label in zip(axes, ("iteration", "evaluations of loss and derivative"), strict=True):
    axis.set(xlabel=label, yscale="log")
axes[0].set_ylabel("loss")
axes[1].legend(fontsize="small", bbox_to_anchor=(1.02, 1), loc="upper left")
plt.show()
show_pictures([photo, *pictures.values()], ["the photograph", *pictures], columns=3, width=2.2)

# %% [markdown]
# *100 iterations of each optimizer on the same job from the same noise.*
#
# For the same number of evaluations both L-BFGS come to less than half of plain descent's loss, and
# the difference can be seen: descent has not even removed the noise. Momentum and Adam are in
# between, nearer to L-BFGS. Its price is memory: 20 pictures for the pairs, beside two for Adam.
# SciPy's L-BFGS-B knows more about bounds and works in float64; the package's own projects, works
# in float32 with half of the memory, and is the default of `stylize`.
#
# ## 6.12 A better first guess: the preconditioner
#
# L-BFGS begins with $H_0 = \gamma I$ and learns the rest from pairs. With ten pairs it learns ten
# directions, of the many thousands that a picture has. So the first guess matters. Is the identity
# a good one? Compare what a picture is made of with what the gradient consists of. The Fourier
# transform splits both into waves; $f$ is the spatial frequency, in cycles per pixel:


# %%
def amplitude(x):
    """Root mean square amplitude of the waves in 16 bands of frequency, relative to the largest."""
    waves = np.abs(np.fft.fft2(x - x.mean(axis=(0, 1)), axes=(0, 1))).mean(axis=2)
    f = np.hypot(np.fft.fftfreq(x.shape[0])[:, None], np.fft.fftfreq(x.shape[1]))
    band = np.minimum((32 * f).astype(int), 15)
    found = np.sqrt([np.mean(waves[band == b] ** 2) for b in range(16)])
    return found / found.max()


photo, terms_of = job(96, style="evening")
S = pixel_preconditioner(photo.shape)
g = f_and_g(photo)[1]
bands = {"the photograph": photo, "-g": -g, "-S g": -precondition(S, g)}
show_curves({name: amplitude(x) for name, x in bands.items()}, "frequency, 1/32 cycles per pixel",
            "amplitude")  # fmt: skip

# %% [markdown]
# *Amplitude of the waves in the photograph, in the gradient, and in the preconditioned gradient.*
#
# The amplitudes of pictures fall like $1/f$: large areas differ much, neighboring pixels little.
# The gradient is different. It has nearly as much of the high frequencies as of the low ones, so
# the first steps along $-g$ produce grain, and the colors of large areas change late. The three
# color channels are a second example. In a painting they are strongly correlated, but the gradient
# changes each by itself.
#
# Both are known before the first step, so the first guess can contain them:
#
# $$H_0 = \gamma S, \qquad S = T T^T, \qquad
# T = (\text{mixing of the colors}) \cdot (\text{multiplication by } |f|^{-p}
# \text{ in Fourier space}).$$
#
# In the two loops of section 6.6 this is one line in the middle: $r = \gamma\, S q$ in place of
# $r = \gamma\, q$, with $\gamma = s^T y / y^T S y$, so that the secant equation $H y = s$ still
# holds for the newest pair.
#
# **Why the minimum does not change.** $S$ is symmetric, and positive definite because no $|f|^{-p}$
# is zero: $g^T S g = |T^T g|^2 > 0$ unless $g = 0$. So $-S g$ goes downhill wherever $-g$ does, and
# it vanishes only where $g$ vanishes. The loss is the same function with the same minima. Only the
# path is another one.
#
# **Why it is a change of variables.** Let $x = T z$. The chain rule gives the gradient with respect
# to $z$: $g_z = T^T g$. A step against it is $d_z = -T^T g$, and in $x$ this is
# $d = T d_z = -T T^T g = -S g$. The pairs transform as $s = T s_z$ and $y_z = T^T y$, so that
# $y_z^T s_z = y^T T s_z = y^T s$: all numbers $\rho$, $a$ and $b$ of the two loops are the same,
# and so is $\gamma = s_z^T y_z / y_z^T y_z = s^T y / y^T S y$. L-BFGS with $S$ therefore *is*
# L-BFGS with the identity in the variables $z$, in which the spectrum of a picture is flat and its
# colors are not correlated. Tried on the job, without bounds:

# %%
S = pixel_preconditioner(photo.shape, styles=[sample_picture("evening", 96)])
T, T_inverse = matrix_power(S, 1 / 2), matrix_power(S, -1 / 2)  # the symmetric root: T T = S


def in_z(z):
    L, dL_dx = f_and_g(precondition(T, z))
    return L, precondition(T, dL_dx)


photo, terms_of = job(96, np.float64, style="evening")
with_S, without = [], []
lbfgs(f_and_g, photo, FREE, lambda k, x, L: with_S.append(L), 6, preconditioner=S)
z = precondition(T_inverse, photo)
lbfgs(in_z, z, FREE, lambda k, z, L: without.append(L), 6)
for k in (1, 3, 6):
    print(f"iteration {k}: {with_S[k]:.8f} with S in x, {without[k]:.8f} with the identity in z")

# %% [markdown]
# Which exponent? $p = 1/2$ makes $S$ proportional to $1/f$. Larger exponents neglect the details,
# $p = 0$ is the identity. The package uses $p = 3/8$ and mixes the colors half. The job with
# bounds:

# %%
photo, terms_of = job(96, style="evening")
choices = {
    "the identity": None,
    "p = 1/8": pixel_preconditioner(photo.shape, 1 / 8),
    "p = 3/8": pixel_preconditioner(photo.shape),
    "p = 1": pixel_preconditioner(photo.shape, 1.0),
    "p = 3/8 and colors": S,
}
curves, pictures = {}, {}
print("loss after              5       10       20       40 iterations")
for name, guess in choices.items():
    optimizer = partial(lbfgs, preconditioner=guess)
    pictures[name], record, _ = run(f_and_g, photo, optimizer, 40)
    curves[name] = record[1:, 1]
    print(f"{name:18}" + "".join(f"{record[k, 1]:9.4f}" for k in (5, 10, 20, 40)))
show_pictures([pictures["the identity"], pictures["p = 3/8 and colors"]],
              ["the identity", "p = 3/8 and colors"], width=3)  # fmt: skip

# %% [markdown]
# *The same number of iterations with the identity and with the preconditioner.*
#
# The path with $S$ needs fewer iterations to the same loss, above all at the beginning, at the
# price of two Fourier transforms for each product with $S$. How many fewer depends on the style:
# for `mosaic`, which has a sharp edge at every stone, the identity is as good. (Try it.) With
# larger pictures the gain grows. $S$ is the default of `stylize`; `--preconditioner none` gives the
# identity. Adam does not take one: its step sizes for single pixels undo what $S$ does.
#
# ## 6.13 Exercises
#
# **1.** An exact line search along $-g$ ends where $\varphi'(t) = 0$. Show that the next direction
# of gradient descent is then at a right angle to the last one.
#
# <details><summary>Solution</summary>
#
# $\varphi'(t) = g_\text{new}^T d = -g_\text{new}^T g = 0$. Each leg of the path is orthogonal to
# the one before: the zigzag, even with the best possible step.
#
# </details>
#
# **2.** Multiply the loss by 1000. What happens to the path of gradient descent with a fixed $t$,
# of Adam, of Newton, of BFGS? And if you measure gray levels in 0..1 instead of 0..255?
#
# <details><summary>Solution</summary>
#
# $g$ and $B$ get the factor 1000. Gradient descent takes steps 1000 times as long, and diverges. In
# Adam it cancels in $m / \sqrt v$. Newton: $B^{-1} g$ does not change. BFGS: $y$ gets the factor,
# $H$ its inverse, $H g$ does not change, if the first step is chosen by its length, as here. With
# $x = 255\, z$ we have $\partial L / \partial z = 255\, g$, so a fixed $t$ makes a step in $x$ that
# is $255^2$ times as long; Newton and BFGS again go through the same pictures. Adam's step size is
# in units of $x$ and must be divided by 255.
#
# </details>
#
# **3.** "The smallest change of $H$": measure a matrix $E$ by
# $\|E\|_W^2 = \operatorname{tr}(W E\, W E)$, where $W$ is symmetric, positive definite, and
# $W s = y$. Show that BFGS is the smallest symmetric change after which $H y = s$. (Hint: any other
# one differs by a symmetric $Z$ with $Z y = 0$. Is it orthogonal to the BFGS change?)
#
# <details><summary>Solution</summary>
#
# Let $E = H_\text{new} - H$, and $Z$ symmetric with $Z y = 0$. Then
# $\|E + Z\|_W^2 = \|E\|_W^2 + 2 \operatorname{tr}(W E\, W Z) + \|Z\|_W^2$, and the middle term has
# to vanish. Multiplied out, every term of $E$ contains $s$ on its left or on its right:
# $E = s\, c^T + c\, s^T$ with some vector $c$. And
# $\operatorname{tr}(W s\, c^T W Z) = c^T W Z\, W s = c^T W Z\, y = 0$, the other term likewise. So
# $\|E + Z\|_W > \|E\|_W$ unless $Z = 0$.
#
# </details>
#
# **4.** Some programs keep the bounds by a clamp *inside* the function:
# $f(x) = L(\operatorname{clip}(x))$. What is its derivative at a pixel with $x_i > 255$? What
# becomes of that pixel?
#
# <details><summary>Solution</summary>
#
# 0: no change of $x_i$ changes the clipped value. The pixel is outside and has no slope that could
# lead it back; it comes back only by accident. If the program passes the gradient on all the same,
# $g$ is not the derivative of $f$, and we are in section 6.9.
#
# </details>
#
# **5.** Keep one pair only ($m = 1$), start from $H = I$, and let every line search be exact. Show
# that the direction is that of the conjugate gradient method,
# $d_\text{new} = -g_\text{new} + \frac{y^T g_\text{new}}{y^T d}\, d$ (Hestenes & Stiefel).
#
# <details><summary>Solution</summary>
#
# Exact means $s^T g_\text{new} = 0$. In the two loops $a = \rho\, s^T g_\text{new} = 0$, so
# $q = r = g_\text{new}$, $b = \rho\, y^T g_\text{new}$, and
# $H g_\text{new} = g_\text{new} - b\, s = g_\text{new} - \frac{y^T g_\text{new}}{y^T s}\, s$. With
# $s = t d$ the $t$ cancels.
#
# </details>

# %% jupyter={"source_hidden": true} tags=["hide-input"]
# Section 6.10: the formula gives the size of what was missed.
for kind, off in missed.items():
    formula = np.sqrt(2 * np.finfo(kind).eps / 2 * loss(best)[0] / curvatures[0])
    assert formula / 100 < off < 10 * formula

# Section 6.12: the same path in both variables, and fewer iterations with S.
assert np.allclose(with_S, without, rtol=1e-6)
assert curves["p = 3/8 and colors"][20] < curves["the identity"][20]

# The solutions, checked.
B = six @ six.T + np.eye(n)  # 1: exact search on a quadratic
x = rng.standard_normal(n)
g_old = B @ x
t = (g_old @ g_old) / (g_old @ B @ g_old)
assert abs((B @ (x - t * g_old)) @ g_old) < 1e-9 * (g_old @ g_old)

for optimizer in (adam, lbfgs):  # 2
    thousand = path_of(optimizer, lambda x: tuple(1000 * v for v in loss(x)), start, iterations=10)
    assert np.allclose(thousand, path_of(optimizer, loss, start, iterations=10), rtol=1e-6)
scaled = path_of(lbfgs, lambda z: (loss(255 * z)[0], 255 * loss(255 * z)[1]), start / 255)[-1]
assert np.allclose(255 * scaled, minimum, rtol=1e-5)

s, y = pairs[0]  # 3: W = B has B s = y
old = np.diag(rng.uniform(0.1, 1, n))
change = bfgs_update(old, s, y) - old
for _ in range(10):
    Z = rng.standard_normal((n, n))
    away = np.eye(n) - np.outer(y, y) / (y @ y)
    Z = away @ (Z + Z.T) @ away  # symmetric, Z y = 0
    assert np.allclose(Z @ y, 0, atol=1e-9)
    assert np.isclose(np.trace(B @ change @ B @ Z), 0, atol=1e-6 * np.abs(B @ change @ B @ Z).sum())
    assert np.trace(B @ (change + Z) @ B @ (change + Z)) > np.trace(B @ change @ B @ change)
rho, Hy = 1 / (y @ s), old @ y
c = -rho * Hy + (rho**2 * (y @ Hy) + rho) / 2 * s
assert np.allclose(change, np.outer(s, c) + np.outer(c, s), rtol=1e-9, atol=1e-12)

g_new = rng.standard_normal(n)  # 5
g_new -= s * (s @ g_new) / (s @ s)
gamma = (s @ y) / (y @ y)
expected = g_new - (y @ g_new) / (y @ s) * s
q = g_new - (s @ g_new) / (y @ s) * y
assert np.allclose(q - (y @ q) / (y @ s) * s, expected, rtol=1e-9)  # H = I at the bottom
print("The solutions are right.")

# %% [markdown]
# ## References
#
# - J. Nocedal, S. J. Wright, Numerical Optimization, 2nd edition, Springer 2006: chapters 2, 3, 6
#   and 7; the two-loop recursion is algorithm 7.4, the line search algorithm 3.5.
# - D. C. Liu, J. Nocedal, On the limited memory BFGS method for large scale optimization,
#   Mathematical Programming 45, 1989.
# - R. H. Byrd, P. Lu, J. Nocedal, C. Zhu, A limited memory algorithm for bound constrained
#   optimization, SIAM Journal on Scientific Computing 16, 1995: SciPy's L-BFGS-B.
# - D. P. Bertsekas, Projected Newton methods for optimization problems with simple constraints,
#   SIAM Journal on Control and Optimization 20, 1982: why $P H P$.
# - D. P. Kingma, J. Ba,
#   [Adam: A Method for Stochastic Optimization](https://arxiv.org/abs/1412.6980), 2015.
# - G. Goh, [Why Momentum Really Works](https://distill.pub/2017/momentum/), Distill 2017: section
#   6.2 to play with.
# - The code: [lbfgs.py](../nst_numpy/optimizers/lbfgs.py),
#   [preconditioner.py](../nst_numpy/optimizers/preconditioner.py),
#   [line_search.py](../nst_numpy/optimizers/line_search.py),
#   [gradient_descent.py](../nst_numpy/optimizers/gradient_descent.py),
#   [adam.py](../nst_numpy/optimizers/adam.py).
