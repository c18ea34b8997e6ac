"""Train a small VGG to reproduce the features of a larger one (distillation).

    python -m weights.training.train --teacher vgg19_16x.h5 --output tiny.h5

The student has the layers of VGG-19 up to conv5_1, with fewer filters. At each convolution a
linear map takes its features S (after the ReLU) to those of the teacher, T. The loss is the
squared error relative to the variance of the teacher, summed over the layers l:

    L = sum_l |T_l - W_l S_l - c_l|^2 / |T_l - mean T_l|^2

The maps W, c and the batch normalization exist only during training: the maps are discarded, and
the batch normalization is folded into the convolutions, which changes no features. Half of the
crops come from generated textures, half from the free photographs in scikit-image.

Requires PyTorch and scikit-image (the extra ``train``). Run it in a checkout of the repository.
"""

import argparse
import datetime
import json
import os
import platform
import tempfile
import time
from typing import TypeAlias

import h5py
import numpy as np
import torch
import torch.nn.functional as nnf
from torch import nn

from nst_numpy.utils.types import Picture
from weights.training.crops import batch, load_photographs, load_textures
from weights.training.vggfile import (
    NAMES,
    Convolve,
    Layers,
    features,
    normalized,
    plain,
    read_teacher,
    rounding_error,
    write_keras,
)

Pictures: TypeAlias = tuple[Picture, list[Picture]]  # textures, photographs
INPUT_SCALE = 64.0  # divides the input during training; folded into conv1_1 at the end


def new_student(widths: list[int], teacher: Layers) -> nn.ModuleDict:
    """Convolutions, batch normalization, and linear maps to the features of the teacher."""
    out = [widths[int(name[5]) - 1] for name in NAMES]
    into = [3, *out[:-1]]
    student = nn.ModuleDict(
        {
            "conv": nn.ModuleList(
                nn.Conv2d(i, o, 3, padding=1, bias=False) for i, o in zip(into, out, strict=True)
            ),
            "norm": nn.ModuleList(nn.BatchNorm2d(o, momentum=0.02) for o in out),
            "map": nn.ModuleList(
                nn.Conv2d(o, len(b), 1) for o, (_, b) in zip(out, teacher, strict=True)
            ),
        }
    )
    for conv in student["conv"]:
        nn.init.kaiming_normal_(conv.weight)
    return student.to(memory_format=torch.channels_last)


def normed(student: nn.ModuleDict) -> Convolve:
    """The `convolve` argument of `features` for a student in training, with batch normalization."""
    return lambda layer, x: student["norm"][layer](student["conv"][layer](x))


def fold(student: nn.ModuleDict) -> Layers:
    """The student as a list of (w, b), with the batch normalization folded in exactly."""
    layers = []
    for conv, norm in zip(student["conv"], student["norm"], strict=True):
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        w = conv.weight * gain[:, None, None, None]
        layers.append((w.detach(), (norm.bias - norm.running_mean * gain).detach()))
    w, b = layers[0]
    layers[0] = (w / INPUT_SCALE, b)
    return layers


def unit_variance(teacher: Layers, pictures: Pictures, o: argparse.Namespace) -> Layers:
    """Scale each layer of the teacher so that the variance of its features is one.

    ReLU commutes with positive factors, so the features change only by a factor. The errors are
    then relative, and the linear maps need no large weights.
    """
    rng = np.random.default_rng(o.seed + 3)
    with torch.no_grad():
        T = [features(batch(rng, *pictures, 16, o.crop), plain(teacher)) for _ in range(8)]
    scaled, before = [], 1.0
    for layer, (w, b) in enumerate(teacher):
        t = torch.cat([taps[layer] for taps in T])
        scale = (t - t.mean((0, 2, 3), keepdim=True)).square().mean().sqrt().item()
        scaled.append((w * (before / scale), b / scale))
        before = scale
    return scaled


def relative_errors(
    student: nn.ModuleDict, teacher: Layers, x: torch.Tensor, bf16: bool
) -> list[torch.Tensor]:
    """Mean of |T - W S - c|^2 at each of the 13 layers; the variance of T is one."""
    with torch.autocast("cpu", torch.bfloat16, enabled=bf16):
        with torch.no_grad():
            T = features(x, plain(teacher))
        S = features(x / INPUT_SCALE, normed(student))
        parts = zip(T, S, student["map"], strict=True)
        return [nnf.mse_loss(linear(s).float(), t.float()) for t, s, linear in parts]


# --- training ---------------------------------------------------------------------


def learning_rate(step: int, o: argparse.Namespace) -> float:
    """Warm-up, constant until `steps`, then cosine decay to zero over `decay_steps`."""
    if step < o.steps:
        return o.rate * min(1, (step + 1) / 300)
    return o.rate * 0.5 * (1 + np.cos(np.pi * min(1, (step - o.steps) / o.decay_steps)))


def save_checkpoint(
    path: str,
    student: nn.ModuleDict,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
    step: int,
    seconds: float,
) -> None:
    """Save everything that `--resume` needs to continue exactly."""
    state = {"student": student.state_dict(), "optimizer": optimizer.state_dict()}
    state |= {"rng": rng.bit_generator.state, "step": step, "seconds": seconds}
    torch.save(state, path + ".part")
    os.replace(path + ".part", path)


def load_checkpoint(
    path: str,
    student: nn.ModuleDict,
    optimizer: torch.optim.Optimizer,
    rng: np.random.Generator,
) -> tuple[int, float]:
    """Restore the student, the optimizer and the generator; return the step and the seconds."""
    state = torch.load(path, weights_only=False)
    student.load_state_dict(state["student"])
    optimizer.load_state_dict(state["optimizer"])
    rng.bit_generator.state = state["rng"]
    return state["step"], state["seconds"]


def print_progress(step: int, seconds: float, errors: list[torch.Tensor]) -> None:
    """Print the step, the time, the loss and the error of each layer."""
    each = " ".join(f"{e.item():.3f}" for e in errors)
    print(f"{step:6d} {seconds:6.0f}s {sum(errors).item():.3f} | {each}", flush=True)


def train(
    o: argparse.Namespace, teacher: Layers, pictures: Pictures
) -> tuple[nn.ModuleDict, float]:
    """Run the remaining steps; return the student and the total time in seconds."""
    rng = np.random.default_rng(o.seed)
    torch.manual_seed(o.seed)
    student = new_student(o.widths, teacher)
    optimizer = torch.optim.AdamW(student.parameters(), o.rate, weight_decay=1e-4)
    step, before, begin = 0, 0.0, time.time()
    if o.resume:
        step, before = load_checkpoint(o.resume, student, optimizer, rng)
    teacher = unit_variance(teacher, pictures, o)
    errors_of = torch.compile(relative_errors) if o.compile else relative_errors
    test = batch(np.random.default_rng(o.seed + 1), *pictures, 48, o.crop)
    saved = time.time()
    while step < o.steps + o.decay_steps:
        # After `hold_norm` steps the batch statistics are fixed, so that the student computes the
        # same in training as after folding.
        student.train(step < o.hold_norm)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step, o)
        x = batch(rng, *pictures, o.batch, o.crop)
        errors = errors_of(student, teacher, x, o.bf16)
        optimizer.zero_grad()
        sum(errors).backward()
        nn.utils.clip_grad_norm_(student.parameters(), 5.0)
        optimizer.step()
        step += 1
        if step % 500 == 0:
            student.eval()
            with torch.no_grad():
                seen = relative_errors(student, teacher, test, o.bf16)
            print_progress(step, before + time.time() - begin, seen)
        if time.time() - saved > 120:
            clock = before + time.time() - begin
            save_checkpoint(o.checkpoint, student, optimizer, rng, step, clock)
            saved = time.time()
    seconds = before + time.time() - begin
    save_checkpoint(o.checkpoint, student, optimizer, rng, step, seconds)
    return student, seconds


def options() -> argparse.Namespace:
    """Parse the command line."""
    add = (parser := argparse.ArgumentParser(description=__doc__.split("\n")[0])).add_argument
    scratch = tempfile.gettempdir()
    add("--teacher", required=True, help="a VGG-19 in any format that nst_numpy reads")
    add("--output", default="tiny.h5")
    add("--widths", default="16,32,64,128,128", help="filters of the five blocks")
    add("--steps", type=int, default=12000, help="steps at the full learning rate")
    add("--decay-steps", type=int, default=4000)
    add(
        "--hold-norm",
        type=int,
        default=1500,
        help="step after which the batch statistics are fixed",
    )
    add("--rate", type=float, default=3e-3)
    add("--batch", type=int, default=16)
    add("--crop", type=int, default=96)
    add("--per-recipe", type=int, default=100)
    add("--seed", type=int, default=0)
    add("--threads", type=int, default=2)
    add("--float32", dest="bf16", action="store_false", help="do not use bfloat16 arithmetic")
    add("--compile", action="store_true", help="twice as fast; needs a C++ compiler")
    add(
        "--textures",
        default=os.path.join(scratch, "nst_textures.npy"),
        help="cache file of the textures",
    )
    add("--checkpoint", default=os.path.join(scratch, "nst_student.pt"))
    add("--resume", help="checkpoint to resume from")
    add("--attribution", default="", help="author and license of the teacher")
    o = parser.parse_args()
    o.widths = [int(n) for n in o.widths.split(",")]
    return o


def main() -> None:
    """Create the pictures, train the student, fold, normalize and write it."""
    o = options()
    torch.set_num_threads(o.threads)
    teacher = read_teacher(o.teacher)
    pictures = load_textures(o.textures, o.per_recipe, 192, o.seed), load_photographs()
    print(f"{len(pictures[0])} textures, {len(pictures[1])} photographs", flush=True)
    student, seconds = train(o, teacher, pictures)
    with torch.no_grad():
        x = batch(np.random.default_rng(o.seed + 2), *pictures, 256, 128)
        layers, dead = normalized(fold(student), x)
        rounding = rounding_error(layers, x[:32])
    numbers = {k: v for k, v in vars(o).items() if isinstance(v, int | float | list)}
    versions = {"Python": platform.python_version(), "numpy": np.__version__}
    versions |= {"torch": str(torch.__version__), "h5py": h5py.__version__}
    about = {
        "teacher": os.path.basename(o.teacher),
        "attribution": o.attribution,
        "steps": o.steps + o.decay_steps,
        "minutes": round(seconds / 60),
        "seed": o.seed,
        "options": json.dumps(numbers),
        "versions": json.dumps(versions),
        "date": datetime.date.today().isoformat(),
        "normalized": "mean activation of each filter is 1; of rare ones the rms is 3",
        "dead_filters": json.dumps(dead),
        "rounding_to_float16": rounding,
    }
    write_keras(o.output, layers, about)
    print(json.dumps(about, indent=1))


if __name__ == "__main__":
    main()
