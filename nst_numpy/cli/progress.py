"""The progress bar of a job."""

from tqdm import tqdm


class Progress:
    """A bar on standard error with the loss and the time left: a callback of `stylize`.

    It appears with the first evaluation, so that a mistake in the input shows no empty bar.
    """

    def __init__(self, iterations, label=None):
        self.options = {"total": iterations, "desc": label, "unit": "it", "dynamic_ncols": True}
        self.bar = None

    def __call__(self, iteration, picture, loss, terms):
        if self.bar is None:
            self.bar = tqdm(**self.options)
        self.bar.set_postfix_str(f"loss {loss:.4g}", refresh=False)
        self.bar.update(iteration - self.bar.n)

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.bar is not None:
            self.bar.close()
