"""The style losses of one layer as a table.

Two pictures are compared by statistics that are taken per position, so that the numbers of
positions may differ. All values are on the scale of eq. 4, a quarter of a mean squared difference.

The losses of moments (`nst_numpy.losses.moments`) are functions

    loss(m, a) -> (L, dL_dmu, dL_dS)

of the moments of the generated image and of the style image, computed in float64. They can be
evaluated by region (`nst_numpy.losses.spatial_guidance`) and in tiles.

The Gaussian MMD is the exception. It compares samples of positions, so it is a function of the
whole feature map (`nst_numpy.losses.mmd.gaussian_mmd_loss`), without regions and without tiles.
"""

from nst_numpy.losses.covariance import covariance_loss, mean_variance_loss
from nst_numpy.losses.gram import gram_loss
from nst_numpy.losses.mmd import linear_mmd_loss, polynomial_mmd_loss
from nst_numpy.losses.moments import MomentLoss
from nst_numpy.losses.wasserstein import wasserstein_loss

MOMENT_LOSSES: dict[str, MomentLoss] = {
    "gram": gram_loss,
    "covariance": covariance_loss,
    "mean-variance": mean_variance_loss,
    "wasserstein": wasserstein_loss,
    "mmd-linear": linear_mmd_loss,
    "mmd-polynomial": polynomial_mmd_loss,
}
WHOLE_MAP_LOSSES = ("mmd-gaussian",)
STYLE_LOSSES = (*MOMENT_LOSSES, *WHOLE_MAP_LOSSES)
