"""Refuse arguments that make no sense, by name."""

import math

from nst_numpy.errors import InputError

LARGEST_SIZE = 16384  # pixels of the longer side


def check_style_weights(style_layers, style_weights):
    """w_l by layer; the paper's 1 / number of layers if none are given."""
    if not style_layers:
        raise InputError("style_layers is empty: name at least one layer.")
    if len(set(style_layers)) < len(style_layers):
        raise InputError("style_layers names a layer twice.")
    if style_weights is None:
        style_weights = [1 / len(style_layers)] * len(style_layers)
    if len(style_weights) != len(style_layers):
        raise InputError(
            f"style_weights needs one number for each of the {len(style_layers)} style layers, "
            f"got {len(style_weights)}."
        )
    if not all(math.isfinite(w) and w >= 0 for w in style_weights):
        raise InputError(f"style_weights must be numbers from 0 on, got {list(style_weights)}.")
    return {l: float(w) for l, w in zip(style_layers, style_weights, strict=True)}


def check_numbers(size, iterations, ratio, tv, seed, threads, memory):
    """Refuse numbers that make no sense, by name."""
    if not 1 <= size <= LARGEST_SIZE:
        raise InputError(f"size must be 1 to {LARGEST_SIZE} pixels, got {size}.")
    if iterations < 1:
        raise InputError(f"iterations must be at least 1, got {iterations}.")
    if not (math.isfinite(ratio) and ratio >= 0):
        raise InputError(f"ratio (alpha / beta) must be a number from 0 on, got {ratio}.")
    if not (math.isfinite(tv) and tv >= 0):
        raise InputError(f"tv must be a number from 0 on, got {tv}.")
    if seed < 0:
        raise InputError(f"seed must be 0 or more, got {seed}.")
    if memory is not None and not (math.isfinite(memory) and memory > 0):
        raise InputError(f"memory must be a number of megabytes above 0, got {memory}.")
    if threads is not None and threads < 1:
        raise InputError(f"threads must be at least 1, got {threads}.")
