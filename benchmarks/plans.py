"""What `nst-numpy plan` says beside what then happens.

    python benchmarks/plans.py [--jobs 1 2 5] [--iterations 30]

Plan and job run in processes of their own, on the photograph that ships; memory is the peak above
the process with the package imported. The full network has VGG-19's widths and random weights.
"""

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections import deque
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
from sides import WIDTHS
from speed import resident

SIZE = 384
JOBS = [  # options of `nst-numpy transfer` beside --size 384; their names as in Python
    {"size": 512},
    {"size": 1024},
    {"size": 1024, "memory": 480},
    {"full": True},
    {"full": True, "optimizer": "lbfgsb"},
    {"styles": 3},
    {"style_scale": 2.0},
    {"masks": True},
    {"full": True, "masks": True},
    {"style_loss": "wasserstein"},
    {"style_loss": "mmd-gaussian"},
    {"full": True, "style_loss": "mmd-gaussian"},
    {"content_layer": ("conv1_2", "conv2_2", "conv4_2")},
    {"laplacian": 0.1, "tv": 0.3, "tv_kind": "nine-point"},
    {"color": "keep", "average": 5},
    {"color": "luminance"},
    {"scales": 3},
    {"padding": "zero"},
    {"optimizer": "adam"},
    {"convention": "gatys"},
    {"convention": "pytorch"},
    {"reconstruct": (["conv1_1"], [])},
    {"reconstruct": (["conv4_2"], [])},
    {"reconstruct": ([], ["conv1_1", "conv2_1"])},
    {"size": 64, "large": 6000},
]


def setting(job, path):
    """The arguments of `plan` and of the job that both share."""
    from nst_numpy.images.samples import STYLES, sample_picture
    from nst_numpy.networks import random_network

    settings = {"size": SIZE, "seed": 0, "iterations": 30, **job}
    # Said to be normalized, so that no second network of that size is made and held.
    if settings.pop("full", False):
        settings["weights"] = replace(random_network(WIDTHS["full"]), normalized=True)
    styles = settings.pop("styles", 1)
    settings["style"] = [sample_picture(name, 640) for name in (*STYLES, *STYLES)[:styles]]
    if settings.pop("masks", False):
        content, style = (left_and_right(p) for p in (sample_picture("pagoda"), *settings["style"]))
        settings |= {"content_mask": content, "style_mask": style}
    if settings.pop("large", None):
        settings["content"] = str(enlarged(path, job["large"]))
    return {"content": path, **settings}


def left_and_right(picture):
    """A mask of two halves for a picture."""
    mask = np.zeros(picture.shape[:2], int)
    mask[:, mask.shape[1] // 2 :] = 1
    return mask


def enlarged(path, size):
    """The photograph as a file of that size."""
    from PIL import Image

    larger = Path(tempfile.gettempdir()) / f"{Path(path).stem}-{size}.jpg"
    if not larger.exists():
        with Image.open(path) as image:
            image.resize((size, size * image.height // image.width)).save(larger)
    return larger


def predict(settings):
    """What the plan says: MB, seconds an iteration, rows of a tile."""
    from nst_numpy.transfer.plan import plan

    said = plan(**settings)
    return said.memory, said.seconds_per_iteration, said.tile_rows or ""


def predict_reconstruction(layers, settings):
    """The memory alone: there is no plan of a reconstruction."""
    from nst_numpy.paper.reconstructions import ReconstructSettings, prepare_reconstruction

    job = ReconstructSettings(settings["content"], *layers, size=settings["size"])
    _, _, memory = prepare_reconstruction(job)
    return memory.bytes / 2**20, float("nan"), ""


def do(paint, settings, start):
    """What the job takes: peak MB above the start, seconds an iteration.

    The last state is kept, as the command line does to write snapshots.
    """
    times, kept = [], deque(maxlen=1)
    paint(**settings, callback=lambda *_: times.append(time.perf_counter()), checkpoint=kept.append)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024 - start
    return peak, (times[-1] - times[0]) / max(1, len(times) - 1)


def here(part, job, iterations):
    """One side of a row, in this process."""
    from nst_numpy import stylize
    from nst_numpy.images import samples
    from nst_numpy.paper import reconstruct, stylize_like

    start = resident()
    settings = setting(job, f"{samples.__path__[0]}/pagoda.jpg")
    settings["iterations"] = iterations
    layers = settings.pop("reconstruct", None)
    if layers:
        settings = {"size": settings["size"], "content": settings["content"]}
        settings |= {"iterations": iterations}
        if part == "predict":
            return predict_reconstruction(layers, settings)
        picture = settings.pop("content")
        return do(partial(reconstruct, picture, *layers), settings, start)
    if part == "predict":
        return predict(settings)
    convention = settings.pop("convention", None)
    paint = partial(stylize_like, convention) if convention else stylize
    return do(paint, {"init": "noise"} | settings, start)


def in_process(*arguments):
    """The numbers that this script prints in another process."""
    done = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], check=True, capture_output=True, text=True
    )
    return json.loads(done.stdout.splitlines()[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    every = range(1, len(JOBS) + 1)
    parser.add_argument("--jobs", nargs="+", type=int, default=every, help="numbers of rows")
    parser.add_argument("--iterations", type=int, default=30)
    parser.add_argument("--part", choices=("predict", "do"), help=argparse.SUPPRESS)
    o = parser.parse_args()
    if o.part:
        return print(json.dumps(here(o.part, JOBS[o.jobs[0] - 1], o.iterations)))
    print("| job | rows | MB, plan | MB | ratio | s an iteration, plan | s | ratio |")
    print("|---|---|---|---|---|---|---|---|")
    for row in o.jobs:
        same = ["--jobs", row, "--iterations", o.iterations]
        mb, s, rows = in_process(*same, "--part", "predict")
        mb_then, s_then = in_process(*same, "--part", "do")
        memory = f"{mb:.0f} | {mb_then:.0f} | {mb / mb_then:.2f}"
        label = ", ".join(f"{name} {value}" for name, value in JOBS[row - 1].items())
        print(
            f"| {label} | {rows} | {memory} | {s:.2f} | {s_then:.2f} | {s / s_then:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
