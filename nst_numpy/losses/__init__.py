"""The losses as functions of matrices and pictures; a value is returned with its derivative.

Nothing here depends on a network: F, P, G and A are matrices. The paper's own losses are in
`content` and `gram`, the other style losses are listed in `registry`.
"""

from nst_numpy.losses.blending import blend
from nst_numpy.losses.content import content_loss
from nst_numpy.losses.gram import gram, style_layer_loss, style_loss
from nst_numpy.losses.laplacian import laplacian_loss
from nst_numpy.losses.moments import Moments, loss_of_feature_map, moments, pull_back
from nst_numpy.losses.registry import MOMENT_LOSSES, STYLE_LOSSES, WHOLE_MAP_LOSSES
from nst_numpy.losses.spatial_guidance import empty_regions, guided_loss, region_moments
from nst_numpy.losses.total_variation import VARIATIONS, total_variation

__all__ = [
    "content_loss",
    "gram",
    "style_layer_loss",
    "style_loss",
    "Moments",
    "moments",
    "pull_back",
    "loss_of_feature_map",
    "MOMENT_LOSSES",
    "WHOLE_MAP_LOSSES",
    "STYLE_LOSSES",
    "blend",
    "region_moments",
    "guided_loss",
    "empty_regions",
    "total_variation",
    "VARIATIONS",
    "laplacian_loss",
]
