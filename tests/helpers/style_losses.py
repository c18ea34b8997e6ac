"""Every style loss as a pair of functions of feature maps."""

from functools import partial

from nst_numpy.losses import MOMENT_LOSSES, loss_of_feature_map, moments
from nst_numpy.losses.mmd import gaussian_mmd_loss, points


def statistics_and_loss(name):
    """``statistics(F_a) -> a`` of the style, and ``loss(F, a) -> (L, dL_dF)``."""
    if name in MOMENT_LOSSES:
        return moments, partial(loss_of_feature_map, MOMENT_LOSSES[name])
    return points, gaussian_mmd_loss


def style_loss_between(name, F, F_a):
    """Value and derivative of a style loss between two feature maps."""
    statistics, loss = statistics_and_loss(name)
    return loss(F, statistics(F_a))
