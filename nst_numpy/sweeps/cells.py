"""Run one job of a grid, wherever that happens."""

import inspect
import traceback
from collections.abc import Callable

from nst_numpy.runs.provenance import summarize_result, versions
from nst_numpy.transfer.optimization import Result
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.threads import use_threads
from nst_numpy.utils.types import Picture, Record, Settings


def do(
    job: Callable[..., Result], settings: Settings, threads: int, memory: float | None
) -> tuple[Record, Picture | None]:
    """Do a job, wherever this runs.

    Parameters
    ----------
    job, settings
        As in `Cell`.
    threads : int
    memory : float or None
        Budget in MB, for a job that takes one.

    Returns
    -------
    outcome : dict
        What goes into the cell's record: ``versions`` of what computed it, final ``losses`` by
        term, ``iterations``, ``reason`` and ``seconds``; or the ``error``, and for a bug its
        ``traceback``.
    picture : (H, W, 3) uint8 array or None
    """
    outcome: Record = {"versions": versions(), "error": None}
    arguments = inspect.signature(job).parameters.values()
    has_budget = any(p.name == "memory" or p.kind is p.VAR_KEYWORD for p in arguments)
    budget = {"memory": memory} if has_budget else {}
    try:
        with use_threads(threads):
            result = job(**settings, **budget)
    except InputError as error:
        return outcome | {"error": str(error)}, None
    except Exception as error:
        told = "".join(traceback.format_exception_only(error)).strip()
        return outcome | {"error": told, "traceback": traceback.format_exc()}, None
    return outcome | summarize_result(result), result.picture
