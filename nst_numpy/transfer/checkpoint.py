"""Check the state that a job resumes from."""

from typing import Any

from nst_numpy.utils.errors import InputError, short_repr
from nst_numpy.utils.thread_safe_warnings import warn_user
from nst_numpy.utils.types import State

START: State = {
    "losses": [],
    "terms": {},
    "picture": None,
    "mean": None,
    "weight": 0.0,
    "seconds": 0.0,
    "steps": None,
}


def check_state(state: State, identity: dict[str, Any], iterations: int) -> State:
    """Return a state if a job can resume from it.

    Parameters
    ----------
    state : dict
        From a checkpoint.
    identity : dict
        Values that the state's ``"job"`` must agree with.
    iterations : int
        Number of iterations of the job.

    Raises
    ------
    InputError
        If the state belongs to another job, or has more iterations than the job.
    """
    for name, expected in identity.items():
        found = state["job"].get(name)
        if found != expected:
            raise InputError(
                f"`state` belongs to another job: its {name} is {short_repr(found)}, not "
                f"{short_repr(expected)}. Give the settings of that job, or start anew."
            )
    if state["iteration"] > iterations:
        raise InputError(
            f"`state` is already at iteration {state['iteration']}, but `iterations` is "
            f"{iterations}: give at least {state['iteration']}."
        )
    return state


def tile_rows_to_resume(tile_rows: int | None, state: State | None) -> int | None:
    """Rows of a tile for a job that may resume from a state.

    The last bits of a result depend on the tiles. A resumed job therefore keeps the tiles of its
    state, unless less memory is free now.

    Parameters
    ----------
    tile_rows : int or None
        Rows that fit into memory now, None for the whole picture.
    state : dict or None
        The state that the job resumes from.

    Returns
    -------
    int or None
    """
    if state is None or tile_rows == state["tile_rows"]:
        return tile_rows
    if tile_rows is None or (state["tile_rows"] and state["tile_rows"] < tile_rows):
        return int(state["tile_rows"]) if state["tile_rows"] else None
    warn_user(
        "Less memory is free than when the job started: it resumes with smaller tiles, and the "
        "result differs in the last digits from that of an uninterrupted job.",
        stacklevel=3,
    )
    return tile_rows
