"""A server of processes to be killed: it imports the package once, and forks for each command.

    python crash.py

Each line on standard input is a command: the arguments of `do_forked` as JSON, or those of `do`
with ``warm``, which loads the kernels for all that follow; and the ``folder`` to do it in. Each
answer is a line with the ``code``, what was ``told`` and the ``seconds``. Snapshots are written
slowly, so that many moments lie within them.
"""

import json
import os
import resource
import signal
import sys
import threading
import time

from tqdm import tqdm

from nst_numpy.cli import main
from nst_numpy.runs import snapshots

PAUSE = 0.001  # seconds before each array of a snapshot


class SlowFile:
    """A file on a slow disk."""

    def __init__(self, file):
        self.file = file

    def write(self, data):
        time.sleep(PAUSE)
        self.file.write(data)
        self.file.flush()


def slow_write_tree(file, tree, write_tree=snapshots.write_tree):
    write_tree(SlowFile(file), tree)


def do(words):
    """The exit code of a command; what it says goes into the file ``told``."""
    with open("told", "w") as told:
        os.dup2(told.fileno(), 1)
        os.dup2(told.fileno(), 2)
    try:
        return main(words)
    except SystemExit as error:
        return error.code


def do_forked(words, after=0.0, until=None, signals=(signal.SIGKILL,), largest=None):
    """The same in a process that gets signals once a file holds a text, or some seconds later.

    ``until`` are the file and the text, ``largest`` the bytes of the largest file it can write.
    """
    open("told", "w").close()  # nothing is left of what the command before has said
    child = os.fork()
    if child == 0:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        code = do(words)
        sys.stdout.flush()
        os._exit(code)
    while until is not None and not (holds(*until) or has_ended(child)):
        time.sleep(PAUSE)
    time.sleep(after)
    if after or until is not None:
        for number in signals:
            os.kill(child, number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def holds(path, text):
    """Whether there is a file with a text in it."""
    return os.path.exists(path) and text in open(path, errors="ignore").read()


def has_ended(child):
    """Whether a process is done, though nobody has asked for its exit code yet."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever has started this
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    tqdm.monitor_interval = 0  # no thread beside the forks
    tqdm.set_lock(threading.RLock())  # its own is shared by forks: one killed in it stops them all
    snapshots.write_tree = slow_write_tree
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        command, began = json.loads(line), time.monotonic()
        os.chdir(command.pop("folder"))
        code = (do if command.pop("warm", False) else do_forked)(**command)
        with open("told") as told:
            answer = {"code": code, "told": told.read(), "seconds": time.monotonic() - began}
        print(json.dumps(answer), file=answers, flush=True)
