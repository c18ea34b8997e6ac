"""What a job goes on from: its state, and whether it is of this job."""

from typing import Any

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.process_settings import warn_user
from nst_numpy.utils.types import State

START: State = {
    "losses": [],
    "terms": {},
    "picture": None,
    "seconds": 0.0,
    "steps": None,
    "mean": None,
    "weight": 0.0,
}


def check_state(state: State, job: dict[str, Any], iterations: int) -> State:
    """The state, or say why a job cannot go on from it.

    Parameters
    ----------
    state : dict
        From a checkpoint.
    job : dict
        What the state's own ``"job"`` must be.
    iterations : int
        That the job shall have in the end.
    """
    for name, here in job.items():
        there = state["job"].get(name)
        if there != here:
            raise InputError(
                f"The state to go on from is of another job, {name} {there} in place of {here}: "
                "give the arguments of that job, or start anew."
            )
    if state["iteration"] > iterations:
        raise InputError(
            f"The state to go on from is of iteration {state['iteration']} already, and "
            f"`iterations` is {iterations}: give at least as many."
        )
    return state


def rows_as_before(rows: int | None, state: State | None) -> int | None:
    """The rows of a strip to go on with.

    Those that the state's job was begun with, for the last bits depend on them; but if less memory
    is free now, those that fit.

    Parameters
    ----------
    rows : int or None
        What fits now, None for the whole picture.
    state : dict or None
        What to go on from.

    Returns
    -------
    int or None
    """
    if state is None or rows == state["rows"]:
        return rows
    if rows is None or (state["rows"] and state["rows"] < rows):
        return state["rows"]
    warn_user(
        "There is less memory now than when the job was begun: it goes on in smaller strips, and "
        "the result differs in the last digits from that of an uninterrupted job.",
        stacklevel=3,
    )
    return rows
