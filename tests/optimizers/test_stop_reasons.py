"""The sentences that say why an optimizer stopped."""

import pytest

from nst_numpy.optimizers import stop_reasons


@pytest.mark.parametrize(
    ("iterations", "words"),
    [(0, "at the start"), (1, "after 1 iteration"), (2, "after 2 iterations")],
)
def test_numbers_of_iterations_have_the_right_plural(iterations, words):
    assert stop_reasons.iteration_limit(iterations) == f"Stopped {words} (the limit)."
    assert stop_reasons.zero_gradient(iterations).startswith(f"The gradient is zero {words}:")
    assert f"no lower loss {words}:" in stop_reasons.no_lower_loss(iterations)
