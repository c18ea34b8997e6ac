"""Each row of the table passes, and is rejected when it is 0.1 % wrong."""

from dataclasses import replace

import numpy as np
import pytest

from nst_numpy.gradcheck.row import DerivativeRow, KernelRow, check_row
from nst_numpy.gradcheck.table import rows


def by_factor(row, factor):
    """The row with its derivative, or its kernel's result, times a factor."""
    if isinstance(row, KernelRow):
        return replace(row, kernel=lambda: np.float32(factor) * row.kernel())

    def wrong(x):
        f, g = row.f_and_g(x)
        return f, factor * g

    return replace(row, f_and_g=wrong)


@pytest.mark.parametrize("pooling", ["average", "max"])
@pytest.mark.parametrize("seed", range(3))
def test_every_row_passes_and_is_rejected_when_wrong(small_network, pooling, seed):
    for row in rows(small_network, pooling, seed):
        assert check_row(row, seed).passed, row.name
        assert not check_row(by_factor(row, 1.001), seed).passed, row.name


def test_a_kernel_with_one_wrong_pixel_is_rejected(small_network):
    for row in rows(small_network):
        if isinstance(row, KernelRow):

            def one_wrong(row=row):
                y = row.kernel().copy()
                y[np.unravel_index(np.abs(y).argmax(), y.shape)] *= 1.05
                return y

            assert not check_row(replace(row, kernel=one_wrong)).passed, row.name


def test_names_of_rows_are_distinct(small_network):
    names = [row.name for row in rows(small_network)]
    assert len(names) == len(set(names))


def test_the_table_covers_every_kind(small_network):
    """Regions, padding, tiles, luminance, layers before the ReLU, and the kernels."""
    table = rows(small_network)
    derivatives = {row.name for row in table if isinstance(row, DerivativeRow)}
    kinds = "by region", "padding reflect", "in tiles", "before the ReLU", "luminance only"
    assert {f"sum, {kind}" for kind in kinds} <= derivatives
    layers = "conv_relu", "average_pool", "max_pool"
    kernels = {"kernel gram", "kernel symmetric_matmul"} | {f"kernel {layer}" for layer in layers}
    kernels |= {f"kernel {layer}_backward" for layer in layers}
    assert kernels == {row.name for row in table if isinstance(row, KernelRow)}
