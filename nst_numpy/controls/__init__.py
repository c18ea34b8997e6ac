"""What people steer a transfer with beyond the paper: settings in, terms of the general sum out.

One kind of control a file, each control a small function. `nst_numpy.stylize.stylize` comes here
only for what is asked for; the paper's own sum is `nst_numpy.objective.total_loss`.
"""

from nst_numpy.controls.check import (
    beyond_paper,
    check_content_weights,
    check_style_blend,
    list_of,
    side_of_style,
)
from nst_numpy.controls.colors import COLORS, only_gray, recolored
from nst_numpy.controls.regions import find_regions, read_masks
from nst_numpy.controls.sum import (
    CONTENT_LOSSES,
    content_terms,
    picture_terms,
    style_terms,
    sum_loss,
)

__all__ = [
    "beyond_paper",
    "check_content_weights",
    "check_style_blend",
    "COLORS",
    "CONTENT_LOSSES",
    "content_terms",
    "find_regions",
    "list_of",
    "only_gray",
    "picture_terms",
    "read_masks",
    "recolored",
    "side_of_style",
    "style_terms",
    "sum_loss",
]
