"""The assertion of assignment 4: a student's gradient checker finds a faulty derivative."""

from collections.abc import Callable

from nst_numpy.classroom.assertions import require
from nst_numpy.classroom.faulty_derivatives import FAULTS, Suspect, guilty, suspects
from nst_numpy.classroom.guarded_call import guarded


def expect(find_wrong: Callable[[list[Suspect]], list[str]], number: int, seed: int) -> None:
    """Require that a student's function finds the suspect with a fault, and does not name all.

    Parameters
    ----------
    find_wrong : callable
        ``find_wrong(suspects) -> list of names``.
    number : int
        Of the fault, from 1 to 5, in the order of `FAULTS`.
    seed : int
        See `suspects`.

    Raises
    ------
    FailedTestError
    """
    pairs = suspects(seed)
    everybody = {name for name, _, _ in pairs}
    named = guarded("find_wrong", find_wrong)(pairs)
    require(
        isinstance(named, list) and set(named) <= everybody,
        "find_wrong returns a list of names of suspects.",
        got=named,
    )
    require(
        len(set(named)) < len(everybody),
        "Some of the suspects are right: naming all of them finds nothing.",
        got=named,
    )
    culprit = next(name for name, fault in guilty(seed).items() if fault == FAULTS[number - 1])
    require(
        culprit in named,
        f"The derivative of '{culprit}' is not that of its value, and the checker let it pass. "
        "Compare the two slopes along some directions.",
        got=named,
    )
