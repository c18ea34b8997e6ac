"""Total variation: neighboring pixels should not differ without need."""

import numpy as np

WHITE = 255.0


def total_variation(x):
    """Squared total variation of a picture per pixel, and its derivative.

        V = 1 / (2 H W 255^2) sum_ij |x_{i+1,j} - x_ij|^2 + |x_{i,j+1} - x_ij|^2

    x_ij stands in up to four of the differences, once with each sign for each direction:

        dV/dx_ij = 1 / (H W 255^2) (sum of x_ij - x_kl over the neighbors k, l inside the picture).

    Departs from Gatys et al.: the paper has no such term. Later work has [Mahendran & Vedaldi
    2015]: a network that sees averages of pixels leaves grain below them unpunished.

    Parameters
    ----------
    x : (H, W, 3) float32 or float64, 0..255

    Returns
    -------
    V : float
        Summed in float64.
    dV_dx : (H, W, 3), dtype of x
    """
    scale = 1 / (x.shape[0] * x.shape[1] * WHITE**2)
    down, right = np.diff(x, axis=0), np.diff(x, axis=1)  # (H - 1, W, 3), (H, W - 1, 3)
    V = scale / 2 * sum(np.sum(d * d, dtype=np.float64) for d in (down, right))
    dV_dx = np.zeros_like(x)
    dV_dx[1:] += down
    dV_dx[:-1] -= down
    dV_dx[:, 1:] += right
    dV_dx[:, :-1] -= right
    return float(V), scale * dV_dx
