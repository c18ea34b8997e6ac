"""The command ``nst-numpy``, which can be interrupted while the package is being imported.

The import takes about a second. This module is installed outside the package, as
``nst_numpy_command``, because importing a module of a package imports the package first.
"""

import os
import signal
from types import FrameType


def main() -> int:
    """Import the package and run the command."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    for number in numbers:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, exit_at_once)
    from nst_numpy import cli

    code = cli.main()
    if code > 128:  # ended by a signal; a later one must not change the exit code
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
    return code


def exit_at_once(number: int, frame: FrameType | None) -> None:
    """Exit at once: no work has started."""
    os.write(2, b"\nnst-numpy: interrupted.\n")
    os._exit(128 + number)
