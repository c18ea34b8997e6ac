"""Style as mean and covariance, and as each channel's mean and deviation."""

import numpy as np

from nst_numpy.losses.moments import Moments, Whole, centered_derivative, covariance, moments, ridge
from nst_numpy.utils.types import Array, FeatureMap


def covariance_loss(
    F: FeatureMap, a: Moments, whole: Whole | None = None
) -> tuple[float, FeatureMap]:
    """Distance between means and between covariances ("centered Gram"), and its derivative.

        L = 1/4 (1/N^2 sum_ij (C - C_a)_ij^2 + 1/N sum_i (mu - mu_a)_i^2)

        dL/dC = 1/(2 N^2) (C - C_a)        dL/dmu = 1/(2 N) (mu - mu_a)
        dL/dF = 1/M (1/N^2 (C - C_a) (F - mu 1^T) + 1/(2 N) (mu - mu_a) 1^T)

    Eq. 4 compares S = C + mu mu^T, where a wrong mean can make up for a wrong covariance; its
    first half with C in the place of S is the first half here, derivative included (eq. 6 with
    F - mu 1^T for F). C alone would not see a shift of all features, hence the mean; the
    two halves weigh alike where activations are near 1, as in a normalized network.

    Departs from Gatys et al.: they compare Gram matrices.

    Parameters
    ----------
    F : (N, M) float32 or float64
        Feature map of the generated image.
    a : Moments
        Of the style image.
    whole : (Moments, M), optional
        If F holds only some of the positions: moments and number of positions of all.

    Returns
    -------
    L : float
    dL_dF : (N, M), dtype of F
    """
    N = F.shape[0]
    m, M = whole or (moments(F), F.shape[1])
    D = covariance(m) - covariance(a)  # (N, N), symmetric
    d = m.mu - a.mu  # (N,)
    L = (np.sum(D * D) / N**2 + np.sum(d * d) / N) / 4
    return float(L), centered_derivative(F, m.mu, M, d / (2 * N), D / (2 * N**2))


def mean_variance_loss(
    F: FeatureMap, a: Moments, whole: Whole | None = None
) -> tuple[float, FeatureMap]:
    """Distance between the means and deviations of each channel, and its derivative.

        L = 1/(4 N) sum_i (mu_i - mu_a,i)^2 + (s_i - s_a,i)^2,        s_i^2 = C_ii + eps

    These are the statistics that batch normalization keeps, a style loss four times as large
    in [Li et al. 2017, "Demystifying Neural Style Transfer"]. From
    ds_i/dC_ii = 1/(2 s_i) and dC_ii/dF_ik = 2/M (F_ik - mu_i):

        dL/dF_ik = 1/(2 N M) (mu_i - mu_a,i + (s_i - s_a,i)/s_i (F_ik - mu_i)).

    eps is `ridge`: without it the slope of s_i at a channel without variance is infinite.
    Parameters and results are those of `covariance_loss`.
    """
    N = F.shape[0]
    m, M = whole or (moments(F), F.shape[1])
    s, s_a = (deviations(each, ridge(a)) for each in (m, a))  # (N,)
    d_mu, d_s = m.mu - a.mu, s - s_a  # (N,)
    L = (np.sum(d_mu * d_mu) + np.sum(d_s * d_s)) / (4 * N)
    slope = d_s / s
    dL_dF = slope.astype(F.dtype)[:, None] * F  # (N, M)
    dL_dF += (d_mu - slope * m.mu).astype(F.dtype)[:, None]
    dL_dF /= 2 * N * M
    return float(L), dL_dF


def deviations(m: Moments, eps: float) -> Array:
    """s_i of `Moments` m: (N,). What rounding makes negative counts as no variance."""
    return np.sqrt(np.maximum(np.diag(m.S) - m.mu**2, 0) + eps)
