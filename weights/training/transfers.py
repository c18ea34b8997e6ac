"""Pictures in the middle of a transfer by the student: what it has to judge when it is used.

A transfer looks for pictures with a small loss, and where the student sees less than the
teacher, it finds pictures that only the student likes: grain, false colors. Training therefore
contains such pictures. Each starts from a crop and moves a little down the gradient of the
student's own style loss every time that it is drawn.
"""

import numpy as np
import torch

from weights.training.vggfile import NAMES, Layers, features

STYLE_LAYERS = [NAMES.index(f"conv{block}_1") for block in range(1, 6)]
LIFE = 20  # draws until a picture is replaced, in the mean


def grams(F: list[torch.Tensor]) -> list[torch.Tensor]:
    """Gram matrices per position of each picture: (n, N, H, W) -> (n, N, N)."""
    flat = [F[layer].flatten(2) for layer in STYLE_LAYERS]
    return [f @ f.transpose(1, 2) / f.shape[2] for f in flat]


def style_gradient(x: torch.Tensor, a: torch.Tensor, student: Layers, scale: float) -> torch.Tensor:
    """The gradient of the student's style loss in x, root mean square 1 for each picture."""
    with torch.no_grad():
        A = grams(features(a / scale, student))
    x = x.detach().clone().requires_grad_()
    frozen = [(w.detach(), b.detach()) for w, b in student]
    loss = torch.zeros(())
    for G, target in zip(grams(features(x / scale, frozen)), A, strict=True):
        size = target.square().sum((1, 2))
        loss = loss + ((G - target).square().sum((1, 2)) / size).sum()
    (g,) = torch.autograd.grad(loss, x)
    return g / (g.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-20)


def smoothed(g: torch.Tensor) -> torch.Tensor:
    """The gradient divided by the frequency, as a preconditioner does; root mean square 1."""
    n = g.shape[-1]
    frequency = torch.hypot(torch.fft.fftfreq(n)[:, None], torch.fft.rfftfreq(n))
    g = torch.fft.irfft2(torch.fft.rfft2(g) / frequency.clamp(min=1 / n), s=g.shape[-2:])
    return g / (g.square().mean((1, 2, 3), keepdim=True).sqrt() + 1e-20)


class Transfers:
    """A pool of pictures x on their way to the styles a, both (n, 3, H, W), BGR minus the means."""

    def __init__(self, x: torch.Tensor, a: torch.Tensor) -> None:
        self.x, self.a = x, a

    def draw(self, rng: np.random.Generator, n: int, student: Layers, scale: float) -> torch.Tensor:
        """Move n of the pictures one step, return them; some are due for `replace` afterwards."""
        chosen = torch.from_numpy(rng.permutation(len(self.x))[:n])
        x, a = self.x[chosen], self.a[chosen]
        g = style_gradient(x, a, student, scale)
        if rng.uniform() < 0.5:
            g = smoothed(g)
        length = 0.7 * 10 ** rng.uniform(0, 1)  # gray levels
        mean = torch.tensor([103.939, 116.779, 123.68])[:, None, None]
        x = (x - length * g + mean).clamp(0, 255) - mean
        self.x[chosen] = x
        self.last = chosen
        return x.contiguous(memory_format=torch.channels_last)

    def replace(self, rng: np.random.Generator, fresh: torch.Tensor) -> None:
        """Put new crops in the places of the pictures drawn last, each with chance 1 / LIFE."""
        for i in self.last.tolist():
            if rng.uniform() < 1 / LIFE:
                self.a[i] = self.x[i] if rng.uniform() < 0.1 else self.a[rng.integers(len(self.a))]
                self.x[i] = fresh[rng.integers(len(fresh))]
                if rng.uniform() < 0.5:
                    self.a[i] = fresh[rng.integers(len(fresh))]
