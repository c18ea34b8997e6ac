"""Call a student's function with a time limit and without the package's own answer."""

import contextlib
import copy
import functools
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from types import FrameType
from typing import Any, NoReturn

import numpy as np

from nst_numpy.classroom.assertions import FailedTestError, as_text, input_lines, same
from nst_numpy.classroom.blocked_functions import WITHHELD, Functions, kernels_of

SECONDS = 5  # processor time for a call on a small input
TIMED_OUT: set[object] = set()  # functions that exceeded the limit once


class WithheldError(Exception):
    """The student's function called the package's own answer."""


class TimeLimitExceeded(BaseException):
    """A call took too long. Not an Exception, so that a student's ``except`` cannot catch it."""


def guarded(
    name: str, function: Callable[..., Any], results: int = 1, seconds: float = SECONDS
) -> Callable[..., Any]:
    """Wrap a student's function so that every failure is reported in one sentence.

    While the function runs, the functions of the package that answer the exercise raise an error,
    whatever name they were imported under. A function that exceeded the time limit is not called
    again.

    Parameters
    ----------
    name : str
        A key of `nst_numpy.classroom.blocked_functions.WITHHELD`.
    function : callable
    results : int
        Length of the tuple that it returns, or 1.
    seconds : float
        Limit for the processor time of one call.

    Returns
    -------
    callable
        Takes the same arguments. Raises `FailedTestError` if the function raises an error, takes
        too long, changes an argument or returns another number of results.
    """

    @functools.wraps(function)
    def run(*arguments: Any) -> Any:
        if function in TIMED_OUT:
            raise FailedTestError(
                f"{name} exceeded the time limit earlier; it was not called again."
            )
        original = copy.deepcopy(arguments)
        result = _call(name, function, arguments, original, seconds)
        _check_arguments_unchanged(name, arguments, original)
        if results > 1 and not (isinstance(result, tuple) and len(result) == results):
            sentence = f"{name} should return {results} values; it returned {as_text(result)}."
            raise FailedTestError(_with_arguments(sentence, original))
        return result

    return run


def _call(
    name: str,
    function: Callable[..., Any],
    arguments: tuple[Any, ...],
    original: tuple[Any, ...],
    seconds: float,
) -> Any:
    """Call a student's function; raise `FailedTestError` for every error."""
    try:
        with withheld(WITHHELD[name] + kernels_of(name)), time_limit(seconds):
            return function(*arguments)
    except TimeLimitExceeded:
        TIMED_OUT.add(function)
        sentence = f"{name} did not return within {seconds} s."
        raise FailedTestError(_with_arguments(sentence, original)) from None
    except FailedTestError:
        raise
    except NotImplementedError:
        raise FailedTestError(f"{name} is not written yet.") from None
    except Exception as error:
        sentence = _describe_error(name, function, error)
        raise FailedTestError(_with_arguments(sentence, original)) from None


def _describe_error(name: str, function: Callable[..., Any], error: Exception) -> str:
    """Describe an exception in a student's function in one sentence."""
    if isinstance(error, WithheldError):
        return (
            f"{name} calls the package's own {error}, which is withheld here: the exercise is to "
            "write it."
        )
    file = getattr(getattr(function, "__code__", None), "co_filename", None)
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename == file]
    where = f" in the line `{frames[-1].line}`" if frames and frames[-1].line else ""
    return f"{name} stopped with {type(error).__name__}{where}: {error}"


def _with_arguments(sentence: str, arguments: tuple[Any, ...]) -> str:
    """A sentence, followed by the arrays, numbers and dicts among the arguments."""
    plain = [a for a in arguments if isinstance(a, np.ndarray | float | int | dict)]
    named = {f"argument {i}": a for i, a in enumerate(plain, 1)}
    return "\n".join([sentence, *input_lines(named)])


def _check_arguments_unchanged(
    name: str, arguments: tuple[Any, ...], original: tuple[Any, ...]
) -> None:
    for i, (after, before) in enumerate(zip(arguments, original, strict=True), start=1):
        if isinstance(before, np.ndarray) and not same(after, before, 0):
            sentence = (
                f"{name} changes its argument {i}, which the caller still needs. Make a new array "
                "instead of writing into it."
            )
            lines = input_lines({"before": before, "after": after})
            raise FailedTestError("\n".join([sentence, *lines]))


@contextlib.contextmanager
def withheld(functions: Functions) -> Iterator[None]:
    """Let functions of the package raise `WithheldError`, whatever name they are called by.

    Their code objects are exchanged, because the names in a student's notebook cannot be changed.
    """
    codes = [function.__code__ for function in functions]
    try:
        for function in functions:
            function.__code__ = _refuse.__code__.replace(co_name=function.__name__)
        yield
    finally:
        for function, code in zip(functions, codes, strict=True):
            function.__code__ = code


def _refuse(*arguments: Any, **keywords: Any) -> NoReturn:
    # This code runs with the globals of the function that it replaces, hence the imports.
    import sys

    from nst_numpy.classroom.guarded_call import WithheldError

    raise WithheldError(sys._getframe().f_code.co_name)


@contextlib.contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise `TimeLimitExceeded` in the body after this many seconds of processor time.

    Processor time is used, so that a busy machine does not cost points. Windows and threads other
    than the main thread have no such timer. There, and for code that only sleeps, nbgrader's own
    limit applies.
    """
    if threading.current_thread() is not threading.main_thread() or sys.platform == "win32":
        yield
        return

    def stop(number: int, frame: FrameType | None) -> None:
        raise TimeLimitExceeded

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
