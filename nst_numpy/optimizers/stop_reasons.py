"""The reasons why an optimizer stops, as sentences."""


def iteration_limit(iterations: int) -> str:
    """The maximum number of iterations was reached."""
    return f"Stopped {after(iterations)} (the limit)."


def zero_gradient(iteration: int) -> str:
    """Each element's derivative is zero or points out of the bounds."""
    return f"The gradient is zero {after(iteration)}: there is nothing to improve."


def no_lower_loss(iteration: int) -> str:
    """The line search failed: the differences between losses are smaller than their rounding."""
    return (
        f"The line search found no lower loss {after(iteration)}: the loss has reached the "
        "limit of its floating-point precision."
    )


def after(iterations: int) -> str:
    """``after 1 iteration``, ``after 2 iterations``, or ``at the start``."""
    if iterations == 0:
        return "at the start"
    return f"after {iterations} iteration{'' if iterations == 1 else 's'}"
