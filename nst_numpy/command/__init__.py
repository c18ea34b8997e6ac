"""The command ``nst-numpy``, which can be interrupted from the start.

The package takes a second to be loaded. This is installed beside it, as ``nst_numpy_command``,
because what is inside is loaded after it.
"""

import os
import signal
from types import FrameType


def main() -> int:
    """Load the package and run the command."""
    names = ("SIGINT", "SIGTERM", "SIGHUP")
    numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
    for number in numbers:
        if signal.getsignal(number) != signal.SIG_IGN:
            signal.signal(number, leave)
    from nst_numpy import cli

    code = cli.main()
    if code > 128:  # by a signal: one that comes later must not change the code
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
    return code


def leave(number: int, frame: FrameType | None) -> None:
    """End at once: nothing was begun."""
    os.write(2, b"\nnst-numpy: interrupted.\n")
    os._exit(128 + number)
