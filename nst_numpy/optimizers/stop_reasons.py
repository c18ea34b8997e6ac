"""Why an optimizer stopped, in plain words."""


def done(iterations: int) -> str:
    """The number of iterations that was asked for."""
    return f"All {iterations} iterations done."


def no_derivative(iteration: int) -> str:
    """Every element's derivative is zero, or points across the bound that it lies on."""
    return f"The derivative is zero after {iteration} iterations: there is nothing to improve."


def no_lower_loss(iteration: int) -> str:
    """The differences between losses have become smaller than their rounding."""
    return (
        f"No lower loss was found along the search direction after {iteration} iterations: the "
        "loss has reached the limit of its floating-point precision."
    )
