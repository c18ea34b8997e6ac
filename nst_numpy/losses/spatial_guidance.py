"""Styles by region: guided Gram matrices, and what else can be guided.

A region r of a layer is a mask T (M,): the share of each position that belongs to it, 0..1
(`nst_numpy.images.masks` makes them). [Gatys et al. 2017, "Controlling Perceptual Factors in
Neural Style Transfer"] multiply each filter's map by T, normalized, and compare the Gram matrices
of what is left, region by region.
"""

from collections.abc import Sequence

import numpy as np

from nst_numpy.losses.gram import gram
from nst_numpy.losses.moments import Moments, Whole
from nst_numpy.losses.registry import StyleLoss, gram_loss
from nst_numpy.utils.types import Array, FeatureMap

SMALLEST = 1.0  # positions; a region with less at some layer has no features of its own there


def guided_moments(F: FeatureMap, T: Array) -> Whole:
    """Moments of a region: mean and second moment with weights T^2, and the sum of these.

        M_r = sum_k T_k^2     mu = 1/M_r sum_k T_k^2 F_k     S = 1/M_r sum_k (T_k F_k) (T_k F_k)^T

    S is [Gatys et al. 2017]'s guided Gram matrix: the Gram matrix of F with each row multiplied
    by T / sqrt(M_r), whose squares add up to 1. M_r takes the place of M: with T = 1
    everywhere, M_r is M, and mu and S are the plain moments.

    Parameters
    ----------
    F : (N, M) float32 or float64
    T : (M,), same dtype
        Not all zero.

    Returns
    -------
    Moments
    M_r : float
    """
    M_r = float(np.sum(T * T, dtype=np.float64))
    F_r = F * T  # (N, M)
    mu = (F_r * T).sum(axis=1, dtype=np.float64) / M_r  # (N,)
    return Moments(mu, gram(F_r).astype(np.float64) / M_r), M_r


def regions_of(F: FeatureMap, T: Array) -> list[Whole | None]:
    """(Moments, M_r) of each region, None where it is empty, for T (R, M) of the dtype of F."""
    empty = empty_regions(T)
    return [None if r in empty else guided_moments(F, T[r]) for r in range(len(T))]


def guided_statistics(F: FeatureMap, T: Array) -> list[Moments | None]:
    """What is kept of a style image: the moments of each region, None where it is empty.

    Parameters
    ----------
    F : (N, M) float32 or float64
    T : (R, M), same dtype
        One row for each region.

    Returns
    -------
    list of R Moments or None
    """
    return [region and region[0] for region in regions_of(F, T)]


def guided_loss(
    F: FeatureMap,
    T: Array,
    a: Sequence[Moments | None],
    loss: StyleLoss = gram_loss,
    whole: Sequence[Whole | None] | None = None,
) -> tuple[float, FeatureMap]:
    """Style loss by region, and its derivative.

        L = sum_r lambda_r L_r,        lambda_r = M_r / sum_r M_r

    L_r is a loss of the moments of region r, eq. 4 unless another one is given. Only its last
    step back, from the moments to F, knows of T: the weights T_k^2 / M_r stand where 1/M stood,
    so

        dL_r/dF_k = T_k^2 / M_r (2 dL_r/dS F_k + dL_r/dmu),

    which is the plain derivative with M_r for M, times T_k^2. With lambda_r the share of the
    region, a position's derivative is as large as without regions, and one region that
    covers everything gives the plain loss. A region that is empty (`empty_regions`) in F or in
    the style is left out.

    Departs from Gatys et al.: in the paper every part of the style goes everywhere.

    Parameters
    ----------
    F : (N, M) float32 or float64
        Feature map of the generated image.
    T : (R, M), same dtype
        Its regions.
    a : list of R Moments or None
        See `guided_statistics`.
    loss : callable
        One of `nst_numpy.losses.registry.STYLE_LOSSES` that keeps `Moments`.
    whole : list of R (Moments, M_r) or None, optional
        If F and T hold only some of the positions: `regions_of` all.

    Returns
    -------
    L : float
    dL_dF : (N, M), dtype of F
    """
    m = whole or regions_of(F, T)
    there = [(T_r, m_r, a_r) for T_r, m_r, a_r in zip(T, m, a, strict=True) if m_r and a_r]
    L, dL_dF = 0.0, np.zeros_like(F)
    for T_r, m_r, a_r in there:
        share = m_r[1] / sum(M_r for _, (_, M_r), _ in there)
        L_r, dL_r = loss(F, a_r, m_r)  # float, (N, M)
        L += share * L_r
        dL_dF += share * (dL_r * T_r**2)
    return L, dL_dF


def empty_regions(T: Array) -> list[int]:
    """Numbers r of the regions that cover less than one position in all, for T (R, M).

    A small region fades on the way down: at conv5_1 a position is 16 x 16 pixels, and where no
    more than a part of one is left, the features there are its surroundings'.
    """
    return [r for r, share in enumerate(T.sum(axis=1, dtype=np.float64)) if share < SMALLEST]
