"""The student's start: filters of the teacher, fitted layer by layer without gradients."""

import numpy as np
import torch
import torch.nn.functional as nnf
from scipy import linalg

from weights.training.vggfile import Layers, convolve, features, pooled

SAMPLES = 10000  # positions of each layer that the fits see
RIDGE = 1e-3  # times the mean square of a fit's inputs


def solve(
    inputs: torch.Tensor, outputs: torch.Tensor, ridge: float
) -> tuple[torch.Tensor, torch.Tensor]:
    """The linear map (w, b) with the least squared error: (M, C) -> (M, N)."""
    X = torch.cat([inputs, torch.ones(len(inputs), 1)], dim=1).double()  # (M, C + 1)
    A = X.T @ X / len(X)
    A += ridge * A.diagonal().mean() * torch.eye(len(A), dtype=A.dtype)
    w = torch.linalg.solve(A, X.T @ outputs.double() / len(X)).float()  # (C + 1, N)
    return w[:-1].T.contiguous(), w[-1].contiguous()


def select(T: torch.Tensor, n: int) -> torch.Tensor:
    """Indices of n of the teacher's filters: each explains most of what those before left over.

    T is (M, N_T), features at M positions. A QR decomposition with pivoting chooses.
    """
    centered = (T - T.mean(0)).double().numpy()
    _, _, order = linalg.qr(centered, mode="economic", pivoting=True)
    return torch.from_numpy(np.sort(order[:n]).astype(np.int64))


def patches(x: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
    """The 3 x 3 surroundings of some positions: (n, C, H, W) -> (len(rows), 9 C)."""
    cut = nnf.unfold(nnf.pad(x, (1, 1, 1, 1), mode="reflect"), 3)  # (n, 9 C, H W)
    return cut.permute(0, 2, 1).reshape(-1, cut.shape[1])[rows]


def positions(F: torch.Tensor) -> torch.Tensor:
    """Features as a matrix of positions: (n, N, H, W) -> (n H W, N)."""
    return F.permute(0, 2, 3, 1).reshape(-1, F.shape[1])


@torch.no_grad()
def fitted_student(
    teacher: Layers, widths: list[int], x: torch.Tensor, scale: float, ridge: float = RIDGE
) -> tuple[Layers, Layers]:
    """A student that imitates a selection of the teacher's filters, and its maps to all of them.

    Parameters
    ----------
    teacher : list of (w, b)
    widths : list of int
        Filters of each of the student's layers.
    x : (n, 3, H, W) tensor
        Pictures to fit on, BGR minus the means.
    scale : float
        The student reads x / scale.
    ridge : float
        Regularization of the fits, times the mean square of their inputs.

    Returns
    -------
    student, maps : lists of (w, b)
        Of each layer its convolution, and the linear map from its features to the teacher's.
    """
    chance = torch.Generator().manual_seed(0)
    T = features(x, teacher)
    S, student, maps = x / scale, [], []
    for layer, n in enumerate(widths):
        count = T[layer].shape[0] * T[layer].shape[2] * T[layer].shape[3]
        rows = torch.randperm(count, generator=chance)[:SAMPLES]
        t = positions(T[layer])[rows]  # (M, N_T)
        chosen = select(t, n)
        w, b = teacher[layer]
        below = x if layer == 0 else T[layer - 1]
        target = positions(convolve(pooled(layer, below), w[chosen], b[chosen]))[rows]
        w, b = solve(patches(pooled(layer, S), rows), target, ridge)
        gain = (t.square().sum() / torch.relu(target).square().sum()).sqrt()
        w = (gain * w).reshape(n, -1, 3, 3).contiguous(memory_format=torch.channels_last)
        student.append((w, gain * b))
        S = torch.relu(convolve(pooled(layer, S), *student[-1]))
        maps.append(solve(positions(S)[rows], t, ridge))
    return student, maps
