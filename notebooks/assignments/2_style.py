# ---
# jupyter:
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 2. The style loss and its derivative
#
# The Gram matrix G of the picture that is being painted should become A, that of the painting. Here
# you derive how the loss changes with the features, on paper, and then write it: equations 4, 5 and
# 6 of Gatys, Ecker and Bethge [arXiv:1508.06576].
#
# About 90 minutes; 24 points, 6 of them for the derivation. You need the chain rule with indices.
# The package's own `gram` may be used; what you write yourself is withheld from your code.

# %% nbgrader={"grade_id": "imports"}
import numpy as np

import nst_numpy
from nst_numpy import gram

# %% [markdown]
# ## 2.1 On paper
#
# Starting from
#
#     G_ij = sum_k F_ik F_jk                               (3)
#     E = 1 / (4 N^2 M^2) sum_ij (G_ij - A_ij)^2           (4)
#
# derive dE/dF_pk, step by step: first dG_ij/dF_pk, then the chain rule, then what follows from G
# and A being symmetric. Write it below, as text or in LaTeX between dollar signs. Then say in a
# sentence where the 4 went. (6 points, read by a person)

# %% [markdown] nbgrader={"grade_id": "derivation", "solution": true, "points": 6}
# With D = G - A and delta_ip = 1 if i = p, else 0:
#
#     dG_ij/dF_pk = delta_ip F_jk + delta_jp F_ik
#     dE/dF_pk = 1/(4 N^2 M^2) sum_ij 2 D_ij (delta_ip F_jk + delta_jp F_ik)
#              = 1/(2 N^2 M^2) (sum_j D_pj F_jk + sum_i D_ip F_ik)
#              = 1/(N^2 M^2) (D F)_pk
#
# One 2 of the 4 is the square's, the other that of the two equal sums: F enters G twice.
#
# *Rubric.* 2 points: dG_ij/dF_pk with both terms (1 if one is missing). 2 points: the chain rule
# with the sum over i and j and the factor 2 of the square. 1 point: symmetry of D is used and said.
# 1 point: where the 4 went. An error that is carried on is paid for once.

# %% [markdown]
# ## 2.2 The value (equation 4)


# %% nbgrader={"grade_id": "style_value", "solution": true}
def style_value(F, A):
    """E, a number, from F (N, M) and the Gram matrix A (N, N) of the style."""
    ### BEGIN SOLUTION
    N, M = F.shape
    return np.sum((gram(F) - A) ** 2) / (4 * N**2 * M**2)
    ### END SOLUTION


# %% nbgrader={"grade_id": "value_package", "points": 3}
from nst_numpy.classroom import guarded, require, same

E_of = guarded("style_value", style_value)
F, A = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 0.0]]), np.array([[3.0, 1.0], [1.0, 4.0]])
E = nst_numpy.losses.style_layer_loss(F, A)[0]
require(
    same(E_of(F, A), E),
    "E is the sum of the squared differences between G and A, over 4 N^2 M^2, with N rows and "
    "M columns of F.",
    got=E_of(F, A),
    F=F,
    A=A,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(1)
F, A = rng.normal(size=(3, 5)), gram(rng.normal(size=(3, 5)))
E = nst_numpy.losses.style_layer_loss(F, A)[0]
require(
    same(E_of(F, A), E),
    "E is the sum of the squared differences between G and A, over 4 N^2 M^2, with N rows and "
    "M columns of F.",
    got=E_of(F, A),
    F=F,
    A=A,
)
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "value_scale", "points": 2}
from nst_numpy.classroom import guarded, require, same

E_of = guarded("style_value", style_value)
F, A = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 0.0]]), np.array([[3.0, 1.0], [1.0, 4.0]])
E, larger, own = E_of(F, A), E_of(2 * F, 4 * A), E_of(F, gram(F))
require(
    same(own, 0.0),
    "A picture whose Gram matrix is that of the style has no style loss.",
    got=own,
    F=F,
    A=gram(F),
)
require(
    same(larger, 16 * E) and E > 0,
    "With features twice as strong in both pictures, G and A are four times as large "
    "and E sixteen times.",
    got=(E, larger),
    F=F,
    A=A,
)
twice = E_of(np.concatenate([F, F], axis=1), 2 * A)
require(
    same(twice, E),
    "E does not depend on the size of a picture: with the same features once more in both, it "
    "stays.",
    got=(E, twice),
    F=F,
    A=A,
)

# %% [markdown]
# ## 2.3 The derivative (equation 6)
#
#     dE/dF_ij = 1 / (N^2 M^2) (F^T (G - A))_ji
#
# This is how the paper prints it, but for its case F > 0, which follows in 2.4. Does your
# derivation say the same?


# %% nbgrader={"grade_id": "style_derivative", "solution": true}
def style_derivative(F, A):
    """dE/dF (N, M) from F (N, M) and the Gram matrix A (N, N) of the style."""
    ### BEGIN SOLUTION
    N, M = F.shape
    return (gram(F) - A) @ F / (N**2 * M**2)
    ### END SOLUTION


# %% nbgrader={"grade_id": "derivative_differences", "points": 4}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

dE_of = guarded("style_derivative", style_derivative)
F, A = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 0.0]]), np.array([[3.0, 1.0], [1.0, 4.0]])
slope = numeric_derivative(lambda F: nst_numpy.losses.style_layer_loss(F, A)[0], F)
dE_dF = dE_of(F, A)
require(
    np.shape(dE_dF) == F.shape,
    "The derivative has an entry for each entry of F, and its shape.",
    got=dE_dF,
    F=F,
)
require(
    same(dE_dF, slope, 1e-6),
    "The derivative says how fast E grows with each entry of F. Differences of E (eq. 4) do "
    "not agree with it.",
    got=dE_dF,
    F=F,
    A=A,
    differences=slope,
)
### BEGIN HIDDEN TESTS
rng = np.random.default_rng(2)
for N, M in ((4, 4), (2, 5)):
    F, A = rng.normal(size=(N, M)), gram(rng.normal(size=(N, M)))
    slope = numeric_derivative(lambda F, A=A: nst_numpy.losses.style_layer_loss(F, A)[0], F)
    require(
        same(dE_of(F, A), slope, 1e-6),
        "The derivative says how fast E grows with each entry of F. Differences of "
        "E (eq. 4) do not agree with it.",
        got=dE_of(F, A),
        F=F,
        A=A,
        differences=slope,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "derivative_direction", "points": 2}
from nst_numpy.classroom import guarded, require, same

dE_of = guarded("style_derivative", style_derivative)
F, A = np.array([[1.0, 0.0, 2.0], [1.0, 1.0, 0.0]]), np.array([[3.0, 1.0], [1.0, 4.0]])
dE_dF, at_goal = np.asarray(dE_of(F, A)), np.asarray(dE_of(F, gram(F)))
require(
    at_goal.shape == F.shape and same(at_goal, 0 * F),
    "Where G = A the loss is as small as can be, so its derivative is 0.",
    got=at_goal,
    F=F,
    A=gram(F),
)
before = nst_numpy.losses.style_layer_loss(F, A)[0]
after = nst_numpy.losses.style_layer_loss(F - 0.1 * dE_dF, A)[0]
require(
    after < before,
    "A small step against the derivative makes the loss smaller.",
    got=dE_dF,
    F=F,
    A=A,
    E_before=before,
    E_after=after,
)

# %% [markdown]
# ## 2.4 Through the ReLU: equation 6 as it is printed
#
# F = max(z, 0) of what the convolution gave. Given dE/dF, return dE/dz: the paper's case F > 0.
# This does not depend on what you wrote above; dE/dF is handed in.


# %% nbgrader={"grade_id": "style_before_relu", "solution": true}
def style_before_relu(dE_dF, F):
    """dE/dz (N, M) from dE/dF (N, M) and F = max(z, 0) (N, M)."""
    ### BEGIN SOLUTION
    return dE_dF * (F > 0)
    ### END SOLUTION


# %% nbgrader={"grade_id": "mask_differences", "points": 2}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

dz_of = guarded("style_before_relu", style_before_relu)
z, A = np.array([[1.0, -2.0, 0.5], [-0.5, 4.0, 1.0]]), np.array([[3.0, 1.0], [1.0, 4.0]])
F = np.maximum(z, 0)
dE_dF = nst_numpy.losses.style_layer_loss(F, A)[1]
slope = numeric_derivative(lambda z: nst_numpy.losses.style_layer_loss(np.maximum(z, 0), A)[0], z)
require(
    same(dz_of(dE_dF, F), slope, 1e-6),
    "dE/dz says how fast E grows with z, through the ReLU. Differences of E do not agree with it.",
    got=dz_of(dE_dF, F),
    z=z,
    A=A,
    differences=slope,
)

# %% nbgrader={"grade_id": "mask_at_zero", "points": 1}
from nst_numpy.classroom import guarded, require, same

dz_of = guarded("style_before_relu", style_before_relu)
dE_dF, F = np.array([[1.0, -2.0], [-3.0, 4.0]]), np.array([[0.0, 1.0], [2.0, 0.0]])
dE_dz = np.asarray(dz_of(dE_dF, F))
require(
    dE_dz.shape == F.shape and not np.any(dE_dz[F == 0]),
    "Where F = 0 the filter was silent (or just at the kink), "
    "and the paper takes the derivative as 0, whatever dE/dF says there.",
    got=dE_dz,
    dE_dF=dE_dF,
    F=F,
)
require(
    same(dE_dz[F > 0], dE_dF[F > 0]),
    "Where F > 0 the ReLU passes dE/dF on as it is, also where it is negative.",
    got=dE_dz,
    dE_dF=dE_dF,
    F=F,
)

# %% [markdown]
# ## 2.5 Over the layers (equation 5)
#
#     L_style = sum_l w_l E_l
#
# F, A and w are dictionaries with a layer's name as the key. Return L_style and a dictionary of
# dL_style/dF^l. For one layer call `layer_loss(F, A)`, which gives the pair (E, dE/dF): the
# package's own, so that nothing above matters here.

# %% nbgrader={"grade_id": "layer_loss"}
layer_loss = nst_numpy.losses.style_layer_loss


# %% nbgrader={"grade_id": "style_loss", "solution": true}
def style_loss(F, A, w):
    """L_style, a number, and {l: dL_style/dF^l}, from {l: F^l}, {l: A^l} and {l: w_l}."""
    ### BEGIN SOLUTION
    L, dL_dF = 0.0, {}
    for l in A:
        E, dE_dF = layer_loss(F[l], A[l])
        L += w[l] * E
        dL_dF[l] = w[l] * dE_dF
    return L, dL_dF
    ### END SOLUTION


# %% nbgrader={"grade_id": "layers_value", "points": 2}
from nst_numpy.classroom import guarded, require, same

L_of = guarded("style_loss", style_loss, results=2)
F = {"conv1_1": np.array([[1.0, 0.0], [2.0, 1.0]]), "conv2_1": np.array([[3.0, 1.0, 1.0]])}
A = {"conv1_1": np.eye(2), "conv2_1": np.array([[5.0]])}
w = {"conv1_1": 0.25, "conv2_1": 2.0}
L, _ = L_of(F, A, w)
E = {l: layer_loss(F[l], A[l])[0] for l in F}
require(
    same(L, 0.25 * E["conv1_1"] + 2.0 * E["conv2_1"]),
    "Each layer's E counts with its own weight w_l.",
    got=L,
    w=w,
    E=E,
)
### BEGIN HIDDEN TESTS
for w in ({"conv1_1": 0.0, "conv2_1": 0.7}, {"conv1_1": 0.3, "conv2_1": 0.0}):
    L, _ = L_of(F, A, w)
    require(
        same(L, sum(w[l] * E[l] for l in w)),
        "Each layer's E counts with its own weight w_l.",
        got=L,
        w=w,
        E=E,
    )
### END HIDDEN TESTS

# %% nbgrader={"grade_id": "layers_derivative", "points": 2}
from nst_numpy.classroom import guarded, numeric_derivative, require, same

L_of = guarded("style_loss", style_loss, results=2)
F = {"conv1_1": np.array([[1.0, 0.0], [2.0, 1.0]]), "conv2_1": np.array([[3.0, 1.0, 1.0]])}
A = {"conv1_1": np.eye(2), "conv2_1": np.array([[5.0]])}
w = {"conv1_1": 0.25, "conv2_1": 2.0}
_, dL_dF = L_of(F, A, w)
require(
    isinstance(dL_dF, dict) and set(dL_dF) == set(F),
    "There is a derivative for each layer, by its name.",
    got=dL_dF,
)
for l in F:
    slope = w[l] * numeric_derivative(lambda F_l, l=l: layer_loss(F_l, A[l])[0], F[l])
    require(
        same(dL_dF[l], slope, 1e-6),
        f"The derivative for {l} is that of w_l E_l: the weight belongs to it, too.",
        got=dL_dF[l],
        w=w,
        F=F[l],
    )
