"""What the paper shows beside its method, and how others have put the method into numbers."""

from nst_numpy.paper.conventions import CONVENTIONS
from nst_numpy.paper.reconstructions import reconstruct, reconstruct_content, reconstruct_style
from nst_numpy.paper.stylize_like import ask_like, settings_like, stylize_like

__all__ = [
    "reconstruct",
    "reconstruct_content",
    "reconstruct_style",
    "CONVENTIONS",
    "ask_like",
    "settings_like",
    "stylize_like",
]
