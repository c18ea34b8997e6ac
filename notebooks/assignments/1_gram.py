# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 1. The content loss and the Gram matrix
#
# A network turns a picture into *feature maps*: one for each of its N filters, each with a number
# for every position. Gatys, Ecker and Bethge [arXiv:1508.06576] say what a picture **shows** by the
# maps themselves, and **how it is painted** by which of them answer together. You will write both:
# equations 1, 2 and 3 of the paper.
#
# About 60 minutes; 20 points. You need matrix products, sums over indices, and NumPy. Write into
# the cells that say `YOUR CODE HERE`; after each stands a cell of tests, which says nothing if all
# is well. When you hand in, the same properties are tested on other inputs. The package's
# own functions for what you write are withheld from your code; everything else of it you may use.

# %% nbgrader={"grade_id": "imports"}
import numpy as np

import nst_numpy

# %% [markdown]
# ## 1.1 From a layer's output to the matrix F
#
# A layer gives an array y of shape (H, W, N): height, width, filters. The paper's F is a matrix
# with one row for each filter and one column for each position: N x M with M = H W. The positions
# are counted as one reads a page, along the rows of the picture.


# %% nbgrader={"grade_id": "feature_matrix", "solution": true}
def feature_matrix(y):
    """The matrix F (N, M) of a layer's output y (H, W, N)."""
    ### BEGIN SOLUTION
    H, W, N = y.shape
    return y.reshape(H * W, N).T
    ### END SOLUTION


# %% nbgrader={"grade_id": "matrix_rows", "points": 2}
from nst_numpy.classroom import guarded, require, same

F_of = guarded("feature_matrix", feature_matrix)
y = np.ones((2, 3, 4)) * [10.0, 20.0, 30.0, 40.0]  # the map of each filter is constant
F = F_of(y)
require(
    np.shape(F) == (4, 6),
    "F has one row for each filter and one column for each position: "
    "here 4 filters and 2 x 3 positions.",
    got=np.shape(F),
)
require(
    same(F[1], np.full(6, 20.0)),
    "Row i of F holds the map of filter i and nothing else. Here filter 1 is 20 "
    "at every position (filters are counted from 0).",
    got=F,
)
### BEGIN HIDDEN TESTS
y = np.ones((3, 2, 5)) * np.random.default_rng(1).normal(size=5)
F = F_of(y)
require(
    np.shape(F) == (5, 6) and all(same(F[i], np.full(6, y[0, 0, i])) for i in range(5)),
    "Row i of F holds the map of filter i and nothing else.",
    got=F,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "matrix_columns", "points": 1}
from nst_numpy.classroom import guarded, require, same

F_of = guarded("feature_matrix", feature_matrix)
y = np.arange(6.0).reshape(2, 3, 1)  # the number of the position, as one reads a page
F = F_of(y)
require(
    same(F, np.arange(6.0)[None]),
    "The columns of F are the positions along the rows of the picture.",
    got=F,
    map=y[..., 0],
)
### BEGIN HIDDEN TESTS
y = np.random.default_rng(2).normal(size=(3, 4, 2))
F = F_of(y)
require(
    np.shape(F) == (2, 12) and same(F[:, 4 * 1 + 2], y[1, 2]),
    "Column 6 of F is what all filters say at row 1, column 2 of a picture that is 4 wide.",
    got=F,
)
### END HIDDEN TESTS

# %% [markdown]
# ## 1.2 The Gram matrix (equation 3)
#
#     G_ij = sum_k F_ik F_jk
#
# G_ij is large where filters i and j answer strongly at the same positions. One line of NumPy is
# enough.


# %% nbgrader={"grade_id": "gram", "solution": true}
def gram(F):
    """The Gram matrix G (N, N) of F (N, M)."""
    ### BEGIN SOLUTION
    return F @ F.T
    ### END SOLUTION


# %% nbgrader={"grade_id": "gram_entries", "points": 3}
from nst_numpy.classroom import guarded, require, same

G_of = guarded("gram", gram)
F = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]])
G = G_of(F)
require(
    np.shape(G) == (2, 2),
    "G has a row and a column for each of the N filters, however many positions there are.",
    got=G,
    F=F,
)
require(
    same(G, nst_numpy.gram(F)),
    "G_ij multiplies filters i and j position by position and adds up.",
    got=G,
    F=F,
)
### BEGIN HIDDEN TESTS
F = np.random.default_rng(3).normal(size=(4, 4))  # square: a wrong sum does not show in the shape
G = G_of(F)
require(
    same(G, nst_numpy.gram(F)),
    "G_ij multiplies filters i and j position by position and adds up.",
    got=G,
    F=F,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "gram_positions", "points": 1}
from nst_numpy.classroom import guarded, require, same

G_of = guarded("gram", gram)
F = np.array([[1.0, 2.0, 0.0], [0.0, 1.0, 3.0]])
G, shuffled = G_of(F), G_of(F[:, [2, 0, 1]])
require(
    same(shuffled, G),
    "G forgets where a feature stood: the same columns of F in another order give the same G.",
    got=(G, shuffled),
    F=F,
)
require(
    not same(G_of(F * [[1.0], [2.0]]), G),
    "G depends on F: with the second filter twice as strong it is another.",
    got=G,
    F=F,
)
### BEGIN HIDDEN TESTS
F = np.random.default_rng(4).normal(size=(3, 5))
require(same(G_of(F[:, ::-1]), G_of(F)), "G forgets where a feature stood.", got=G_of(F), F=F)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "gram_scale", "points": 1}
from nst_numpy.classroom import guarded, require, same

G_of = guarded("gram", gram)
F = np.array([[1.0, -2.0], [3.0, 1.0]])
G, larger, twice = G_of(F), G_of(3 * F), G_of(np.concatenate([F, F], axis=1))
require(
    same(larger, 9 * np.asarray(G)) and np.any(G),
    "Features three times as strong make G nine times as large.",
    got=(G, larger),
    F=F,
)
require(
    same(twice, 2 * np.asarray(G)),
    "G is a sum over positions: a picture twice as large, with the same features once "
    "more, has twice the G.",
    got=(G, twice),
    F=F,
)

# %% [markdown]
# Why does G not distinguish a picture from one whose pieces were shuffled, and why is that useful
# for a style? Answer in two or three sentences. (2 points, read by a person)

# %% [markdown] nbgrader={"grade_id": "why_positions", "solution": true, "points": 2}
# *Rubric.* 1 point: the sum runs over all positions k, so their order does not enter. 1 point: a
# style is what strokes and colors occur together anywhere, not where they stand; the content loss
# is what keeps places.

# %% [markdown]
# ## 1.3 The content loss (equations 1 and 2)
#
#     L = 1/2 sum_ij (F_ij - P_ij)^2
#
# F belongs to the picture that is being painted, P to the photograph. Return the value and its
# derivative with respect to F, an array of F's shape. (The paper's case `F > 0` comes afterwards,
# in 1.4.)


# %% nbgrader={"grade_id": "content_loss", "solution": true}
def content_loss(F, P):
    """The content loss L, a number, and dL/dF (N, M), from F and P (N, M)."""
    ### BEGIN SOLUTION
    D = F - P
    return np.sum(D * D) / 2, D
    ### END SOLUTION


# %% nbgrader={"grade_id": "content_value", "points": 2}
from nst_numpy.classroom import guarded, require, same

L_of = guarded("content_loss", content_loss, results=2)
F, P = np.array([[1.0, 2.0], [0.0, 4.0]]), np.array([[1.0, 5.0], [0.0, 2.0]])
L, _ = L_of(F, P)
require(
    same(L, nst_numpy.content_loss(F, P)[0]),
    "The value is half of the sum of all squared differences.",
    got=L,
    F=F,
    P=P,
)
### BEGIN HIDDEN TESTS
F, P = np.random.default_rng(5).normal(size=(2, 3, 4))
L, _ = L_of(F, P)
require(
    same(L, nst_numpy.content_loss(F, P)[0]),
    "The value is half of the sum of all squared differences.",
    got=L,
    F=F,
    P=P,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "content_derivative", "points": 2}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

L_of = guarded("content_loss", content_loss, results=2)
F, P = np.array([[1.0, 2.0, 3.0], [0.5, 4.0, 1.0]]), np.array([[1.0, 5.0, 2.0], [0.0, 2.0, 1.0]])
_, dL_dF = L_of(F, P)
slope = numeric_derivative(lambda F: nst_numpy.content_loss(F, P)[0], F)
require(
    np.shape(dL_dF) == F.shape, "The derivative has an entry for each entry of F.", got=dL_dF, F=F
)
require(
    same(dL_dF, slope, 1e-6),
    "The derivative of eq. 1 says how fast the loss grows with each entry of F. "
    "Differences of the loss do not agree with it.",
    got=dL_dF,
    F=F,
    P=P,
)
### BEGIN HIDDEN TESTS
F, P = np.random.default_rng(6).normal(size=(2, 2, 3))
_, dL_dF = L_of(F, P)
slope = numeric_derivative(lambda F: nst_numpy.content_loss(F, P)[0], F)
require(
    same(dL_dF, slope, 1e-6),
    "The derivative of eq. 1 says how fast the loss grows with each entry of F. "
    "Differences of the loss do not agree with it.",
    got=dL_dF,
    F=F,
    P=P,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "content_pair", "points": 2}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

L_of = guarded("content_loss", content_loss, results=2)
F, P = np.array([[1.0, 2.0], [0.5, 4.0]]), np.array([[1.0, 5.0], [0.0, 2.0]])
L, dL_dF = L_of(F, P)
slope = numeric_derivative(lambda F: L_of(F, P)[0], F)
require(
    same(dL_dF, slope, 1e-6) and np.any(slope),
    "Value and derivative belong to the same loss: differences of "
    "your own values do not give your derivative. An optimizer that gets such a pair stops early.",
    got=dL_dF,
    F=F,
    P=P,
    differences=slope,
)

# %% [markdown]
# ## 1.4 Through the ReLU: equation 2 as it is printed
#
# The F of a layer is `F = max(z, 0)` of what its convolution gave, z. The paper prints the
# derivative with a case:
#
#     dL/dF_ij = (F_ij - P_ij)   if F_ij > 0,     0 otherwise.
#
# With this case it is the derivative with respect to z: where a filter is silent, a small change of
# z changes nothing. At F = 0 exactly the paper's second case counts.


# %% nbgrader={"grade_id": "content_before_relu", "solution": true}
def content_before_relu(z, P):
    """dL/dz (N, M) of the content loss of F = max(z, 0), from z and P (N, M)."""
    ### BEGIN SOLUTION
    F = np.maximum(z, 0)
    return (F - P) * (F > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "mask_differences", "points": 3}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

dz_of = guarded("content_before_relu", content_before_relu)
z, P = np.array([[1.0, -2.0], [-0.5, 4.0]]), np.array([[0.0, 1.0], [3.0, 5.0]])
slope = numeric_derivative(lambda z: nst_numpy.content_loss(np.maximum(z, 0), P)[0], z)
require(
    same(dz_of(z, P), slope, 1e-6),
    "dL/dz says how fast the loss grows with z: it goes through the ReLU, which "
    "lets nothing pass where z is negative.",
    got=dz_of(z, P),
    z=z,
    P=P,
)
### BEGIN HIDDEN TESTS
z, P = np.random.default_rng(7).normal(size=(2, 4, 3)) + 0.01
slope = numeric_derivative(lambda z: nst_numpy.content_loss(np.maximum(z, 0), P)[0], z)
require(
    same(dz_of(z, P), slope, 1e-6),
    "dL/dz says how fast the loss grows with z: it goes through the ReLU, which "
    "lets nothing pass where z is negative.",
    got=dz_of(z, P),
    z=z,
    P=P,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "mask_at_zero", "points": 1}
from nst_numpy.classroom import guarded, require

dz_of = guarded("content_before_relu", content_before_relu)
z, P = np.array([[0.0, 2.0], [3.0, 0.0]]), np.array([[1.0, 1.0], [1.0, 4.0]])
dL_dz = np.asarray(dz_of(z, P))
require(
    np.any(dL_dz), "Where z is positive and F differs from P, dL/dz is not 0.", got=dL_dz, z=z, P=P
)
require(
    dL_dz.shape == z.shape and not np.any(dL_dz[z == 0]),
    "At z = 0 the paper takes the derivative as 0: the case is F > 0, and 0 is not.",
    got=dL_dz,
    z=z,
    P=P,
)
