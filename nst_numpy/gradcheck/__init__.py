"""Check hand-written derivatives: `checker` checks one, `table` lists all that are checked."""

from nst_numpy.gradcheck.checker import TOLERANCE, Check, gradcheck

__all__ = ["TOLERANCE", "Check", "gradcheck"]
