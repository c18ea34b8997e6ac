"""The inner product of the optimizers."""

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nst_numpy.optimizers.dot_product import PIECE, inner


@pytest.mark.parametrize("size", [1, PIECE - 1, PIECE, PIECE + 1, 3 * PIECE + 17])
def test_it_is_the_sum_of_products(rng, size):
    a, b = rng.standard_normal((2, size))
    assert np.isclose(inner(a, b), math.fsum(a * b), rtol=1e-12, atol=1e-13)


def test_it_does_not_depend_on_the_threads_of_blas(rng):
    """One long product does, in float32."""
    a, b = rng.standard_normal((2, 200, 300, 3)).astype(np.float32)
    sums = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads, user_api="blas"):
            sums.append(inner(a, b))
    assert len(set(sums)) == 1


@pytest.mark.parametrize("size", [5, PIECE + 1])
@pytest.mark.parametrize("scale", [1e-30, 1e-22, 1e22, 1e30])
def test_what_no_float32_can_hold_is_summed_in_float64(rng, size, scale):
    a, b = (scale * rng.uniform(1, 2, (2, size))).astype(np.float32)
    exact = np.sum(a.astype(np.float64) * b.astype(np.float64))
    assert np.isclose(inner(a, b), exact, rtol=1e-12, atol=0)
