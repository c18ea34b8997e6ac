"""Run one cell of a grid, in this process or on a worker."""

import traceback

from nst_numpy.runs.grid_cell import JobFunction
from nst_numpy.runs.provenance import summarize_result, versions
from nst_numpy.utils.errors import InputError
from nst_numpy.utils.threads import use_threads
from nst_numpy.utils.types import Picture, Record, Settings


def run_cell(
    function: JobFunction, settings: Settings, threads: int, memory: float | None
) -> tuple[Record, Picture | None]:
    """Run a job; an exception becomes part of its outcome.

    Parameters
    ----------
    function, settings
        As in `nst_numpy.sweeps.Cell`.
    threads : int
    memory : float or None
        Budget in MB; None for the default of the job.

    Returns
    -------
    outcome : dict
        Entries of the cell's record: ``versions``, and final ``losses`` by term, ``iterations``,
        ``reason`` and ``seconds``. ``error`` is None, or a message; a bug also has a
        ``traceback``.
    picture : (H, W, 3) uint8 array or None
    """
    here = {"versions": versions()}
    try:
        with use_threads(threads):
            result = function(**settings, memory=memory)
    except InputError as error:
        return {**here, "error": str(error)}, None
    except Exception as error:
        message = "".join(traceback.format_exception_only(error)).strip()
        return {**here, "error": message, "traceback": traceback.format_exc()}, None
    return {**here, "error": None, **summarize_result(result)}, result.picture
