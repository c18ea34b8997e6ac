"""What the paper shows beside its method, and how others have put the method into numbers."""

from nst_numpy.paper.reconstruct import reconstruct, reconstruct_content, reconstruct_style

__all__ = ["reconstruct", "reconstruct_content", "reconstruct_style"]
