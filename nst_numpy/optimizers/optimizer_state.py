"""What an optimizer hands out to be gone on from, and when it cannot be."""

from nst_numpy.utils.errors import InputError
from nst_numpy.utils.types import State


def ignore(state: State) -> None:
    """The checkpoint of those who want none."""


def check_total(state: State, iterations: int) -> None:
    """Refuse to go on towards another number of iterations, where each step depends on it."""
    if state["iterations"] != iterations:
        raise InputError(
            f"The size of every step depends on the number of iterations with this optimizer: what "
            f"was begun with {state['iterations']} cannot go on with {iterations}; keep "
            f"{state['iterations']}, or start anew."
        )
