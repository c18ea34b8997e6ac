"""What the student is trained for: the teacher's features, and the teacher's inner products."""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as nnf

from weights.training.least_squares import positions
from weights.training.vggfile import NAMES, Layers, features

READ = 768  # positions of each layer and chunk that the features are compared at
PAIRED = 192  # the first of them, which the inner products are taken between
COMPARED = ("conv1_1", "conv2_1", "conv2_2", "conv3_1", "conv4_1", "conv4_2", "conv5_1")
KERNEL_LAYERS = [NAMES.index(name) for name in COMPARED]


@dataclass(frozen=True)
class Chunk:
    """Some pictures and the teacher's features at some of their positions.

    Attributes
    ----------
    x : (n, 3, H, W) tensor
    rows : list of (M,) tensors of int
        The positions of each layer.
    T : list of (M, N_T) tensors
    """

    x: torch.Tensor
    rows: list[torch.Tensor]
    T: list[torch.Tensor]


@torch.no_grad()
def seen_by(teacher: Layers, x: torch.Tensor, rng: np.random.Generator) -> Chunk:
    """The teacher's features of the pictures x at random positions."""
    rows, T = [], []
    for F in features(x, teacher):
        F = positions(F)
        chosen = torch.from_numpy(rng.permutation(len(F))[:READ])
        rows.append(chosen)
        T.append(F[chosen].clone())
    return Chunk(x, rows, T)


def kernel_error(S: torch.Tensor, T: torch.Tensor) -> torch.Tensor:
    """How far the student's inner products of positions are from the teacher's, relative.

    A distance of Gram matrices is a sum over pairs of positions,

        |G_x - G_a|^2 = sum_ij (F_xi . F_xj)^2 - 2 sum_ij (F_xi . F_aj)^2 + sum_ij (F_ai . F_aj)^2

    and a distance of features is one of their inner products too. A student whose features have
    the teacher's inner products has the teacher's style and content losses, whatever its width.
    They are compared as they are and about the mean position, (M, N) each.
    """
    error = torch.zeros((), dtype=S.dtype)
    for s, t in ((S, T), (S - S.mean(0), T - T.mean(0))):
        K_T = t @ t.T  # (M, M)
        error = error + (s @ s.T - K_T).square().sum() / K_T.square().sum()
    return error


def errors(S: list[torch.Tensor], maps: Layers, chunks: list[Chunk]) -> torch.Tensor:
    """Both errors of each layer: (2, layers), of features and of inner products.

    The first is |T - W S - c|^2 per number, where the teacher's variance is one.
    """
    out = torch.zeros(2, len(S))
    for layer, F in enumerate(S):
        parts = F.split([len(chunk.x) for chunk in chunks])
        s = [positions(p)[c.rows[layer]] for p, c in zip(parts, chunks, strict=True)]
        T = torch.cat([c.T[layer] for c in chunks])
        out[0, layer] = nnf.mse_loss(nnf.linear(torch.cat(s), *maps[layer]), T)
        if layer in KERNEL_LAYERS:
            T = torch.cat([c.T[layer][:PAIRED] for c in chunks])
            out[1, layer] = kernel_error(torch.cat([p[:PAIRED] for p in s]), T)
    return out
