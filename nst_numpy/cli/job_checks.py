"""What the command line looks at before a job, or any cell of a grid, is begun."""

from contextlib import suppress
from functools import lru_cache

from nst_numpy.cli.options import DEFAULTS
from nst_numpy.networks import load_network
from nst_numpy.paper import reconstruct_content, reconstruct_style, stylize_like
from nst_numpy.paper.reconstructions import load_of
from nst_numpy.paper.stylize_like import ask_like
from nst_numpy.transfer.control_checks import list_of
from nst_numpy.transfer.memory_fit import check_room
from nst_numpy.transfer.settings import ask
from nst_numpy.transfer.stylize import stylize
from nst_numpy.utils.available_memory import memory_budget
from nst_numpy.utils.errors import TooLarge

# Settings that change nothing beside others: their name, when they do something, and why not else.
IDLE = (
    ("seed", lambda job: job["init"] == "noise", "only noise has one (--init noise)"),
    ("style_blend", lambda job: len(list_of(job["style"])) > 1, "there is one style"),
    ("content_layer", lambda job: job["content_loss"] != "laplacian", "the loss sees no layer"),
    ("content_weights", lambda job: job["content_loss"] != "laplacian", "the loss sees no layer"),
)


def check_cells(cells, memory):
    """Refuse a grid for a mistake in the settings of any of its cells.

    The networks are taken as they are: to normalize them is part of each cell's work.

    Parameters
    ----------
    cells : sequence of nst_numpy.sweeps.Cell
    memory : float or None
        Budget of each in MB; None if they are done elsewhere, where it is not known.
    """
    network = lru_cache(maxsize=None)(load_network)
    nobody_knows = () if memory else (TooLarge,)
    for cell in cells:
        with suppress(*nobody_knows):
            _check_cell(cell, network, memory)


def _check_cell(cell, network, memory):
    """Look at one cell; ``network`` loads one by its name, each only once."""
    settings = dict(cell.settings)
    if cell.function in (stylize, stylize_like):
        weights = network(settings.get("weights", DEFAULTS["weights"]))
        settings |= {"weights": weights, "normalized": False, "memory": memory}
    if cell.function is stylize:
        ask(**{**DEFAULTS, **settings})
    elif cell.function is stylize_like:
        ask_like(*(settings.pop(name) for name in ("name", "content", "style")), settings)
    elif cell.function in (reconstruct_content, reconstruct_style):
        v = [settings["layer"]] if "layer" in settings else []
        w = settings.get("layers", ())
        load = load_of(network(settings["weights"]), v, w, settings["optimizer"])
        check_room(load, [settings["picture"]], settings["size"], memory_budget(memory))


def idle(*jobs):
    """Sentences for the settings that change nothing in any of some jobs.

    Parameters
    ----------
    *jobs : dict
        Arguments of `stylize`.

    Returns
    -------
    list of str
    """
    jobs = [{**DEFAULTS, **given} for given in jobs]
    return [
        f"`{name}` changes nothing here: {why}."
        for name, works, why in IDLE
        if (asked := [job for job in jobs if job[name] != DEFAULTS[name]])
        and not any(map(works, asked))
    ]
