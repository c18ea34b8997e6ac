"""What ``-v`` shows: the log of the package."""

import contextlib
import logging
import sys

from tqdm import tqdm

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # without -v, with -v, with -vv


class _AboveTheBar(logging.Handler):
    """Writes lines to the standard error so that a bar stays whole below them."""

    def emit(self, record):
        tqdm.write(f"nst-numpy: {self.format(record)}", file=sys.stderr)


@contextlib.contextmanager
def show_log(verbose):
    """Show the log within the ``with`` block.

    Parameters
    ----------
    verbose : int
        How often ``-v`` was given.
    """
    log, handler = logging.getLogger("nst_numpy"), _AboveTheBar()
    before = log.level
    log.addHandler(handler)
    log.setLevel(LEVELS[min(verbose, len(LEVELS) - 1)])
    try:
        yield
    finally:
        log.setLevel(before)
        log.removeHandler(handler)
