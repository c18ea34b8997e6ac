"""The losses as functions of matrices and pictures, each returning ``(value, derivative)``.

Nothing here knows of networks: F, P, G and A are matrices. The paper's own are in `content`
and `style`; `family` has the other style losses, one row each.
"""

from nst_numpy.losses.blending import blend
from nst_numpy.losses.content import content_loss
from nst_numpy.losses.gram import gram, style_layer_loss, style_loss
from nst_numpy.losses.laplacian import laplacian_loss
from nst_numpy.losses.registry import STYLE_LOSSES
from nst_numpy.losses.spatial_guidance import empty_regions, guided_loss, guided_statistics
from nst_numpy.losses.total_variation import VARIATIONS, total_variation

__all__ = [
    "content_loss",
    "gram",
    "style_layer_loss",
    "style_loss",
    "STYLE_LOSSES",
    "blend",
    "guided_statistics",
    "guided_loss",
    "empty_regions",
    "total_variation",
    "VARIATIONS",
    "laplacian_loss",
]
