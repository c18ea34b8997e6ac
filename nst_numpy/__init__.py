"""Neural style transfer you can read: [Gatys et al. 2015] by hand in NumPy.

All names below are imported with ``from nst_numpy import NAME``. Each function that returns a
loss returns its derivative too.

Style transfer
    `stylize` paints one picture in the style of another and returns a `Result`; `plan` predicts
    its memory and time and returns a `Plan`. `stylize_like` minimizes the objective of another
    implementation, one of `CONVENTIONS`. `reconstruct_content` and `reconstruct_style` make the
    images of Figure 1.
Equations of the paper
    `content_loss` (eqs. 1 and 2), `gram` (eq. 3), `style_layer_loss` (eqs. 4 and 6), `style_loss`
    (eq. 5), `total_loss` (eq. 7) and its `targets`, an instance of `Targets`.
Other losses
    `STYLE_LOSSES` are the names of all style losses. `MOMENT_LOSSES` maps the names of those that
    depend on `moments` only to functions, and `pull_back` computes dL/dF from their derivatives.
    `blend` is for several styles, `guided_loss` and `region_moments` are for masks;
    `laplacian_loss`, `total_variation` and `VARIATIONS` compare pixels.
Network
    `Network`, `VGG16`, `VGG19`, `forward` and `backward`; `load_network`, `random_network` and
    `normalize`.
Layers
    `convolution`, `relu`, `average_pool`, `max_pool`, and the backward pass of each:
    `convolution_backward`, `relu_backward`, `average_pool_backward`, `max_pool_backward`.
Optimizers
    `lbfgs` and its line search `strong_wolfe`, `lbfgsb` (SciPy's L-BFGS-B), `gradient_descent`,
    `momentum` and `adam`; `pixel_preconditioner` makes a preconditioner for pictures.
Gradient check
    `gradcheck` compares a derivative with differences of values and returns a `Check`.
Pictures
    `read_picture`, `write_picture`, `resize`, `make_contact_sheet`, `keep_color` and
    `match_color`; `sample_picture` reads one of the pictures that ship with the package.
Reports
    `FrameRecorder` records frames of a job, `write_frames` writes them as an animation,
    `write_report` writes an HTML page, and `live` shows a job in a notebook.
Sweeps
    `cross_product` makes a `Sweep`, a list of jobs of type `Cell`; `check_grid` checks them and
    their `Workers` and returns a `Grid`; `run_grid` runs it; `write_results` and `contact_sheet`
    show the results.
Errors and warnings
    `InputError`, with the special cases `TooLarge` and `NotFinite`, and the warning `Notice`.

References
----------
[Gatys et al. 2015] L. A. Gatys, A. S. Ecker, M. Bethge, "A Neural Algorithm of Artistic
Style", arXiv:1508.06576.
"""

import importlib
import logging
from typing import TYPE_CHECKING, Any

# The subpackage `nst_numpy.gradcheck` has the name of this function. It is imported here, before
# anything else, so that the name always means the function.
from nst_numpy.gradcheck.checker import Check as Check
from nst_numpy.gradcheck.checker import gradcheck as gradcheck

if TYPE_CHECKING:  # the same names as in `_NAMES`, for type checkers and editors
    from nst_numpy.images import keep_color as keep_color
    from nst_numpy.images import make_contact_sheet as make_contact_sheet
    from nst_numpy.images import match_color as match_color
    from nst_numpy.images import read_picture as read_picture
    from nst_numpy.images import resize as resize
    from nst_numpy.images import write_picture as write_picture
    from nst_numpy.images.samples import sample_picture as sample_picture
    from nst_numpy.layers import average_pool as average_pool
    from nst_numpy.layers import average_pool_backward as average_pool_backward
    from nst_numpy.layers import convolution as convolution
    from nst_numpy.layers import convolution_backward as convolution_backward
    from nst_numpy.layers import max_pool as max_pool
    from nst_numpy.layers import max_pool_backward as max_pool_backward
    from nst_numpy.layers import relu as relu
    from nst_numpy.layers import relu_backward as relu_backward
    from nst_numpy.losses import MOMENT_LOSSES as MOMENT_LOSSES
    from nst_numpy.losses import STYLE_LOSSES as STYLE_LOSSES
    from nst_numpy.losses import VARIATIONS as VARIATIONS
    from nst_numpy.losses import blend as blend
    from nst_numpy.losses import content_loss as content_loss
    from nst_numpy.losses import guided_loss as guided_loss
    from nst_numpy.losses import laplacian_loss as laplacian_loss
    from nst_numpy.losses import pull_back as pull_back
    from nst_numpy.losses import region_moments as region_moments
    from nst_numpy.losses import style_layer_loss as style_layer_loss
    from nst_numpy.losses import style_loss as style_loss
    from nst_numpy.losses.gram import gram as gram
    from nst_numpy.losses.moments import moments as moments
    from nst_numpy.losses.total_variation import total_variation as total_variation
    from nst_numpy.networks import load_network as load_network
    from nst_numpy.networks import random_network as random_network
    from nst_numpy.networks.normalize import normalize as normalize
    from nst_numpy.objective import Targets as Targets
    from nst_numpy.objective import targets as targets
    from nst_numpy.objective import total_loss as total_loss
    from nst_numpy.optimizers import adam as adam
    from nst_numpy.optimizers import gradient_descent as gradient_descent
    from nst_numpy.optimizers import lbfgs as lbfgs
    from nst_numpy.optimizers import lbfgsb as lbfgsb
    from nst_numpy.optimizers import momentum as momentum
    from nst_numpy.optimizers import pixel_preconditioner as pixel_preconditioner
    from nst_numpy.optimizers.line_search import strong_wolfe as strong_wolfe
    from nst_numpy.paper import CONVENTIONS as CONVENTIONS
    from nst_numpy.paper import reconstruct_content as reconstruct_content
    from nst_numpy.paper import reconstruct_style as reconstruct_style
    from nst_numpy.paper.stylize_like import stylize_like as stylize_like
    from nst_numpy.reports.frames import FrameRecorder as FrameRecorder
    from nst_numpy.reports.frames import write_frames as write_frames
    from nst_numpy.reports.html_report import write_report as write_report
    from nst_numpy.reports.live import live as live
    from nst_numpy.sweeps import Cell as Cell
    from nst_numpy.sweeps import Grid as Grid
    from nst_numpy.sweeps import Sweep as Sweep
    from nst_numpy.sweeps import Workers as Workers
    from nst_numpy.sweeps import check_grid as check_grid
    from nst_numpy.sweeps import contact_sheet as contact_sheet
    from nst_numpy.sweeps import cross_product as cross_product
    from nst_numpy.sweeps import run_grid as run_grid
    from nst_numpy.sweeps import write_results as write_results
    from nst_numpy.transfer.plan import Plan as Plan
    from nst_numpy.transfer.plan import plan as plan
    from nst_numpy.transfer.result import Result as Result
    from nst_numpy.transfer.stylize import stylize as stylize
    from nst_numpy.utils.errors import InputError as InputError
    from nst_numpy.utils.errors import NotFinite as NotFinite
    from nst_numpy.utils.errors import Notice as Notice
    from nst_numpy.utils.errors import TooLarge as TooLarge
    from nst_numpy.vgg import VGG16 as VGG16
    from nst_numpy.vgg import VGG19 as VGG19
    from nst_numpy.vgg import Network as Network
    from nst_numpy.vgg import backward as backward
    from nst_numpy.vgg import forward as forward

__version__ = "0.1.0"

# Public names by module. A module is imported when one of its names is first used (PEP 562), so
# that `import nst_numpy` takes a moment and loads neither numba nor SciPy.
_NAMES = {
    "gradcheck": "Check gradcheck",
    "images": "keep_color make_contact_sheet match_color read_picture resize write_picture",
    "images.samples": "sample_picture",
    "layers": (
        "average_pool average_pool_backward convolution convolution_backward max_pool "
        "max_pool_backward relu relu_backward"
    ),
    "losses": (
        "MOMENT_LOSSES STYLE_LOSSES VARIATIONS blend content_loss gram guided_loss "
        "laplacian_loss moments pull_back region_moments style_layer_loss style_loss "
        "total_variation"
    ),
    "networks": "load_network normalize random_network",
    "objective": "Targets targets total_loss",
    "optimizers": "adam gradient_descent lbfgs lbfgsb momentum pixel_preconditioner",
    "optimizers.line_search": "strong_wolfe",
    "paper": "CONVENTIONS reconstruct_content reconstruct_style stylize_like",
    "reports.frames": "FrameRecorder write_frames",
    "reports.html_report": "write_report",
    "reports.live": "live",
    "sweeps": (
        "Cell Grid Sweep Workers check_grid contact_sheet cross_product run_grid write_results"
    ),
    "transfer.plan": "Plan plan",
    "transfer.result": "Result",
    "transfer.stylize": "stylize",
    "utils.errors": "InputError NotFinite Notice TooLarge",
    "vgg": "VGG16 VGG19 Network backward forward",
}
_MODULE_OF = {name: module for module, names in _NAMES.items() for name in names.split()}
__all__ = list(_MODULE_OF)

# A library does not print: without a handler of the application, its log records are dropped.
logging.getLogger(__name__).addHandler(logging.NullHandler())


def __getattr__(name: str) -> Any:
    """Import a public name, or a module of the package, at its first use."""
    if name in _MODULE_OF:
        value = getattr(importlib.import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    elif name in _NAMES:
        value = importlib.import_module(f"{__name__}.{name}")
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """Return the names in this module and those that are imported at their first use."""
    return sorted({*globals(), *_MODULE_OF})
