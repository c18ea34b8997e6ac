"""The layers and matrix products in float32, compiled by numba and run on several threads.

Each function has a NumPy version of the same name in `nst_numpy.layers` or `nst_numpy.backend`;
read that one first. The tests compare the two. numba is imported in this package only, and
`nst_numpy.backend` decides where kernels are used.
"""

from nst_numpy.kernels.conv_relu import PreparedWeights, conv_relu, conv_relu_backward, prepare
from nst_numpy.kernels.gram import gram, symmetric_matmul
from nst_numpy.kernels.pooling import (
    average_pool,
    average_pool_backward,
    max_pool,
    max_pool_backward,
)
from nst_numpy.kernels.target import COMPILER_IS_DISABLED
from nst_numpy.kernels.winograd_convolution import scratch_bytes
from nst_numpy.utils.threads import number_of_threads, use_threads

__all__ = [
    "COMPILER_IS_DISABLED",
    "PreparedWeights",
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
    "symmetric_matmul",
    "use_threads",
]
