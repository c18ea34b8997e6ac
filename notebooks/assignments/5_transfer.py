# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 5. The objective, the optimizer, and a picture of your own
#
# Now all of it together: equation 7 of Gatys, Ecker and Bethge [arXiv:1508.06576] and its
# derivative with respect to the pixels, an optimizer that follows it downhill, and a picture of
# yours in a style that you choose.
#
# About 120 minutes; 30 points, 8 of them read by a person. You may use everything of the package
# but the functions that you write yourself.

# %% nbgrader={"grade_id": "imports"}
import numpy as np
from PIL import Image

import nst_numpy
from nst_numpy import content_loss, vgg
from nst_numpy.images.samples import sample_picture
from nst_numpy.losses import style_layer_loss
from nst_numpy.networks import random_network

# %% [markdown]
# ## 5.1 The total loss (equation 7), down to the pixels
#
#     L_total = alpha L_content + beta sum_l w_l E_l
#
# What there is:
#
# - `F, tape = vgg.forward(network, x, layers)` runs the picture x (H, W, 3) through the network:
#   `F[l]` is the matrix F of each of the named layers, and the backward pass needs the tape;
# - `content_loss(F, P)` returns L_content and its derivative with respect to F;
# - `style_layer_loss(F, A)` returns E_l and its derivative with respect to F;
# - `vgg.backward(network, dL_dF, tape)` takes {l: dL/dF^l} and returns dL/dx (H, W, 3);
# - `goal.P` is {l: P^l} for the content layers, `goal.A` {l: A^l} for the style layers.
#
# Return L and dL/dx. Mind that a layer may be in both.


# %% nbgrader={"grade_id": "total_loss", "solution": true}
def total_loss(x, goal, network, alpha, beta, w):
    """L_total, a number, and dL_total/dx (H, W, 3)."""
    ### BEGIN SOLUTION
    F, tape = vgg.forward(network, x, {*goal.P, *goal.A})
    L, dL_dF = 0.0, {}
    for l, P in goal.P.items():
        L_content, derivative = content_loss(F[l], P)
        L += alpha * L_content
        dL_dF[l] = alpha * derivative
    for l, A in goal.A.items():
        E, derivative = style_layer_loss(F[l], A)
        L += beta * w[l] * E
        dL_dF[l] = dL_dF.get(l, 0) + beta * w[l] * derivative
    return L, vgg.backward(network, dL_dF, tape)
    ### END SOLUTION


# %% nbgrader={"grade_id": "a_small_job"}
def small_job(content_layer="conv2_2", seed=0):
    """A picture x, a goal, a network and layer weights, small enough to be quick, in float64."""
    rng = np.random.default_rng(seed)
    network = random_network(widths=(4, 5, 6, 7, 3)).astype(np.float64)
    p, a, x = rng.uniform(0, 255, (3, 12, 10, 3))
    w = {"conv1_1": 0.75, "conv2_1": 0.25}
    return x, nst_numpy.targets(p, a, network, [content_layer], list(w)), network, w


def slope_of(job, alpha, beta, v, h=1e-4):
    """Slope of the package's own total loss along v."""
    x, goal, network, w = job
    right, left = (
        nst_numpy.total_loss(x + t * v, goal, network, alpha, beta, w)[0] for t in (h, -h)
    )
    return (right - left) / (2 * h)


# %% nbgrader={"grade_id": "total_value", "points": 3}
from nst_numpy.classroom import guarded, require, same

L_of = guarded("total_loss", total_loss, results=2)
x, goal, network, w = small_job()
L, _ = L_of(x, goal, network, 0.01, 2.0, w)
require(
    same(L, nst_numpy.total_loss(x, goal, network, 0.01, 2.0, w)[0]),
    "L_total is alpha times the content loss, plus beta "
    "times the sum of w_l E_l over the style layers. Here alpha = 0.01 and beta = 2.",
    got=L,
    w=w,
)
### BEGIN HIDDEN TESTS
x, goal, network, w = small_job(seed=1)
L, _ = L_of(x, goal, network, 0.5, 3.0, w)
require(
    same(L, nst_numpy.total_loss(x, goal, network, 0.5, 3.0, w)[0]),
    "L_total is alpha times the content loss, plus beta "
    "times the sum of w_l E_l over the style layers. Here alpha = 0.5 and beta = 3.",
    got=L,
    w=w,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "total_weights", "points": 2}
from nst_numpy.classroom import guarded, require, same

L_of = guarded("total_loss", total_loss, results=2)
x, goal, network, w = small_job()
both, content, style = (
    L_of(x, goal, network, *ab, w) for ab in ((0.01, 2.0), (0.01, 0.0), (0.0, 2.0))
)
require(
    content[0] > 0 and style[0] > 0,
    "Content alone (beta = 0) and style alone (alpha = 0) each have a loss.",
    got=(content[0], style[0]),
)
require(
    same(both[0], content[0] + style[0]),
    "The loss with both is the sum of that with beta = 0 and that with alpha = 0.",
    got=(both[0], content[0], style[0]),
)
require(
    same(both[1], np.add(content[1], style[1])) and np.any(content[1]),
    "So it is with the derivatives: alpha weighs that of the content, beta that of the style.",
    got=tuple(np.linalg.norm(part[1]) for part in (both, content, style)),
)

# %% nbgrader={"grade_id": "total_derivative", "points": 4}
from nst_numpy.classroom import guarded, require, same

L_of = guarded("total_loss", total_loss, results=2)
job = small_job()
x, goal, network, w = job
for alpha, beta in ((0.01, 0.0), (0.0, 2.0), (0.01, 2.0)):
    _, dL_dx = L_of(x, goal, network, alpha, beta, w)
    require(np.shape(dL_dx) == x.shape, "dL/dx has the shape of the picture.", got=np.shape(dL_dx))
    v = np.random.default_rng(2).normal(size=x.shape)
    analytic, numeric = float(np.sum(dL_dx * v)), slope_of(job, alpha, beta, v)
    require(
        same(analytic, numeric, 1e-5),
        f"dL/dx says how fast L grows with the pixels. Along a direction v by chance, with "
        f"alpha = {alpha} and beta = {beta}, differences of L do not agree with <dL/dx, v>.",
        got=analytic,
        differences=numeric,
    )

# %% nbgrader={"grade_id": "total_shared_layer", "points": 2}
from nst_numpy.classroom import guarded, require, same

L_of = guarded("total_loss", total_loss, results=2)
job = small_job(content_layer="conv2_1")  # a style layer, too
x, goal, network, w = job
_, dL_dx = L_of(x, goal, network, 0.01, 2.0, w)
v = np.random.default_rng(3).normal(size=x.shape)
analytic, numeric = float(np.sum(dL_dx * v)), slope_of(job, 0.01, 2.0, v)
require(
    same(analytic, numeric, 1e-5),
    "Where content and style look at the same layer, both derivatives count. Here conv2_1 is "
    "in both, and differences of L do not agree with <dL/dx, v>.",
    got=analytic,
    differences=numeric,
)

# %% [markdown]
# ## 5.2 Downhill
#
# Minimize a function of an array, between two bounds (for pixels: 0 and 255). The simplest way that
# is safe:
#
# 1. Choose a first step t so that t times the derivative changes an entry by about 1.
# 2. Try `np.clip(x - t g, low, high)`. If f is smaller there, go there, and try 2 t the next time.
#    If not, halve t and try again; after 60 halvings without success, stay.
# 3. An iteration is done when you went somewhere (or stayed).
#
# Return the last x and the list of the losses: that at the start, and one for each iteration.


# %% nbgrader={"grade_id": "descend", "solution": true}
def descend(f_and_g, x0, bounds, iterations):
    """The x after so many iterations, and the losses [f(x0), ...], iterations + 1 of them."""
    ### BEGIN SOLUTION
    x = np.clip(x0, *bounds)
    f, g = f_and_g(x)
    losses, largest = [f], np.abs(g).max()
    t = 1 / largest if largest else 0.0
    for _ in range(iterations):
        for _ in range(60):
            there = np.clip(x - t * g, *bounds)
            f_there, g_there = f_and_g(there)
            if f_there < f:
                x, f, g, t = there, f_there, g_there, 2 * t
                break
            t /= 2
        losses.append(f)
    return x, losses
    ### END SOLUTION


# %% nbgrader={"grade_id": "a_bowl"}
def bowl(middle, stiffness=1.0):
    """f(x) = stiffness sum_i c_i (x_i - middle_i)^2 with c from 1 to 4, its derivative, and
    the points at which it was evaluated."""
    c, evaluated = stiffness * np.linspace(1.0, 4.0, middle.size), []

    def f_and_g(x):
        evaluated.append(x.copy())
        return float(np.sum(c * (x - middle) ** 2)), 2 * c * (x - middle)

    return f_and_g, evaluated


# %% nbgrader={"grade_id": "descent_losses", "points": 2}
from nst_numpy.classroom import guarded, require, same

x_of = guarded("descend", descend, results=2)
f_and_g, _ = bowl(np.array([100.0, 50.0, 200.0]))
x0 = np.array([10.0, 20.0, 30.0])
x, losses = x_of(f_and_g, x0, (0.0, 255.0), 12)
require(
    len(losses) == 13
    and same(losses[0], f_and_g(x0)[0])
    and same(losses[-1], f_and_g(np.asarray(x))[0]),
    "The losses are "
    "that at the start and one for each of the 12 iterations; the last is that of the x returned.",
    got=np.array(losses),
)
require(
    losses[-1] < losses[0] and np.all(np.diff(losses) <= 0),
    "No iteration goes uphill: a step "
    "that makes the loss larger is too long, or goes the wrong way.",
    got=np.array(losses),
)

# %% nbgrader={"grade_id": "descent_minimum", "points": 3}
from nst_numpy.classroom import guarded, require, same

x_of = guarded("descend", descend, results=2)
middle = np.array([100.0, 50.0, 200.0])
for stiffness in (1.0, 1e6, 1e-6):
    f_and_g, _ = bowl(middle, stiffness)
    x, _ = x_of(f_and_g, np.array([10.0, 20.0, 30.0]), (0.0, 255.0), 100)
    require(
        same(x, middle, 1e-2),
        "After 100 iterations it stands at the bottom of a bowl, to 1 %, be the bowl steep or "
        "flat. "
        f"Here f = {stiffness:g} (c_0 (x_0 - 100)^2 + c_1 (x_1 - 50)^2 + c_2 (x_2 - 200)^2).",
        got=x,
    )

# %% nbgrader={"grade_id": "descent_bounds", "points": 2}
from nst_numpy.classroom import guarded, require, same

x_of = guarded("descend", descend, results=2)
f_and_g, evaluated = bowl(np.array([300.0, 128.0, -40.0]))  # the bottom lies outside
x, _ = x_of(f_and_g, np.array([10.0, 20.0, 30.0]), (0.0, 255.0), 100)
outside = [point for point in evaluated if point.min() < 0 or point.max() > 255]
require(
    not outside,
    "f is never evaluated outside of the bounds 0 and 255: a pixel cannot have such a value.",
    got=outside[0] if outside else None,
)
require(
    same(x, np.array([255.0, 128.0, 0.0]), 1e-2),
    "Where the bottom lies outside, the best point is on the bounds; the "
    "entries that are free still go to their best.",
    got=x,
)

# %% nbgrader={"grade_id": "descent_at_rest", "points": 1}
from nst_numpy.classroom import guarded, require, same

x_of = guarded("descend", descend, results=2)
middle = np.array([100.0, 50.0, 200.0])
x, losses = x_of(bowl(middle)[0], middle.copy(), (0.0, 255.0), 3)
require(
    same(x, middle) and len(losses) == 4,
    "At the bottom, where the derivative is 0, it stays (and does not divide by 0).",
    got=x,
)

# %% [markdown]
# ## 5.3 A picture of your own
#
# Put a photograph and a painting of yours next to this notebook, and return the result of
# `nst_numpy.stylize` (`help(nst_numpy.stylize)`): a longer side of 64 to 128 pixels and 20 to 40
# iterations are enough here, and must be done in a minute. Hand in the two files with the notebook.
# Without pictures of your own take `sample_picture("chelsea")` and the like.


# %% nbgrader={"grade_id": "my_picture", "solution": true}
def my_picture():
    """What `nst_numpy.stylize` returns for a photograph and a painting."""
    ### BEGIN SOLUTION
    photo, painting = sample_picture("chelsea"), sample_picture("mosaic")
    return nst_numpy.stylize(
        photo, painting, size=64, iterations=12, init="noise", dtype=np.float64
    )
    ### END SOLUTION


# %% nbgrader={"grade_id": "picture_done", "points": 3}
from nst_numpy.classroom import guarded, require

result = guarded("my_picture", my_picture, seconds=600)()  # of work, on all cores
require(
    isinstance(result, nst_numpy.Result),
    "A result of nst_numpy.stylize is required.",
    got=type(result).__name__,
)
require(
    np.ptp(result.picture) > 20,
    "A picture shows something: this one is almost of one color.",
    got=result.picture,
)
require(
    len(result.losses) > 10 and result.losses[-1] < result.losses[0] / 2,
    "The job went at least 10 iterations and brought the loss below half of that at the start.",
    got=result.losses[[0, -1]],
)

# %% [markdown]
# Look at it, at the loss, and at its terms:

# %%
# Yours: for example
# Image.fromarray(my_picture().picture)

# %% [markdown]
# ## 5.4 What each number does
#
# Choose **one** thing of equation 7 and change it in three steps with everything else the same:
# `ratio` (alpha / beta), the style layers, the content layer, the start, or the pooling. Say (a)
# what you changed and kept; (b) what changes in the pictures; (c) why, from the equations: which
# term or which derivative makes it so; (d) what would have to be seen if your explanation were
# wrong. About half a page. (8 points, read by a person)

# %% [markdown] nbgrader={"grade_id": "explanation", "solution": true, "points": 8}
# *Rubric*, 2 points for each of the four:
#
# - (a) 1: one thing is changed, but size, start or seed are not said. 2: all that stays is said.
# - (b) 1: a difference that can be seen in the pictures. 2: where it is, and how it grows over the
#   three.
# - (c) 1: the right term is named. 2: from the term to what is seen, with its derivative, its layer
#   or the sum over positions.
# - (d) 1: an outcome that could hardly be otherwise. 2: one that would contradict, and whether it
#   came.
#
# An example for (c): a smaller ratio lets the style's derivative outweigh the content's in dL/dF of
# the shared layers, so places of the photograph are given up where its features do not occur in the
# painting.
