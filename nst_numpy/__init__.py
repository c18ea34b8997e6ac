"""Neural style transfer you can read: [Gatys et al. 2015] by hand in NumPy.

``from nst_numpy import stylize`` does the job; every equation of the paper can be had by
itself, for example ``from nst_numpy import gram, style_layer_loss``.

References
----------
[Gatys et al. 2015] L. A. Gatys, A. S. Ecker, M. Bethge, "A Neural Algorithm of Artistic
Style", arXiv:1508.06576.
"""

import logging

from nst_numpy.gradcheck.checker import gradcheck
from nst_numpy.images import read_picture, write_picture
from nst_numpy.losses import content_loss, gram, style_layer_loss, style_loss
from nst_numpy.networks import load_network
from nst_numpy.objective import targets, total_loss
from nst_numpy.reports.frames import FrameRecorder, write_frames
from nst_numpy.reports.html_report import write_report
from nst_numpy.reports.live import live
from nst_numpy.transfer.optimization import Result
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.errors import InputError
from nst_numpy.vgg import VGG16, VGG19, Network

__version__ = "0.1.0"

logging.getLogger(__name__).addHandler(logging.NullHandler())  # heard by those who ask for it

__all__ = [
    "content_loss",
    "gram",
    "style_layer_loss",
    "style_loss",
    "targets",
    "total_loss",
    "gradcheck",
    "stylize",
    "Result",
    "live",
    "FrameRecorder",
    "write_frames",
    "write_report",
    "Network",
    "VGG16",
    "VGG19",
    "load_network",
    "read_picture",
    "write_picture",
    "InputError",
]
