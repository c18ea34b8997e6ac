"""The steps from plain loops to the package's kernel, timed on one layer of VGG-19.

    python benchmarks/steps.py [--size 128] [--channels 256] [--rounds 5]

The layer is conv3_2 by default: bias and ReLU included, forward pass, 2 threads. The table has the
median in milliseconds, and by what factor each step is faster than the one before.
"""

import argparse
import statistics
import time

import numpy as np
from numba import njit, prange

from nst_numpy import kernels, layers
from nst_numpy.kernels import winograd_convolution
from nst_numpy.kernels.winograd import TILE, A, B, G
from nst_numpy.utils.threads import use_threads


@njit(parallel=True)
def loops(x, K, b):
    """The definition of a convolution, one multiplication at a time."""
    H, W, C = x.shape
    y = np.empty((H, W, b.size), np.float32)
    for h in prange(H):
        for w in range(W):
            y[h, w] = b
            for i in range(max(0, 1 - h), min(3, H + 1 - h)):
                for j in range(max(0, 1 - w), min(3, W + 1 - w)):
                    for c in range(C):
                        for n in range(b.size):
                            y[h, w, n] += x[h + i - 1, w + j - 1, c] * K[i, j, c, n]
    return np.maximum(y, np.float32(0))


def im2col(x, K, b):
    """A matrix of all patches, and one matrix product by BLAS."""
    H, W, C = x.shape
    padded = np.pad(x, ((1, 1), (1, 1), (0, 0)))
    patches = np.lib.stride_tricks.sliding_window_view(padded, (3, 3), axis=(0, 1))
    patches = patches.transpose(0, 1, 3, 4, 2).reshape(H * W, 9 * C)
    return np.maximum(patches @ K.reshape(9 * C, -1) + b, 0).reshape(H, W, -1)


def shifted(x, K, b):
    """The plain layer of the package: nine products, one for each cell of the kernel."""
    return layers.relu(layers.convolution(x, K, b))


def winograd_numpy(x, K, b):
    """F(4x4, 3x3) of the whole layer: 36 products by BLAS, transforms by NumPy."""
    H, W, C = x.shape
    padded = np.pad(x, ((1, 1 + -H % TILE), (1, 1 + -W % TILE), (0, 0)))
    d = np.lib.stride_tricks.sliding_window_view(padded, (6, 6), axis=(0, 1))[::TILE, ::TILE]
    rows, columns = d.shape[:2]
    d = d.transpose(3, 4, 0, 1, 2).reshape(6, 6, -1)  # (6, 6, tiles C)
    V = transform_both_axes(B.T, d).reshape(36, rows * columns, C)
    U = transform_both_axes(G, K.reshape(3, 3, -1)).reshape(36, C, -1)
    M = (V @ U).reshape(6, 6, -1)
    Y = transform_both_axes(A.T, M).reshape(TILE, TILE, rows, columns, -1).transpose(2, 0, 3, 1, 4)
    y = Y.reshape(rows * TILE, columns * TILE, -1)[:H, :W]
    return np.maximum(y + b, 0)


def transform_both_axes(T, X):
    """T X T^T for X (n, n, rest)."""
    X = np.tensordot(T, X, 1)  # sum over the first axis
    return np.tensordot(T, X, (1, 1)).transpose(1, 0, 2)


def kernel_then_relu(x, K, b, block=winograd_convolution.BLOCK):
    """The package's kernel computes the convolution, NumPy then the ReLU and its bits."""
    default, winograd_convolution.BLOCK = winograd_convolution.BLOCK, block
    y = np.empty((*x.shape[:2], b.size), np.float32)
    winograd_convolution.convolve(x, K.forward, K.b, y)
    winograd_convolution.BLOCK = default
    np.packbits(y > 0)
    return np.maximum(y, 0, out=y)


def in_one_block(x, K, b):
    """The same, with all tiles of a thread in one block."""
    tiles = -(-x.shape[0] // TILE) * -(-x.shape[1] // TILE)
    return kernel_then_relu(x, K, b, tiles // 2)


def fused(x, K, b):
    """The layer as the package computes it."""
    return kernels.conv_relu(x, K)[0]


STEPS = {
    "direct loops, compiled": loops,
    "nine shifted BLAS products": shifted,
    "im2col and one BLAS product": im2col,
    "Winograd, NumPy and BLAS": winograd_numpy,
    "Winograd, own transforms and products": in_one_block,
    "the same in blocks that stay in the cache": kernel_then_relu,
    "bias, ReLU and its bits fused in": fused,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for option, default in (("--size", 128), ("--channels", 256), ("--rounds", 5)):
        parser.add_argument(option, type=int, default=default)
    options = parser.parse_args()
    rng = np.random.default_rng(0)
    x = rng.standard_normal((options.size, options.size, options.channels)).astype(np.float32)
    K = rng.standard_normal((3, 3, options.channels, options.channels)).astype(np.float32)
    b = rng.standard_normal(options.channels).astype(np.float32)
    prepared, expected, seconds = kernels.prepare(K, b), shifted(x, K, b), {}
    with use_threads(2):
        for round_number in range(options.rounds + 1):  # round 0 compiles and is not timed
            for name, step in STEPS.items():
                weights = prepared if list(STEPS).index(name) > 3 else K
                began = time.perf_counter()
                y = step(x, weights, b)
                if round_number:
                    seconds.setdefault(name, []).append(time.perf_counter() - began)
                assert np.abs(y - expected).max() < 1e-4 * expected.max(), name
    before = None
    print("| step | ms | factor |\n|---|---|---|")
    for name, measured in seconds.items():
        ms = 1e3 * statistics.median(measured)
        print(f"| {name} | {ms:.0f} | {f'{before / ms:.1f}' if before else ''} |")
        before = ms


if __name__ == "__main__":
    main()
