"""The fast kernels, float32: the functions of `nst_numpy.layers` once more, by numba and threads.

numba is imported in this folder only. Each function has its plain twin of the same name in
`nst_numpy.layers`, which is to be read first; the tests hold one against the other.
"""

from nst_numpy.kernels.conv_relu import conv_relu, conv_relu_backward, prepare
from nst_numpy.kernels.gram import gram, times
from nst_numpy.kernels.pooling import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)
from nst_numpy.kernels.winograd_convolution import scratch_bytes
from nst_numpy.utils.threads import number_of_threads, use_threads

__all__ = [
    "average_pool",
    "average_pool_backward",
    "conv_relu",
    "conv_relu_backward",
    "gram",
    "max_pool",
    "max_pool_backward",
    "number_of_threads",
    "prepare",
    "scratch_bytes",
    "times",
    "use_threads",
]
