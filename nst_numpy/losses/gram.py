"""Eqs. 3 to 6: the Gram matrix and the style loss.

Step by step in notebooks/03_the_gram_matrix.ipynb.
"""

import numpy as np

from nst_numpy import kernels
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
        Symmetric. The sum over k forgets where a feature stood: shuffling the columns of
        F does not change G.

    Examples
    --------
    >>> gram(np.array([[1.0, 2.0], [3.0, 4.0]]))
    array([[ 5., 11.],
           [11., 25.]])
    """
    return kernels.gram(F) if F.dtype == np.float32 else F @ F.T


def style_layer_loss(
    F: FeatureMap, A: Array, whole: tuple[Array, float] | None = None
) -> tuple[float, FeatureMap]:
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
        Feature map of the generated image: N filters, M positions.
    A : (N, N), same dtype, symmetric
        Gram matrix of the style image, for the same number M of positions.
    whole : (G, M), optional
        If F holds only some of the positions: Gram matrix and number of positions of all.

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
    N = F.shape[0]
    G, M = whole or (gram(F), F.shape[1])  # (N, N)
    D = G - A  # (N, N), symmetric
    E = np.sum(D * D, dtype=np.float64) / (4 * N**2 * M**2)
    dE_dF = times(D / (N**2 * M**2), F)  # (N, M)
    return float(E), dE_dF


def times(D: Array, F: FeatureMap) -> FeatureMap:
    """D F, the large product of eq. 6, as (F^T D)^T, which is how the paper prints it."""
    return kernels.matmul(D, F) if F.dtype == np.float32 else (F.T @ D).T


def style_loss(
    F: ByLayer, A: ByLayer, w: dict[str, float], whole: dict[str, tuple[Array, int]] | None = None
) -> tuple[float, ByLayer, dict[str, float]]:
    """Style loss over layers, and its derivative with respect to each layer's F.

        L_style = sum_l w_l E_l                           [Gatys et al. 2015, eq. 5]
        dL_style/dF^l = w_l dE_l/dF^l

    Parameters
    ----------
    F : dict of str to (N_l, M_l) array
        Feature maps of the generated image by layer; those that A names are taken out, so
        that each one's memory is free as soon as its derivative is there.
    A : dict of str to (N_l, N_l) array
        Gram matrices of the style image by layer.
    w : dict of str to float
        Weight of each layer of A.
    whole : dict of str to (G, M), optional
        See `style_layer_loss`.

    Returns
    -------
    L_style : float
    dL_dF : dict of str to (N_l, M_l) array
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
        part_of = whole[l] if whole else None
        E[l], dL_dF[l] = style_layer_loss(F.pop(l), A[l], part_of)  # float, (N_l, M_l)
        dL_dF[l] *= w[l]
    L_style = sum(w[l] * E[l] for l in A)
    return L_style, dL_dF, E
