"""The progress bar of a job."""

import contextlib

from tqdm import tqdm

from nst_numpy.cli.messages import print_message


class ProgressBar:
    """A bar on standard error with the loss and the time left: a callback of `stylize`.

    It appears with the first evaluation, after the notes, so that a mistake in the input shows
    neither of them.
    """

    def __init__(self, iterations, label=None, notes=()):
        self.notes = notes
        self.options = {"total": iterations, "desc": label, "unit": "it", "dynamic_ncols": True}
        self.bar = None

    def __call__(self, iteration, picture, loss, terms):
        if self.bar is None:
            for note in self.notes:
                print_message(note)
            self.bar = tqdm(initial=iteration, **self.options)
        self.bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
        self.bar.update(iteration - self.bar.n)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.bar is not None:
            with contextlib.suppress(OSError):  # of a terminal that was closed
                self.bar.close()
