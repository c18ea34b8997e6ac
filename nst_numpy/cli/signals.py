"""Interruptions of a command: Ctrl-C, a request to terminate, a closed terminal."""

import contextlib
import math
import signal
import sys
import threading
import time
from collections.abc import Iterator
from typing import Any

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
PAUSE = 0.2  # seconds within which several signals count as one


class Interrupted(KeyboardInterrupt):
    """A signal has interrupted the command.

    Attributes
    ----------
    number : int
        Number of the signal. The exit code of the command is 128 + number, as in shells.
    message : str
        What to print. Code that saves something appends what was saved.
    """

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number
        self.message = "interrupted."


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Raise `Interrupted` when a signal arrives within the ``with`` block.

    Signals that were ignored before, for example by ``nohup``, are still ignored. Outside of the
    main thread this does nothing, because only the main thread receives signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = {number: signal.getsignal(number) for number in SIGNALS}
    handled = [number for number in SIGNALS if previous[number] not in (signal.SIG_IGN, None)]
    last = -math.inf

    def interrupt(number: int, frame: object) -> None:
        nonlocal last
        if time.monotonic() - last > PAUSE:  # a terminal and a parent process may both send one
            last = time.monotonic()
            raise Interrupted(number)

    for number in handled:
        signal.signal(number, interrupt)
    try:
        with _repeat_if_swallowed():
            yield
    finally:
        for number in handled:
            signal.signal(number, previous[number])


@contextlib.contextmanager
def _repeat_if_swallowed() -> Iterator[None]:
    """Send a signal again if its `Interrupted` was raised where Python cannot propagate it.

    Python swallows an exception that is raised in a callback from C, and passes it to
    ``sys.unraisablehook``.
    """
    previous_hook, timers = sys.unraisablehook, []

    def repeat(swallowed: Any) -> None:
        if isinstance(swallowed.exc_value, Interrupted):
            number = swallowed.exc_value.number
            timers.append(threading.Timer(2 * PAUSE, signal.raise_signal, [number]))
            timers[-1].start()
        else:
            previous_hook(swallowed)

    sys.unraisablehook = repeat
    try:
        yield
    finally:
        sys.unraisablehook = previous_hook
        for timer in timers:
            timer.cancel()


def ignore_signals() -> None:
    """Ignore signals until the end of `interruptible`, so that files are written completely."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
