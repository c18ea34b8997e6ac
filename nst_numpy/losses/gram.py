"""Eqs. 3 to 6: the Gram matrix and the style loss.

Step by step in notebooks/03_the_gram_matrix.ipynb.
"""

import numpy as np

from nst_numpy import backend
from nst_numpy.losses.moments import Moments
from nst_numpy.utils.types import Array, ByLayer, FeatureMap


def gram(F: FeatureMap) -> Array:
    """Gram matrix: the inner products between the N filters' maps.

        G_ij = sum_k F_ik F_jk,   G = F F^T               [Gatys et al. 2015, eq. 3]

    Parameters
    ----------
    F : (N, M) float32 or float64
        Feature map: N filters, M positions.

    Returns
    -------
    G : (N, N), same dtype
        Symmetric. G does not depend on the order of positions: shuffling the columns of F
        does not change G.

    Examples
    --------
    >>> gram(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[ 5., 11.],
           [11., 25.]])
    """
    return backend.gram(F)  # F F^T


def style_layer_loss(F: FeatureMap, A: Array) -> tuple[float, FeatureMap]:
    """Contribution E_l of one layer to the style loss, and its derivative.

        E = 1 / (4 N^2 M^2) sum_ij (G_ij - A_ij)^2        [Gatys et al. 2015, eq. 4]
        dE/dF_ij = 1 / (N^2 M^2) (F^T (G - A))_ji         [eq. 6]

    With D = G - A and dG_ij/dF_pk = delta_ip F_jk + delta_jp F_ik,

        dE/dF_pk = 1 / (4 N^2 M^2) sum_ij 2 D_ij (delta_ip F_jk + delta_jp F_ik)
                 = 1 / (2 N^2 M^2) ((D F)_pk + (D^T F)_pk) = 1 / (N^2 M^2) (D F)_pk,

    because D is symmetric; for the same reason D F = (F^T D)^T, which is how eq. 6 prints it.
    Its second case, 0 where F_ij is not positive, is applied by `nst_numpy.layers.relu_backward`.

    Parameters
    ----------
    F : (N, M) float32 or float64
        Feature map of the generated image.
    A : (N, N), same dtype, symmetric
        Gram matrix of the style image, for the same number M of positions.

    Returns
    -------
    E : float
        Summed in float64.
    dE_dF : (N, M), dtype of F

    Examples
    --------
    >>> style_layer_loss(np.array([[1.0, 2.0]]), np.array([[1.0]]))  # G = 5, A = 1
    (1.0, array([[1., 2.]]))
    """
    N, M = F.shape
    D = gram(F) - A  # (N, N), symmetric
    E = np.sum(D * D, dtype=np.float64) / (4 * N**2 * M**2)
    dE_dF = backend.symmetric_matmul(D / (N**2 * M**2), F)  # (N, M)
    return float(E), dE_dF


def style_loss(
    F: ByLayer, A: ByLayer, w: dict[str, float]
) -> tuple[float, ByLayer, dict[str, float]]:
    """Style loss over layers, and its derivative with respect to each layer's F.

        L_style = sum_l w_l E_l                           [Gatys et al. 2015, eq. 5]
        dL_style/dF^l = w_l dE_l/dF^l

    Parameters
    ----------
    F : dict of str to (N_l, M_l) array
        Feature maps of the generated image by layer, at least those of the layers of A.
    A : dict of str to (N_l, N_l) array
        Gram matrices of the style image by layer.
    w : dict of str to float
        Weight of each layer of A.

    Returns
    -------
    L_style : float
    dL_dF : dict of str to (N_l, M_l) array
        For the layers of A.
    E : dict of str to float
        E_l of each layer, without its weight.

    Examples
    --------
    >>> F, A = {"conv1_1": np.array([[1.0, 2.0]])}, {"conv1_1": np.array([[1.0]])}
    >>> style_loss(F, A, {"conv1_1": 0.5})
    (0.5, {'conv1_1': array([[0.5, 1. ]])}, {'conv1_1': 1.0})
    """
    E, dL_dF = {}, {}
    for l in A:
        E[l], dL_dF[l] = style_layer_loss(F[l], A[l])  # float, (N_l, M_l)
        dL_dF[l] *= w[l]
    L_style = sum(w[l] * E[l] for l in A)
    return L_style, dL_dF, E


def style_loss_consuming(
    F: ByLayer, A: ByLayer, w: dict[str, float]
) -> tuple[float, ByLayer, dict[str, float]]:
    """`style_loss` that removes each feature map from ``F`` once its derivative is computed.

    At the peak, the feature maps that are left and the derivatives take the memory of all feature
    maps and of one derivative. Parameters and results are those of `style_loss`.
    """
    L_style = 0.0
    dL_dF: ByLayer = {}
    E: dict[str, float] = {}
    for l in A:
        L_l, dL_dF_l, E_l = style_loss({l: F.pop(l)}, {l: A[l]}, w)
        L_style, dL_dF, E = L_style + L_l, dL_dF | dL_dF_l, E | E_l
    return L_style, dL_dF, E


def gram_loss(m: Moments, a: Moments) -> tuple[float, Array, Array]:
    """Eq. 4 as a function of moments, and its derivatives.

        E = 1/(4 N^2 M^2) sum_ij (G - A)_ij^2 = 1/(4 N^2) sum_ij (S - S_a)_ij^2
        dE/dS = 1/(2 N^2) (S - S_a)        dE/dmu = 0

    because G = M S, and the style's Gram matrix for M positions is A = M S_a. With the pull-back
    (`nst_numpy.losses.moments.pull_back`) dE/dF = 2/M dE/dS F is eq. 6.

    Departs from Gatys et al.: their style image has as many positions as the generated one. Here
    the numbers may differ, and the Gram matrices per position are compared. With equal sizes that
    is eq. 4.

    Parameters
    ----------
    m, a : Moments
        Of the generated image and of the style image.

    Returns
    -------
    L : float
    dL_dmu : (N,) float64
    dL_dS : (N, N) float64, symmetric
    """
    N = m.mu.size
    D = m.S - a.S  # (N, N), symmetric
    return float(np.sum(D * D)) / (4 * N**2), np.zeros(N), D / (2 * N**2)
