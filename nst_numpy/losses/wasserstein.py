"""Style as a normal distribution: the 2-Wasserstein distance between two of them."""

import numpy as np

from nst_numpy.losses.moments import Moments, Whole, centered_derivative, covariance, moments, ridge
from nst_numpy.utils.types import Array, FeatureMap


def wasserstein_loss(
    F: FeatureMap, a: Moments, whole: Whole | None = None
) -> tuple[float, FeatureMap]:
    """2-Wasserstein distance between normal distributions of features, and its derivative.

    The least mean squared way by which the points of N(mu, C) can be brought to make
    N(mu_a, C_a) is [Dowson & Landau 1982; Olkin & Pukelsheim 1982]

        W^2 = |mu - mu_a|^2 + tr(C + C_a - 2 (R^T C R)^1/2),        R R^T = C_a.

    R is any root of C_a: another one, R Q with orthogonal Q, turns R^T C R into
    Q^T (R^T C R) Q, of the same eigenvalues. So the Cholesky factor does. For a function of
    eigenvalues, d tr f(X) = tr(f'(X) dX), so with X = R^T C R

        d tr(X^1/2) = 1/2 tr(X^-1/2 R^T dC R) = 1/2 tr(T dC),        T = R X^-1/2 R^T,
        dW^2/dC = I - T,        dW^2/dmu = 2 (mu - mu_a),
        dW^2/dF = 2/M (F - (mu_a 1^T + T (F - mu 1^T))).

    T is the optimal transport itself: it makes C into C_a, T C T = C_a, and the derivative pulls
    each feature straight towards the place to which it is transported.

    Ill-conditioned: X^-1/2 is infinite where C or C_a has no variance, always so for M < N.
    Both covariances therefore get `ridge` on their diagonal, which bounds T, and the N x N
    algebra is done in float64 by `eigh`, whatever F is. The value is then the distance
    between both distributions with that much noise added.

    Departs from Gatys et al.: they compare Gram matrices. Returned is W^2 / (4 N), which has the
    size of eq. 4 in a normalized network. Parameters and results are those of
    `nst_numpy.losses.covariance.covariance_loss`.
    """
    N = F.shape[0]
    m, M = whole or (moments(F), F.shape[1])
    eps = ridge(a)
    C, C_a = (covariance(each) + eps * np.eye(N) for each in (m, a))  # (N, N)
    d = m.mu - a.mu  # (N,)
    trace, T = transport(C, C_a, eps)
    W2 = np.sum(d * d) + np.trace(C) + np.trace(C_a) - 2 * trace
    dL_dF = centered_derivative(F, m.mu, M, d / (2 * N), (np.eye(N) - T) / (4 * N))
    return float(W2) / (4 * N), dL_dF


def transport(C: Array, C_a: Array, eps: float) -> tuple[float, Array]:
    """tr((R^T C R)^1/2) and T = R (R^T C R)^-1/2 R^T, R the Cholesky factor of C_a.

    C and C_a are (N, N), symmetric, float64, with eigenvalues of at least eps. Those of R^T C R
    are then at least eps^2, and one that is smaller is wrong by rounding.
    """
    R = np.linalg.cholesky(C_a)
    eigenvalues, U = np.linalg.eigh(R.T @ C @ R)
    roots = np.sqrt(np.maximum(eigenvalues, eps**2))  # (N,)
    V = R @ U  # (N, N), T = V diag(1 / roots) V^T
    return np.sum(roots), (V / roots) @ V.T
