"""The paper's reconstructions and figures, and the conventions of other implementations."""

from nst_numpy.paper.conventions import CONVENTIONS
from nst_numpy.paper.reconstructions import (
    ReconstructSettings,
    prepare_reconstruction,
    reconstruct,
    reconstruct_content,
    reconstruct_style,
)
from nst_numpy.paper.stylize_like import (
    like_settings,
    plan_like,
    prepare_stylize_like,
    stylize_like,
)

__all__ = [
    "CONVENTIONS",
    "ReconstructSettings",
    "like_settings",
    "plan_like",
    "prepare_reconstruction",
    "prepare_stylize_like",
    "reconstruct",
    "reconstruct_content",
    "reconstruct_style",
    "stylize_like",
]
