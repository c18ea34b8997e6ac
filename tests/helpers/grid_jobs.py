"""Jobs for the tests of sweeps, in a module that worker processes can import."""

import os
import time

import numpy as np

from nst_numpy import InputError, stylize
from nst_numpy.transfer.result import Result

DEADLY, WRONG, BROKEN = 1, 2, 3  # numbers of jobs that fail


def paint(content, style, **settings):
    """A small style transfer."""
    quick = {"size": 24, "iterations": 3, "weights": "random", "normalized": False}
    return stylize(content, style, **quick, **settings)


def slow_paint(seconds, **settings):
    """A small style transfer after a delay, in which a test can interfere."""
    time.sleep(seconds)
    return paint(**settings)


def flat(number, memory=None):
    """A gray picture, or the failure that the number selects."""
    if number == DEADLY:
        os._exit(1)
    if number == WRONG:
        raise InputError("This number is wrong.")
    if number == BROKEN:
        raise ZeroDivisionError("a bug")
    picture = np.full((4, 6, 3), number, np.uint8)
    return Result(picture, np.array([2.0, 1.0]), {"a": np.array([2.0, 1.0])}, "Done.", 0.0)
