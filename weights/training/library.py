"""The library: training pictures and the teacher's features of them, computed once.

The teacher is several times as expensive as the student. So its features are computed before
training, at some positions of each picture, and stored in a file that training reads many times.
Half of the pictures are crops, half are transfers in progress (`transfers`).
"""

import argparse
import os

import h5py
import numpy as np
import torch

from weights.training.crops import batch
from weights.training.losses import Chunk, seen_by
from weights.training.transfers import Transfers
from weights.training.vggfile import INPUT_SCALE, Layers

CHUNK = 2  # crops, and as many transfers in progress, in each chunk
POOL = 48  # transfers in progress


def write_library(o: argparse.Namespace, teacher: Layers, student: Layers, pictures: tuple) -> None:
    """Write ``o.chunks`` chunks to ``o.library``; the student makes the transfers in progress."""
    rng = np.random.default_rng([o.seed, 1])
    transfers = Transfers(*(batch(rng, *pictures, POOL, o.crop) for _ in range(2)))
    with h5py.File(o.library + ".part", "w") as file:
        for number in range(o.chunks):
            fresh = batch(rng, *pictures, CHUNK, o.crop)
            moved = transfers.draw(rng, CHUNK, student, INPUT_SCALE)
            transfers.replace(rng, fresh)
            x = torch.cat([fresh, moved]).contiguous(memory_format=torch.channels_last)
            write_chunk(file.create_group(str(number)), seen_by(teacher, x, rng))
            if number % 100 == 0:
                print(f"library: {number} of {o.chunks} chunks", flush=True)
    os.replace(o.library + ".part", o.library)


def write_chunk(group: h5py.Group, chunk: Chunk) -> None:
    """Store a chunk in half precision."""
    group["x"] = chunk.x.half().numpy()
    for layer, (rows, T) in enumerate(zip(chunk.rows, chunk.T, strict=True)):
        group[f"rows {layer}"] = rows.numpy().astype(np.int32)
        group[f"T {layer}"] = T.half().numpy()


def read_chunk(group: h5py.Group) -> Chunk:
    """The chunk that `write_chunk` stored, in single precision."""
    x = torch.from_numpy(group["x"][:]).float().contiguous(memory_format=torch.channels_last)
    layers = range((len(group) - 1) // 2)
    rows = [torch.from_numpy(group[f"rows {layer}"][:]).long() for layer in layers]
    return Chunk(x, rows, [torch.from_numpy(group[f"T {layer}"][:]).float() for layer in layers])


def draw_chunks(library: h5py.File, rng: np.random.Generator, n: int) -> list[Chunk]:
    """n different chunks of a library, at random."""
    return [read_chunk(library[str(i)]) for i in rng.permutation(len(library))[:n]]
