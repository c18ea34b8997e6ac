"""The dot product of the optimizers: accuracy and independence of threads."""

import math

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

from nst_numpy.optimizers.dot_product import CHUNK, dot


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 17])
def test_dot_equals_the_exact_sum_of_products(rng, size):
    a, b = rng.standard_normal((2, size))
    assert np.isclose(dot(a, b), math.fsum(a * b), rtol=1e-12, atol=1e-13)


def test_dot_does_not_depend_on_the_number_of_blas_threads(rng):
    """A single BLAS call in float32 does."""
    a, b = rng.standard_normal((2, 200, 300, 3)).astype(np.float32)
    sums = []
    for threads in (1, 2, 4):
        with threadpool_limits(threads, user_api="blas"):
            sums.append(dot(a, b))
    assert len(set(sums)) == 1


@pytest.mark.parametrize("size", [5, CHUNK + 1])
@pytest.mark.parametrize("scale", [1e-30, 1e-22, 1e22, 1e30])
def test_sums_outside_the_range_of_float32_are_computed_in_float64(rng, size, scale):
    a, b = (scale * rng.uniform(1, 2, (2, size))).astype(np.float32)
    exact = np.sum(a.astype(np.float64) * b.astype(np.float64))
    assert np.isclose(dot(a, b), exact, rtol=1e-12, atol=0)
