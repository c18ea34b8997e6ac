"""Eqs. 1 and 2: the content loss, step by step in notebooks/02_the_content_loss.ipynb."""

import numpy as np

from nst_numpy.utils.types import FeatureMap


def content_loss(F: FeatureMap, P: FeatureMap) -> tuple[float, FeatureMap]:
    """Squared distance between two feature maps, and its derivative.

        L = 1/2 sum_ij (F_ij - P_ij)^2                    [Gatys et al. 2015, eq. 1]
        dL/dF = F - P                                     [eq. 2]

    Only the term (i, j) of the sum contains F_ij, and d/dF_ij 1/2 (F_ij - P_ij)^2 is
    F_ij - P_ij. The paper's second case, 0 where F_ij is not positive, belongs to the
    ReLU that made F: `nst_numpy.layers.relu_backward` applies it, and the two together
    are eq. 2.

    Parameters
    ----------
    F : (N, M) float32 or float64
        Feature map of the generated image: N filters, M positions.
    P : (N, M), same dtype
        Feature map of the content image.

    Returns
    -------
    L : float
        Summed in float64.
    dL_dF : (N, M), dtype of F

    Examples
    --------
    >>> content_loss(np.array([[1.0, 3.0]]), np.array([[1.0, 1.0]]))
    (2.0, array([[0., 2.]]))
    """
    D = F - P  # (N, M)
    L = np.sum(D * D, dtype=np.float64) / 2
    return float(L), D
