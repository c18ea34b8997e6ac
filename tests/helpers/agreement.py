"""Relative difference of two arrays."""

import numpy as np


def relative_error(actual, expected):
    """|actual - expected| / |expected|, with Euclidean norms; |actual| if `expected` is zero."""
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.shape == expected.shape
    norm = np.linalg.norm(expected)
    return np.linalg.norm(actual - expected) / norm if norm else np.linalg.norm(actual)
