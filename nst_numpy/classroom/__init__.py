"""The assignments for a class: course folder, test cells and checks of submissions.

The assignments are the notebooks in ``notebooks/assignments``. Their test cells call a student's
function through `guarded` and check properties of the result with `require` and `same`.
"""

from nst_numpy.classroom.assertions import FailedTestError, numeric_derivative, require, same
from nst_numpy.classroom.guarded_call import guarded

__all__ = ["FailedTestError", "guarded", "numeric_derivative", "require", "same"]
