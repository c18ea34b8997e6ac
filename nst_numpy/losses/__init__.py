"""The paper's losses as functions of matrices, each returning ``(value, derivative)``.

Nothing here knows of networks or pictures: F, P, G and A are matrices.
"""

from nst_numpy.losses.content import content_loss
from nst_numpy.losses.style import gram, style_layer_loss, style_loss
from nst_numpy.losses.variation import total_variation

__all__ = ["content_loss", "gram", "style_layer_loss", "style_loss", "total_variation"]
