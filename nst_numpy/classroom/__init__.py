"""What an instructor's folder is made from, and what the tests in its notebooks call.

The assignments themselves lie in ``notebooks/assignments``. A test cell takes a student's function
under guard (`guarded`) and requires laws of what it returns (`require`, `same`).
"""

from nst_numpy.classroom.assertions import LawError, numeric_derivative, require, same
from nst_numpy.classroom.guarded_call import guarded

__all__ = ["LawError", "guarded", "numeric_derivative", "require", "same"]
