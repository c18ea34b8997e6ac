"""The command line as a process of its own for each call, but imported and compiled only once.

A server imports the package and does one small job, with one thread so that none is left behind;
then it forks a child for every call, which has its own folder, streams, user and limits, calls
`nst_numpy.cli.main` and ends as the interpreter would.
"""

import io
import json
import os
import signal
import subprocess
import sys
import sysconfig
import time
import traceback
from dataclasses import dataclass
from pathlib import Path

NEEDED = [Path(sysconfig.get_path("purelib")), Path(__file__)]
ABOVE = {folder for path in NEEDED for folder in path.resolve().parents}
# A user without rights; none where such a user could not even load the package.
NOBODY = 65534 if all(folder.stat().st_mode & 0o005 == 0o005 for folder in ABOVE) else None
LIMITS = {"seconds": 20, "data": 3 << 30, "file": 1 << 26}  # wall clock, bytes in all, bytes a file
ONE_THREAD = {name: "1" for name in ("NST_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
WARM = {"size": 26, "iterations": 1, "weights": "random"}  # all kernels are compiled, or loaded


@dataclass(frozen=True)
class Ended:
    """How a call ended: exit code (negative: the signal), what it wrote, its peak in bytes."""

    code: int
    out: str
    err: str
    peak: int


class CommandLine:
    """The server. ``folder`` holds p.png and a.png for its own first job."""

    def __init__(self, folder):
        self.server = subprocess.Popen(
            [sys.executable, __file__],
            cwd=folder,
            env={**os.environ, **ONE_THREAD, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.server.stdout.readline() == "ready\n"

    def __call__(self, words, folder, stdout=None, encoding="utf-8", user=None, env=(), **limits):
        """Call ``nst-numpy WORDS`` in a folder; with ``stdout`` a file's name, or "closed"."""
        call = {"words": list(words), "folder": str(folder), "stdout": stdout, "user": user}
        call |= {"encoding": encoding, "env": dict(env), "limits": LIMITS | limits}
        self.server.stdin.write(json.dumps(call) + "\n")
        self.server.stdin.flush()
        return Ended(**json.loads(self.server.stdout.readline()))

    def close(self):
        self.server.stdin.close()
        self.server.wait()
        self.server.stdout.close()


def serve():
    """Answer calls until the standard input ends."""
    from nst_numpy import stylize
    from nst_numpy.cli import main

    stylize("p.png", "a.png", **WARM)
    wait_for_threads()
    print("ready", flush=True)
    for line in sys.stdin:
        with open(os.memfd_create("out"), "w+b") as out, open(os.memfd_create("err"), "w+b") as err:
            print(json.dumps(answer(main, json.loads(line), out, err)), flush=True)


def wait_for_threads(seconds=10):
    """Threads do not survive a fork; one that has been joined may still be on its way out."""
    until = time.monotonic() + seconds
    while os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) > 1:
        assert time.monotonic() < until, "a thread is left"
        time.sleep(0.01)


def answer(main, call, out, err):
    """Fork, wait, and tell how it ended."""
    child = os.fork()
    if child == 0:
        live_and_die(main, call, out.fileno(), err.fileno())
    _, status, usage = os.wait4(child, 0)
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read().decode("utf-8", "backslashreplace"))
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "out": texts[0], "err": texts[1], "peak": usage.ru_maxrss * 1024}


def live_and_die(main, call, out, err):
    """The child: never returns."""
    code = 1
    try:
        prepare(call, out, err)
        code = ended_by(main, call["words"])
    except BaseException:  # whatever it is, this process must not become a second server
        traceback.print_exc()
    os._exit(code)


def prepare(call, out, err):
    """Folder, streams, limits and user."""
    import resource  # only here: not every system has it

    os.chdir(call["folder"])
    os.environ.update(call["env"])
    if call["stdout"] == "closed":
        read, out = os.pipe()
        os.close(read)
    elif call["stdout"] is not None:
        out = os.open(call["stdout"], os.O_WRONLY)
    for there, here in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(there, here)
    encoding = call["encoding"]
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding)
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w"), encoding, "backslashreplace", line_buffering=True
    )
    limits = call["limits"]
    resource.setrlimit(resource.RLIMIT_DATA, (limits["data"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits["seconds"])  # its default action ends the process
    if call["user"] is not None:
        os.setgroups([])
        os.setgid(call["user"])
        os.setuid(call["user"])


def ended_by(main, words):
    """What `sys.exit(main())` and the interpreter's own end make of it."""
    try:
        code = main(words)
    except SystemExit as stop:
        code = stop.code
    except BaseException:
        traceback.print_exc()
        code = 1
    try:
        sys.stdout.flush()
    except OSError:
        traceback.print_exc()
        code = 120
    return code or 0


if __name__ == "__main__":
    serve()
