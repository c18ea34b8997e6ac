"""Style as mean and covariance, and as each channel's mean and deviation."""

import numpy as np

from nst_numpy.losses.moments import Moments, covariance, ridge, through_covariance
from nst_numpy.utils.types import Array


def covariance_loss(m: Moments, a: Moments) -> tuple[float, Array, Array]:
    """Distance between means and between covariances ("centered Gram"), and its derivatives.

        L = 1/4 (1/N^2 sum_ij (C - C_a)_ij^2 + 1/N sum_i (mu - mu_a)_i^2)

        dL/dC = 1/(2 N^2) (C - C_a)        dL/dmu = 1/(2 N) (mu - mu_a)        (for a fixed C)

    Eq. 4 compares S = C + mu mu^T, where a wrong mean can make up for a wrong covariance. With C
    in the place of S, eq. 4 is the first half of this loss, and eq. 6 with F - mu 1^T for F is the
    first half of its derivative:

        dL/dF = 1/M (1/N^2 (C - C_a) (F - mu 1^T) + 1/(2 N) (mu - mu_a) 1^T).

    C alone does not see a shift of all features, hence the mean. The two halves have equal weights
    where activations are near 1, as in a normalized network.

    Departs from Gatys et al.: they compare Gram matrices.

    Parameters
    ----------
    m, a : Moments
        Of the generated image and of the style image.

    Returns
    -------
    L : float
    dL_dmu : (N,) float64
    dL_dS : (N, N) float64, symmetric
    """
    N = m.mu.size
    D = covariance(m) - covariance(a)  # (N, N), symmetric
    d = m.mu - a.mu  # (N,)
    L = (np.sum(D * D) / N**2 + np.sum(d * d) / N) / 4
    return float(L), *through_covariance(m, d / (2 * N), D / (2 * N**2))


def mean_variance_loss(m: Moments, a: Moments) -> tuple[float, Array, Array]:
    """Distance between the means and deviations of each channel, and its derivatives.

        L = 1/(4 N) sum_i (mu_i - mu_a,i)^2 + (s_i - s_a,i)^2,        s_i^2 = C_ii + eps

    These are the statistics that batch normalization keeps, a style loss four times as large
    in [Li et al. 2017, "Demystifying Neural Style Transfer"]. From ds_i/dC_ii = 1/(2 s_i),

        dL/dC_ii = 1/(4 N) (s_i - s_a,i)/s_i        dL/dmu = 1/(2 N) (mu - mu_a)   (for a fixed C)
        dL/dF_ik = 1/(2 N M) (mu_i - mu_a,i + (s_i - s_a,i)/s_i (F_ik - mu_i)).

    eps is `ridge`: without it the slope of s_i is infinite at a channel without variance.

    Departs from Gatys et al.: they compare Gram matrices.

    Parameters
    ----------
    m, a : Moments
        Of the generated image and of the style image.

    Returns
    -------
    L : float
    dL_dmu : (N,) float64
    dL_dS : (N,) float64
        The diagonal; the other elements are zero.
    """
    N = m.mu.size
    s, s_a = (deviations(each, ridge(a)) for each in (m, a))  # (N,)
    d_mu, d_s = m.mu - a.mu, s - s_a  # (N,)
    L = (np.sum(d_mu * d_mu) + np.sum(d_s * d_s)) / (4 * N)
    return float(L), *through_covariance(m, d_mu / (2 * N), d_s / s / (4 * N))


def deviations(m: Moments, eps: float) -> Array:
    """s_i of the moments m: (N,). A variance that rounding makes negative counts as zero."""
    return np.sqrt(np.maximum(np.diag(m.S) - m.mu**2, 0) + eps)
