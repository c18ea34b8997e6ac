"""Styles by region: guided Gram matrices, and the same for all other losses of moments.

A region r of a layer is a mask T_r (M,): the share of each position that belongs to it, 0..1
(`nst_numpy.images.masks` makes them). [Gatys et al. 2017, "Controlling Perceptual Factors in
Neural Style Transfer"] multiply each filter's map by the normalized mask and compare the Gram
matrices region by region.

    M_r = sum_k T_rk^2    mu_r = 1/M_r sum_k T_rk^2 F_k    S_r = 1/M_r sum_k (T_rk F_k) (T_rk F_k)^T

S_r is [Gatys et al. 2017]'s guided Gram matrix: the Gram matrix of F with each row multiplied by
T_r / sqrt(M_r), whose squares add up to 1. M_r takes the place of M: with T_r = 1 everywhere, M_r
is M, and mu_r and S_r are the plain moments.

Departs from Gatys et al. 2015: in the paper each part of the style goes everywhere.
"""

from collections.abc import Sequence

import numpy as np

from nst_numpy.losses.gram import gram_loss
from nst_numpy.losses.moments import MomentLoss, Moments, Sums, moments_of, pull_back, sums
from nst_numpy.utils.types import Array, FeatureMap

SMALLEST = 1.0  # positions; a region with less at some layer has no features of its own there
Slopes = tuple[Array, Array | None]  # dL/dmu and dL/dS of one region


def region_sums(F: FeatureMap, T: Array) -> list[Sums]:
    """Sums over the positions of each region.

    Parameters
    ----------
    F : (N, M) float32 or float64
        All positions, or the positions of one tile.
    T : (R, M), same dtype
        One row for each region.

    Returns
    -------
    list of R Sums
    """
    return [sums(F, T_r) for T_r in T]


def region_moments(F: FeatureMap, T: Array) -> list[Moments | None]:
    """Moments of each region of a whole feature map F (N, M), None where T (R, M) is empty.

    Examples
    --------
    >>> F, T = np.array([[1.0, 3.0, 5.0]]), np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> [m.mu.item() for m in region_moments(F, T)]
    [2.0, 5.0]
    """
    empty = empty_regions(T)
    found = region_sums(F, T)
    return [None if r in empty else moments_of(found[r]) for r in range(len(T))]


def loss_by_region(
    found: Sequence[Sums], a: Sequence[Moments | None], loss: MomentLoss
) -> tuple[float, list[Slopes | None]]:
    """Style loss over regions, and its derivatives with respect to the sums' moments.

        L = sum_r lambda_r L_r        lambda_r = M_r / sum_r M_r

    L_r is a loss of the moments of region r. With lambda_r, the share of the region, the derivative
    at a position is as large as without regions, and one region that covers everything gives the
    plain loss.

    Parameters
    ----------
    found : sequence of R Sums
        Of the generated image.
    a : sequence of R Moments or None
        Of the style image; regions with None are left out.
    loss : callable
        One of `nst_numpy.losses.registry.MOMENT_LOSSES`.

    Returns
    -------
    L : float
    slopes : list of R (dL_r/dmu_r, dL_r/dS_r), or None
        Without the factor lambda_r, divided by sum_r M_r: `guided_pull_back` multiplies them by
        T_rk^2, and lambda_r T_rk^2 / M_r is T_rk^2 / sum_r M_r.
    """
    M = sum(s.M for s, a_r in zip(found, a, strict=True) if a_r is not None)
    L, slopes = 0.0, list[Slopes | None]()
    for s, a_r in zip(found, a, strict=True):
        if a_r is None:
            slopes.append(None)
            continue
        L_r, dL_dmu, dL_dS = loss(moments_of(s), a_r)
        L += s.M / M * L_r
        slopes.append((dL_dmu / M, None if dL_dS is None else dL_dS / M))
    return L, slopes


def guided_pull_back(F: FeatureMap, T: Array, slopes: Sequence[Slopes | None]) -> FeatureMap:
    """dL/dF of `loss_by_region`, from its slopes.

        dL/dF_k = sum_r lambda_r T_rk^2 / M_r (2 dL_r/dS_r F_k + dL_r/dmu_r)

    Parameters
    ----------
    F : (N, M) float32 or float64
        All positions, or the positions of one tile.
    T : (R, M), same dtype
    slopes : sequence of R (dL_dmu, dL_dS), or None
        From `loss_by_region`.

    Returns
    -------
    dL_dF : (N, M), dtype of F
    """
    dL_dF = np.zeros(F.shape[::-1], F.dtype).T  # (N, M), position by position
    for T_r, slope in zip(T, slopes, strict=True):
        if slope is not None:
            dL_dF += pull_back(F, T_r**2, *slope)
    return dL_dF


def guided_loss(
    F: FeatureMap, T: Array, a: Sequence[Moments | None], loss: MomentLoss = gram_loss
) -> tuple[float, FeatureMap]:
    """Style loss by region of a whole feature map, and its derivative (`loss_by_region`).

    A region that is empty (`empty_regions`) in F or in the style is left out.

    Parameters
    ----------
    F : (N, M) float32 or float64
        Feature map of the generated image.
    T : (R, M), same dtype
        Its regions.
    a : sequence of R Moments or None
        See `region_moments`.
    loss : callable
        One of `nst_numpy.losses.registry.MOMENT_LOSSES`; eq. 4 if not given.

    Returns
    -------
    L : float
    dL_dF : (N, M), dtype of F

    Examples
    --------
    >>> F, T = np.array([[1.0, 3.0, 5.0]]), np.array([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]])
    >>> guided_loss(F, T, region_moments(F, T))  # the style has the same moments
    (0.0, array([[0., 0., 0.]]))
    """
    L, slopes = loss_by_region(region_sums(F, T), without_empty(a, T), loss)
    return L, guided_pull_back(F, T, slopes)


def without_empty(a: Sequence[Moments | None], T: Array) -> list[Moments | None]:
    """The style's moments by region, None where the region is empty in T (R, M)."""
    empty = empty_regions(T)
    return [None if r in empty else a_r for r, a_r in enumerate(a)]


def empty_regions(T: Array) -> list[int]:
    """Numbers r of the regions that cover less than one position in all, for T (R, M).

    A small region fades with each pooling. At conv5_1 a position is 16 x 16 pixels. Where only a
    part of one position is left, its features are those of the surroundings.
    """
    return [r for r, share in enumerate(T.sum(axis=1, dtype=np.float64)) if share < SMALLEST]
