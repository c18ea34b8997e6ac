"""Style as a normal distribution: the 2-Wasserstein distance between two of them."""

import numpy as np

from nst_numpy.losses.moments import Moments, covariance, ridge, through_covariance
from nst_numpy.utils.types import Array


def wasserstein_loss(m: Moments, a: Moments) -> tuple[float, Array, Array]:
    """2-Wasserstein distance between normal distributions of features, and its derivatives.

    The smallest mean squared distance over which the points of N(mu, C) can be moved so that they
    form N(mu_a, C_a) is [Dowson & Landau 1982; Olkin & Pukelsheim 1982]

        W^2 = |mu - mu_a|^2 + tr(C + C_a - 2 (R^T C R)^1/2),        R R^T = C_a.

    R is any root of C_a, because another root R Q with orthogonal Q turns R^T C R into
    Q^T (R^T C R) Q, which has the same eigenvalues. The Cholesky factor is used. For a function
    of eigenvalues, d tr f(X) = tr(f'(X) dX), so with X = R^T C R

        d tr(X^1/2) = 1/2 tr(X^-1/2 R^T dC R) = 1/2 tr(T dC),        T = R X^-1/2 R^T,
        dW^2/dC = I - T,        dW^2/dmu = 2 (mu - mu_a),
        dW^2/dF = 2/M (F - (mu_a 1^T + T (F - mu 1^T))).

    T is the optimal transport: it turns C into C_a, T C T = C_a, and the derivative pulls each
    feature towards the place to which it is transported.

    The problem is ill-conditioned: X^-1/2 is infinite where C or C_a has no variance, which is
    always the case for M < N. Therefore `ridge` is added to the diagonal of both covariances,
    which bounds T, and the N x N algebra is done in float64 by `eigh`. The value is then the
    distance between both distributions with that much noise added.

    Departs from Gatys et al.: they compare Gram matrices. The value is W^2 / (4 N), which has the
    size of eq. 4 in a normalized network.

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
    eps = ridge(a)
    C, C_a = (covariance(each) + eps * np.eye(N) for each in (m, a))  # (N, N)
    d = m.mu - a.mu  # (N,)
    trace, T = transport(C, C_a, eps)
    W2 = np.sum(d * d) + np.trace(C) + np.trace(C_a) - 2 * trace
    dL_dC = (np.eye(N) - T) / (4 * N)  # (N, N)
    return float(W2) / (4 * N), *through_covariance(m, d / (2 * N), dL_dC)


def transport(C: Array, C_a: Array, eps: float) -> tuple[float, Array]:
    """tr((R^T C R)^1/2) and T = R (R^T C R)^-1/2 R^T, R the Cholesky factor of C_a.

    C and C_a are (N, N), symmetric, float64, with eigenvalues of at least eps. Those of R^T C R
    are then at least eps^2; a smaller one is a rounding error and is replaced by eps^2.
    """
    R = np.linalg.cholesky(C_a)
    eigenvalues, U = np.linalg.eigh(R.T @ C @ R)
    roots = np.sqrt(np.maximum(eigenvalues, eps**2))  # (N,)
    V = R @ U  # (N, N), T = V diag(1 / roots) V^T
    return float(np.sum(roots)), (V / roots) @ V.T
