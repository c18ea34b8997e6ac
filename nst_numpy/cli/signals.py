"""What happens when a command is asked to end: by Ctrl-C, by the system, by a closed terminal."""

import contextlib
import math
import signal
import sys
import threading
import time

SIGNALS = [
    getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name)
]
PAUSE = 0.2  # seconds in which several signals count as one


class Interrupted(KeyboardInterrupt):
    """A signal has come.

    Attributes
    ----------
    number : int
        Of the signal; the command ends with 128 more, as shells have it.
    sentence : str
        What to tell. Who can save something says here what was saved.
    """

    def __init__(self, number):
        super().__init__(number)
        self.number = number
        self.sentence = "interrupted."


@contextlib.contextmanager
def interruptible():
    """Within the ``with`` block a signal raises `Interrupted`.

    Those that were ignored before still are, as under ``nohup``. Outside of the main thread there
    are no signals.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {number: signal.getsignal(number) for number in SIGNALS}
    ours = [number for number in SIGNALS if before[number] not in (signal.SIG_IGN, None)]
    hook, last, timers = sys.unraisablehook, -math.inf, []

    def stop(number, frame):
        nonlocal last
        if time.monotonic() - last > PAUSE:  # a terminal and a parent may both send one
            last = time.monotonic()
            raise Interrupted(number)

    def again(swallowed):
        """What was raised where nothing can be, as in a callback from C, is raised once more."""
        if isinstance(swallowed.exc_value, Interrupted):
            timers.append(
                threading.Timer(2 * PAUSE, signal.raise_signal, [swallowed.exc_value.number])
            )
            timers[-1].start()
        else:
            hook(swallowed)

    for number in ours:
        signal.signal(number, stop)
    sys.unraisablehook = again
    try:
        yield
    finally:
        sys.unraisablehook = hook
        for timer in timers:
            timer.cancel()
        for number in ours:
            signal.signal(number, before[number])


def ignore_signals():
    """Ignore signals to the end of the ``with`` block: what is written now is written whole."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)
