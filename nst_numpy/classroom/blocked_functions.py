"""The functions of the package that answer each exercise, and are withheld while it is tested."""

from collections.abc import Callable
from typing import Any, TypeAlias

from nst_numpy import backend, layers, objective
from nst_numpy.classroom import assertions, faulty_derivatives
from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.losses.content import content_loss
from nst_numpy.losses.covariance import covariance_loss
from nst_numpy.losses.gram import gram, gram_loss, style_layer_loss, style_loss
from nst_numpy.losses.mmd import polynomial_mmd_loss
from nst_numpy.losses.moments import pull_back
from nst_numpy.optimizers.adam import adam
from nst_numpy.optimizers.gradient_descent import gradient_descent, momentum
from nst_numpy.optimizers.lbfgs import lbfgs
from nst_numpy.optimizers.line_search import strong_wolfe
from nst_numpy.optimizers.scipy_lbfgsb import lbfgsb
from nst_numpy.transfer.evaluation import evaluate, sum_of_terms

Functions: TypeAlias = tuple[Callable[..., Any], ...]

# Functions that call a withheld one fail too, and need not be listed. `kernels_of` adds kernels.
WITHHELD: dict[str, Functions] = {
    "feature_matrix": (),
    "gram": (gram, backend.gram),
    "content_loss": (content_loss,),
    "content_before_relu": (content_loss, layers.relu_backward),
    "style_value": (style_layer_loss, gram_loss, covariance_loss, polynomial_mmd_loss),
    "style_derivative": (style_layer_loss, pull_back, backend.symmetric_matmul),
    "style_before_relu": (style_layer_loss, pull_back, layers.relu_backward),
    "style_loss": (style_loss,),
    "relu": (layers.relu,),
    "relu_backward": (layers.relu_backward, layers.conv_relu_backward),
    "average_pool": (layers.average_pool, backend.average_pool),
    "average_pool_backward": (
        layers.average_pool_backward,
        backend.average_pool_backward,
    ),
    "max_pool": (layers.max_pool, backend.max_pool),
    "max_pool_backward": (
        layers.max_pool_backward,
        backend.max_pool_backward,
    ),
    "convolution": (layers.convolution, backend.conv_relu),
    "convolution_backward": (
        layers.convolution_backward,
        backend.conv_relu_backward,
    ),
    "slope": (gradcheck, assertions.numeric_derivative, faulty_derivatives.central),
    "relative_error": (gradcheck, faulty_derivatives.relative),
    "find_wrong": (gradcheck, faulty_derivatives.guilty),
    "total_loss": (objective.total_loss, evaluate, sum_of_terms),
    "my_picture": (),
    "descend": (lbfgs, lbfgsb, strong_wolfe, gradient_descent, momentum, adam),
}


def kernels_of(exercise: str) -> Functions:
    """Return the functions of `nst_numpy.kernels` that answer an exercise."""
    from nst_numpy import kernels  # imported late: few commands need numba

    answers: dict[str, Functions] = {
        "gram": (kernels.gram,),
        "style_derivative": (kernels.symmetric_matmul,),
        "average_pool": (kernels.average_pool,),
        "average_pool_backward": (kernels.average_pool_backward,),
        "max_pool": (kernels.max_pool,),
        "max_pool_backward": (kernels.max_pool_backward,),
        "convolution": (kernels.conv_relu,),
        "convolution_backward": (kernels.conv_relu_backward,),
    }
    return answers.get(exercise, ())
