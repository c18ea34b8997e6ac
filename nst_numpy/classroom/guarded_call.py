"""A student's function under guard: without the package's own answer, and not for ever."""

import contextlib
import copy
import functools
import importlib
import signal
import sys
import threading
import traceback

import numpy as np

from nst_numpy.classroom.assertions import LawError, as_text, same, shown

SECONDS = 5  # of work that a call on a small input may take
LATE: set[object] = set()  # functions that did not come back once

# What each exercise asks for, and so does not lend. What calls a withheld function fails with it.
WITHHELD = {
    "feature_matrix": (),
    "gram": ("losses.gram.gram", "kernels.gram.gram"),
    "content_loss": ("losses.content.content_loss",),
    "content_before_relu": ("losses.content.content_loss", "layers.relu_backward"),
    "style_value": ("losses.gram.style_layer_loss", "losses.covariance.covariance_loss"),
    "style_derivative": ("losses.gram.style_layer_loss", "losses.gram.times"),
    "style_before_relu": ("losses.gram.style_layer_loss", "layers.relu_backward"),
    "style_loss": ("losses.gram.style_loss",),
    "relu": ("layers.relu",),
    "relu_backward": ("layers.relu_backward", "layers.conv_relu_backward"),
    "average_pool": ("layers.average_pool", "kernels.pooling.average_pool"),
    "average_pool_backward": (
        "layers.average_pool_backward",
        "kernels.pooling.average_pool_backward",
    ),
    "max_pool": ("layers.max_pool", "kernels.pooling.max_pool"),
    "max_pool_backward": ("layers.max_pool_backward", "kernels.pooling.max_pool_backward"),
    "convolution": ("layers.convolution", "kernels.conv_relu.conv_relu"),
    "convolution_backward": ("layers.convolution_backward", "kernels.conv_relu.conv_relu_backward"),
    "slope": (
        "gradcheck.checker.gradcheck",
        "classroom.assertions.numeric_derivative",
        "classroom.faulty_derivatives.central",
    ),
    "relative_error": ("gradcheck.checker.gradcheck", "classroom.faulty_derivatives.relative"),
    "find_wrong": ("gradcheck.checker.gradcheck", "classroom.faulty_derivatives.guilty"),
    "total_loss": (
        "objective.total_loss",
        "transfer.sum_of_terms.sum_of_terms",
        "transfer.tiling.total_loss_in_strips",
    ),
    "my_picture": (),
    "descend": (
        "optimizers.lbfgs.lbfgs",
        "optimizers.scipy_lbfgsb.lbfgsb",
        "optimizers.line_search.strong_wolfe",
        "optimizers.gradient_descent.gradient_descent",
        "optimizers.adam.adam",
    ),
}


class WithheldError(Exception):
    """The package's own function was called where the student's is wanted."""


class TimeUp(BaseException):
    """A call took too long. No ``except Exception`` of a student's keeps it."""


def guarded(name, function, results=1, seconds=SECONDS):
    """A student's function so that whatever goes wrong inside ends in one sentence.

    While it runs, the functions of the package that are its answer are withheld under every name
    that they may have been imported by. A function that did not come back once is not waited for
    again.

    Parameters
    ----------
    name : str
        A key of `WITHHELD`.
    function : callable
    results : int
        Length of the tuple that it returns, or 1.
    seconds : float

    Returns
    -------
    callable
        With the same arguments. Raises `LawError` where the function raises, takes too long,
        changes an argument or gives back another number of results.
    """

    @functools.wraps(function)
    def run(*arguments):
        if function in LATE:
            raise LawError(f"{name} did not come back before; it was not called again.")
        given = copy.deepcopy(arguments)
        try:
            with withheld(WITHHELD[name]), time_limit(seconds):
                result = function(*arguments)
        except TimeUp:
            LATE.add(function)
            raise LawError(_told(f"{name} did not come back within {seconds} s.", given)) from None
        except LawError:
            raise
        except NotImplementedError:
            raise LawError(f"{name} is not written yet.") from None
        except Exception as error:
            raise LawError(_told(_what_happened(name, function, error), given)) from None
        _check_untouched(name, arguments, given)
        if results > 1 and not (isinstance(result, tuple) and len(result) == results):
            sentence = f"{name} should return {results} values; it returned {as_text(result)}."
            raise LawError(_told(sentence, given))
        return result

    return run


def _what_happened(name, function, error):
    """An exception in a student's function as a sentence."""
    if isinstance(error, WithheldError):
        return (
            f"{name} calls the package's own {error}, which is withheld here: the exercise is to "
            "write it."
        )
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    where = f" in the line `{frames[-1].line}`" if frames and frames[-1].line else ""
    return f"{name} stopped with {type(error).__name__}{where}: {error}"


def _told(sentence, arguments):
    """A sentence with the arrays and numbers that a function was given."""
    plain = [a for a in arguments if isinstance(a, np.ndarray | float | int | dict)]
    return "\n".join([sentence, *shown({f"argument {i}": a for i, a in enumerate(plain, 1)})])


def _check_untouched(name, arguments, given):
    for i, (after, before) in enumerate(zip(arguments, given, strict=True), start=1):
        if isinstance(before, np.ndarray) and not same(after, before, 0):
            sentence = (
                f"{name} changes its argument {i}, which the caller still needs; make a new array "
                "instead of writing into it."
            )
            raise LawError("\n".join([sentence, *shown({"before": before, "after": after})]))


@contextlib.contextmanager
def withheld(names):
    """Let functions of the package refuse to work, whoever holds them by whatever name.

    It is their code that is exchanged, because a name in a student's notebook is not ours to
    change.
    """
    functions = [_function(name) for name in names]
    codes = [function.__code__ for function in functions]
    try:
        for function in functions:
            function.__code__ = _refuse.__code__.replace(co_name=function.__name__)
        yield
    finally:
        for function, code in zip(functions, codes, strict=True):
            function.__code__ = code


def _function(name):
    module, _, function = name.rpartition(".")
    return getattr(importlib.import_module(f"nst_numpy.{module}"), function)


def _refuse(*arguments, **keywords):
    # It runs among the globals of the function whose place it takes, hence the imports.
    import sys

    from nst_numpy.classroom.guarded_call import WithheldError

    raise WithheldError(sys._getframe().f_code.co_name)


@contextlib.contextmanager
def time_limit(seconds):
    """Raise `TimeUp` in the body after so many seconds of work, where the system has such a clock.

    It is the processor's time that counts, so that a busy machine takes no points. Windows has no
    such clock, nor has a thread; there, and for what only sleeps, nbgrader's own limit remains.
    """
    possible = threading.current_thread() is threading.main_thread() and sys.platform != "win32"
    if not possible:
        yield
        return

    def ring(signum, frame):
        raise TimeUp

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
