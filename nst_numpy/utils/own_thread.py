"""Call a function that an interrupt must not stop halfway."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def in_own_thread(function: Callable[[], T]) -> T:
    """Call a function in a new thread, wait for it, and return its result.

    Signals raise exceptions in the main thread only. An exception in the middle of the function
    could leave a library unusable, or be lost in one of its callbacks. Here it is raised when the
    function has ended.
    """
    results: list[T] = []
    errors: list[BaseException] = []
    running = threading.Lock()
    running.acquire()

    def run() -> None:
        try:
            results.append(function())
        except BaseException as error:
            errors.append(error)
        running.release()

    thread = threading.Thread(target=run, name="not interrupted")
    try:
        thread.start()
        running.acquire()
    except BaseException:
        # Not acquire once more: it may have been interrupted after it succeeded.
        while thread.is_alive() and not (results or errors):
            time.sleep(0.01)
        raise
    if errors:
        raise errors[0]
    return results[0]
