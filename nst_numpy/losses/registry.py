"""The style losses of one layer as a table: what is kept of the style, and how it is compared.

Each row is a pair of functions

    statistics(F) -> a            what is kept of the style image's feature map F (N, M)
    loss(F, a) -> (L, dL_dF)      value and derivative for the generated image's F (N, M')

and ``a`` does not depend on how many positions it was taken from: everything in it is per
position, so M' may differ from M. All values are on the scale of eq. 4, a quarter of a mean
squared difference; N x N algebra and sums are done in float64, the products with F, and the
derivative, in the dtype of F.

All but the Gaussian MMD keep `Moments`. Those losses take ``whole=(Moments, M)`` for a strip of F,
and regions (`nst_numpy.losses.spatial_guidance`).
"""

from collections.abc import Callable
from typing import TypeAlias

from nst_numpy.losses.covariance import covariance_loss, mean_variance_loss
from nst_numpy.losses.gram import style_layer_loss
from nst_numpy.losses.mmd import (
    Points,
    gaussian_mmd_loss,
    linear_mmd_loss,
    points,
    polynomial_mmd_loss,
)
from nst_numpy.losses.moments import Moments, Whole, moments
from nst_numpy.losses.wasserstein import wasserstein_loss
from nst_numpy.utils.types import FeatureMap


def gram_loss(F: FeatureMap, a: Moments, whole: Whole | None = None) -> tuple[float, FeatureMap]:
    """The paper's E_l and its derivative, from `Moments` of the style image.

        E = 1/(4 N^2 M^2) sum_ij (G - A)_ij^2,   G = M S,   A = M S_a   [Gatys et al. 2015, eq. 4]

    Departs from Gatys et al.: their style image has as many positions as the generated one. If
    it has not, A is not its Gram matrix but that per position, S_a, times M. With equal sizes
    the factors cancel. Parameters and results are those of `covariance_loss`.
    """
    m, M = whole or (moments(F), F.shape[1])
    G, A = ((M * each.S).astype(F.dtype) for each in (m, a))  # (N, N)
    return style_layer_loss(F, A, (G, M))


Statistics: TypeAlias = Callable[[FeatureMap], Moments] | Callable[[FeatureMap], Points]
StyleLoss: TypeAlias = Callable[..., tuple[float, FeatureMap]]

STYLE_LOSSES: dict[str, tuple[Statistics, StyleLoss]] = {
    "gram": (moments, gram_loss),
    "covariance": (moments, covariance_loss),
    "mean-variance": (moments, mean_variance_loss),
    "wasserstein": (moments, wasserstein_loss),
    "mmd-linear": (moments, linear_mmd_loss),
    "mmd-polynomial": (moments, polynomial_mmd_loss),
    "mmd-gaussian": (points, gaussian_mmd_loss),
}
