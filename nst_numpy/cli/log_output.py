"""Show the log of the package on the terminal: ``-v`` and ``-vv``."""

import contextlib
import logging
from collections.abc import Iterator

from nst_numpy.cli.messages import print_message

LEVELS = (logging.WARNING, logging.INFO, logging.DEBUG)  # without -v, with -v, with -vv


class _TerminalHandler(logging.Handler):
    """Prints log records as messages, above a progress bar."""

    def emit(self, record: logging.LogRecord) -> None:
        print_message(self.format(record))


@contextlib.contextmanager
def show_log(verbose: int) -> Iterator[None]:
    """Show the log within the ``with`` block.

    Parameters
    ----------
    verbose : int
        Number of ``-v`` on the command line.
    """
    log, handler = logging.getLogger("nst_numpy"), _TerminalHandler()
    previous_level = log.level
    log.addHandler(handler)
    log.setLevel(LEVELS[min(verbose, len(LEVELS) - 1)])
    try:
        yield
    finally:
        log.setLevel(previous_level)
        log.removeHandler(handler)
