"""Teach a thin VGG-16 to see what a full one sees.

    python -m weights.training.train --teacher vgg16.h5 --output tiny.h5

The student has VGG-16's layers up to conv5_1, thin. It starts as a selection of the teacher's
filters fitted by least squares (`least_squares`). Then gradient descent lowers the sum over the
layers of two relative errors (`losses`): of the teacher's features, read from the student's by a
linear map, and of the inner products of positions, which Gram matrices and content losses are
made of. The teacher's features are computed once (`library`); half of its pictures are transfers
in progress by the first student (`transfers`).
Pooling is by averages and padding by reflection.

Needs PyTorch and scikit-image, which nothing else in the package does.
"""

import argparse
import datetime
import json
import os
import platform
import tempfile
import time
from dataclasses import dataclass

import h5py
import numpy as np
import torch

from nst_numpy.networks import normalize
from nst_numpy.transfer.prepare_network import RARE
from weights.training.crops import batch, load_photographs, load_textures
from weights.training.least_squares import fitted_student, positions
from weights.training.library import draw_chunks, write_library
from weights.training.losses import Chunk, errors, seen_by
from weights.training.vggfile import (
    INPUT_SCALE,
    NAMES,
    Layers,
    as_layers,
    as_network,
    features,
    pictures_of,
    read_teacher,
    rounding_error,
    scaled,
    write_keras,
)


def prepared_teacher(o: argparse.Namespace, pictures: tuple) -> Layers:
    """The teacher with each layer scaled so that |T - mean T|^2 per number is one."""
    x = batch(np.random.default_rng(o.seed + 3), *pictures, 32, 112)
    teacher = read_teacher(o.teacher)
    with torch.no_grad():
        T = [positions(F) for F in features(x, teacher)]
    return scaled(teacher, [(t - t.mean(0)).square().mean().sqrt().item() for t in T])


# --- training ---------------------------------------------------------------------


@dataclass
class Training:
    """All that changes while training runs."""

    student: Layers
    maps: Layers
    average: list[Layers]  # of student and maps over the last steps; what ships
    optimizer: torch.optim.Optimizer
    rng: np.random.Generator
    step: int = 0
    seconds: float = 0.0


def begin(o: argparse.Namespace, teacher: Layers, pictures: tuple) -> Training:
    """The state before the first step: fitted by least squares, or as `save` left it."""
    rng = np.random.default_rng(o.seed)
    kept = torch.load(o.resume, weights_only=False) if o.resume else {}
    if kept:
        student, maps = kept["student"], kept["maps"]
    else:
        widths = [o.widths[int(name[4]) - 1] for name in NAMES]
        x = batch(rng, *pictures, o.fit_crops, o.crop)
        student, maps = fitted_student(teacher, widths, x, INPUT_SCALE)
    optimizer = torch.optim.Adam(groups(student, maps, o.rate))
    average = kept.get("average") or [copied(layers) for layers in (student, maps)]
    state = Training(student, maps, average, optimizer, rng)
    if kept:
        optimizer.load_state_dict(kept["optimizer"])
        rng.bit_generator.state = kept["rng"]
        state.step, state.seconds = kept["step"], kept["seconds"]
    return state


def copied(layers: Layers) -> Layers:
    """The same numbers, without gradients."""
    return [(w.detach().clone(), b.detach().clone()) for w, b in layers]


def groups(student: Layers, maps: Layers, rate: float) -> list[dict]:
    """The optimizer's groups, one a layer: the learning rate suits the size of the weights.

    A step of Adam changes each of a filter's n weights by the learning rate, and its answer by up
    to sqrt(n) times as much, relatively. The rate here is the largest relative change of answers.
    """
    found = []
    for w, b in (*student, *maps):
        n, size = w[0].numel(), w.detach().square().mean().sqrt().item()
        peak = min(1e-3, rate * size / n**0.5)
        found.append({"params": [w.requires_grad_(), b.requires_grad_()], "lr": peak, "peak": peak})
    return found


def save(path: str, state: Training) -> None:
    """All that `begin` needs to continue."""
    kept = {"student": state.student, "maps": state.maps, "step": state.step}
    kept |= {
        "average": state.average,
        "optimizer": state.optimizer.state_dict(),
        "rng": state.rng.bit_generator.state,
    }
    torch.save(kept | {"seconds": state.seconds}, path + ".part")
    os.replace(path + ".part", path)


def schedule(step: int, steps: int) -> float:
    """The learning rate relative to its peak: a short warm-up, then half a cosine to zero."""
    return min(1, (step + 1) / 50) * 0.5 * (1 + np.cos(np.pi * step / steps))


def report(state: Training, tests: list[Chunk]) -> None:
    """Print both errors of the layers on crops that training does not see."""
    with torch.no_grad():
        x = torch.cat([chunk.x for chunk in tests]) / INPUT_SCALE
        student, maps = state.average
        found = errors(features(x, student), maps, tests)
    figures = " | ".join(" ".join(f"{e:.3f}" for e in row) for row in found.tolist())
    print(f"{state.step:6d} {state.seconds:6.0f}s {found.sum():.3f} | {figures}", flush=True)


def train(o: argparse.Namespace, teacher: Layers, pictures: tuple) -> Training:
    """Run the steps that are left."""
    torch.manual_seed(o.seed)
    state = begin(o, teacher, pictures)
    chance = np.random.default_rng(o.seed + 1)
    tests = [seen_by(teacher, batch(chance, *pictures, 4, o.crop), chance) for _ in range(6)]
    report(state, tests)
    save(o.checkpoint, state)
    if not os.path.exists(o.library):
        write_library(o, teacher, copied(state.student), pictures)
    with h5py.File(o.library) as library:
        while state.step < o.steps:
            start = time.time()
            descend(o, state, draw_chunks(library, state.rng, o.batch))
            state.seconds += time.time() - start
            if state.step % o.every == 0 or state.step == o.steps:
                report(state, tests)
                save(o.checkpoint, state)
    return state


def descend(o: argparse.Namespace, state: Training, chunks: list[Chunk]) -> None:
    """One step of Adam."""
    x = torch.cat([chunk.x for chunk in chunks]).contiguous(memory_format=torch.channels_last)
    loss = errors(features(x / INPUT_SCALE, state.student), state.maps, chunks).sum()
    for group in state.optimizer.param_groups:
        group["lr"] = group["peak"] * schedule(state.step, o.steps)
    state.optimizer.zero_grad()
    loss.backward()
    state.optimizer.step()
    state.step += 1
    for layers, average in zip((state.student, state.maps), state.average, strict=True):
        for pair, mean in zip(layers, average, strict=True):
            for v, m in zip(pair, mean, strict=True):
                m.lerp_(v.detach(), 1 - o.average)


# --- the command --------------------------------------------------------------------


def options() -> argparse.Namespace:
    """The command line."""
    add = (parser := argparse.ArgumentParser(description=__doc__.split("\n")[0])).add_argument
    scratch = tempfile.gettempdir()
    add("--teacher", required=True, help="a VGG-16 as a Keras .h5 file")
    add("--output", default="tiny.h5")
    add("--widths", default="24,48,96,192,384", help="filters of the five blocks")
    add("--steps", type=int, default=8000)
    add("--average", type=float, default=0.995, help="decay of the average of the weights")
    add("--rate", type=float, default=0.1, help="relative change of a filter in a step")
    add("--crop", type=int, default=96)
    add("--fit-crops", type=int, default=80, help="pictures for the least squares")
    add("--batch", type=int, default=3, help="chunks of four pictures in each step")
    add("--chunks", type=int, default=800, help="chunks of the library")
    add("--library", default=os.path.join(scratch, "nst_library.h5"), help="is written if missing")
    add("--every", type=int, default=200, help="steps between reports and checkpoints")
    add("--per-recipe", type=int, default=60)
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    add("--textures", default=os.path.join(scratch, "nst_textures.npy"), help="cache")
    add("--checkpoint", default=os.path.join(scratch, "nst_student.pt"))
    add("--resume", help="a checkpoint to continue from")
    add("--attribution", default="", help="who made the teacher, under which license")
    o = parser.parse_args()
    o.widths = [int(n) for n in o.widths.split(",")]
    return o


def finished(o: argparse.Namespace, state: Training, x: torch.Tensor) -> tuple[Layers, dict]:
    """The student that ships, its filters scaled to a mean activation of one, and its card."""
    (w, b), *deeper = state.average[0]
    network, _ = normalize(as_network([(w / INPUT_SCALE, b), *deeper]), pictures_of(x), rare=RARE)
    layers = as_layers(network)
    versions = {"Python": platform.python_version(), "numpy": np.__version__}
    versions |= {"torch": str(torch.__version__), "h5py": h5py.__version__}
    numbers = {k: v for k, v in vars(o).items() if isinstance(v, int | float | list)}
    return layers, {
        "taught_by": os.path.basename(o.teacher),
        "attribution": o.attribution,
        "steps": state.step,
        "minutes": round(state.seconds / 60),
        "seed": o.seed,
        "options": json.dumps(numbers),
        "versions": json.dumps(versions),
        "date": datetime.date.today().isoformat(),
        "normalized": "mean activation of each filter is 1, except of the rare ones",
        "rounding_to_float16": rounding_error(layers, x[:32]),
    }


def main() -> None:
    """Make the pictures, fit, train, write."""
    o = options()
    torch.set_num_threads(o.threads)
    pictures = load_textures(o.textures, o.per_recipe, 192, o.seed), load_photographs()
    print(f"{len(pictures[0])} textures, {len(pictures[1])} photographs", flush=True)
    teacher = prepared_teacher(o, pictures)
    state = train(o, teacher, pictures)
    x = batch(np.random.default_rng(o.seed + 2), *pictures, 64, 128)
    layers, about = finished(o, state, x)
    write_keras(o.output, layers, about)
    print(json.dumps(about, indent=1))


if __name__ == "__main__":
    main()
