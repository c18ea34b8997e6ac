"""The progress bar of a job."""

import contextlib
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from tqdm import tqdm

from nst_numpy.cli.messages import print_message
from nst_numpy.utils.types import Array, Terms


class ProgressBar:
    """A callback of `nst_numpy.stylize` that shows the loss and the remaining time.

    The bar appears on the standard error at the first evaluation, below the notes. If the input is
    invalid, neither of them is shown.

    Parameters
    ----------
    iterations : int
        Number of iterations of the job.
    label : str, optional
        Text in front of the bar.
    notes : sequence of str
        Messages to print above the bar.
    """

    def __init__(
        self, iterations: int, label: str | None = None, notes: Sequence[str] = ()
    ) -> None:
        self.iterations, self.label, self.notes = iterations, label, notes
        self.bar: Any = None

    def __call__(self, iteration: int, picture: Array, loss: float, terms: Terms) -> None:
        if self.bar is None:
            for note in self.notes:
                print_message(note)
            self.bar = tqdm(
                initial=iteration,
                total=self.iterations,
                desc=self.label,
                unit="it",
                dynamic_ncols=True,
            )
        self.bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
        self.bar.update(iteration - self.bar.n)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            with contextlib.suppress(OSError):  # the terminal is closed
                self.bar.close()
