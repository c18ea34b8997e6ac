"""Check every cell of a grid before the first one starts."""

import itertools
from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import Any

from nst_numpy.cli.job_kinds import JOB_KINDS
from nst_numpy.networks import load_network
from nst_numpy.runs.grid_cell import Cell
from nst_numpy.transfer.option_definition import without_effect
from nst_numpy.transfer.settings import StylizeSettings
from nst_numpy.utils.errors import TooLarge


def check_cells(cells: Sequence[Cell], memory: float | None) -> None:
    """Refuse a grid if the settings of any of its cells are not valid.

    The networks are not normalized here: this is part of each cell's work.

    Parameters
    ----------
    cells : sequence of Cell
    memory : float or None
        Budget of each cell in MB; None if the cells run elsewhere, where it is not known.
    """
    network = lru_cache(maxsize=None)(load_network)
    ignored = () if memory else (TooLarge,)
    for cell in cells:
        settings = {**cell.settings, "normalized": False, "memory": memory}
        if "weights" in cell.settings:
            settings["weights"] = network(cell.settings["weights"])
        with suppress(*ignored):
            JOB_KINDS[cell.kind].check(settings)


def warnings_for(jobs: Sequence[dict[str, Any]]) -> list[str]:
    """Sentences about options that have no effect in any of the jobs.

    Parameters
    ----------
    jobs : sequence of dict
        Settings of `nst_numpy.stylize`.
    """
    each = [without_effect(StylizeSettings(**settings)) for settings in jobs]
    sentences = dict.fromkeys(itertools.chain.from_iterable(each))
    return [sentence for sentence in sentences if all(sentence in others for others in each)]
