"""A server that runs commands in processes that the tests kill; it imports the package once.

    python crash_server.py

Each line of the standard input is a command in JSON: the ``folder`` to run it in, and the arguments
of `run_forked`, or those of `run` with ``warm``, which loads the kernels for all later commands.
Each line of the answer contains the exit ``code``, the ``output`` and the ``seconds``.
Snapshots are written slowly, so that many signals arrive during the writing.
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


def run(words):
    """Run a command and return its exit code; its output goes to the file ``output.txt``."""
    with open("output.txt", "w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    try:
        return main(words)
    except SystemExit as error:
        return error.code


def run_forked(words, after=0.0, until=None, signals=(signal.SIGKILL,), largest=None):
    """Run a command in a child process that receives signals; return its exit code.

    The signals are sent ``after`` some seconds, or after a file contains a text: ``until`` is the
    pair (file, text). ``largest`` is the size limit of its files in bytes.
    """
    open("output.txt", "w").close()  # clear the output of the previous command
    child = os.fork()
    if child == 0:
        if largest is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))
        code = run(words)
        sys.stdout.flush()
        os._exit(code)
    while until is not None and not (contains(*until) or has_ended(child)):
        time.sleep(PAUSE)
    time.sleep(after)
    if after or until is not None:
        for number in signals:
            os.kill(child, number)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def contains(path, text):
    """Whether a file exists and contains a text."""
    return os.path.exists(path) and text in open(path, errors="ignore").read()


def has_ended(child):
    """Whether a child process has ended; its exit code stays available."""
    return os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also if the parent ignores it
    signal.signal(signal.SIGHUP, signal.SIG_DFL)
    tqdm.monitor_interval = 0  # no monitor thread, because of the forks
    tqdm.set_lock(
        threading.RLock()
    )  # the default lock is shared by forks; a killed one would block them
    snapshots.write_tree = slow_write_tree
    answers = os.fdopen(os.dup(1), "w")
    for line in sys.stdin:
        command, began = json.loads(line), time.monotonic()
        os.chdir(command.pop("folder"))
        code = (run if command.pop("warm", False) else run_forked)(**command)
        with open("output.txt") as output:
            answer = {"code": code, "output": output.read(), "seconds": time.monotonic() - began}
        print(json.dumps(answer), file=answers, flush=True)
