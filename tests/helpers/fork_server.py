"""Run each call of the command line in its own process, importing the package only once.

A server imports the package and runs one small job with one thread, so that no thread remains
before a fork. Then it forks a child for every call. The child has its own folder, streams, user and
limits, calls `nst_numpy.cli.main` and exits as the interpreter would.
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
# A user without permissions; None if such a user could not import the package.
NOBODY = 65534 if all(folder.stat().st_mode & 0o005 == 0o005 for folder in ABOVE) else None
LIMITS = {
    "seconds": 20,
    "data": 3 << 30,
    "file": 1 << 26,
}  # wall clock, bytes of memory, bytes per file
ONE_THREAD = {name: "1" for name in ("NST_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")}
WARM = {
    "size": 26,
    "iterations": 1,
    "weights": "random",
}  # a job that compiles all kernels or loads them


@dataclass(frozen=True)
class Ended:
    """Result of a call: exit code (negative: a signal), outputs, peak memory in bytes."""

    code: int
    out: str
    err: str
    peak: int


class CommandLine:
    """A running server. ``folder`` contains p.png and a.png for its first job."""

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
        """Call ``nst-numpy WORDS`` in a folder; ``stdout`` is the name of a file, or "closed"."""
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
    """Run the calls from the standard input until it ends."""
    from nst_numpy import stylize
    from nst_numpy.cli import main

    stylize("p.png", "a.png", **WARM)
    wait_for_threads()
    print("ready", flush=True)
    for line in sys.stdin:
        with open(os.memfd_create("out"), "w+b") as out, open(os.memfd_create("err"), "w+b") as err:
            print(json.dumps(run_call(main, json.loads(line), out, err)), flush=True)


def wait_for_threads(seconds=10):
    """Wait until no other thread is alive, because threads do not survive a fork."""
    until = time.monotonic() + seconds
    while os.path.isdir("/proc/self/task") and len(os.listdir("/proc/self/task")) > 1:
        assert time.monotonic() < until, "another thread is still alive"
        time.sleep(0.01)


def run_call(main, call, out, err):
    """Run a call in a child process; return the fields of `Ended`."""
    child = os.fork()
    if child == 0:
        run_child(main, call, out.fileno(), err.fileno())
    _, status, usage = os.wait4(child, 0)
    texts = []
    for stream in (out, err):
        stream.seek(0)
        texts.append(stream.read().decode("utf-8", "backslashreplace"))
    code = os.waitstatus_to_exitcode(status)
    return {"code": code, "out": texts[0], "err": texts[1], "peak": usage.ru_maxrss * 1024}


def run_child(main, call, out, err):
    """Run a call in the child process, which never returns."""
    code = 1
    try:
        prepare(call, out, err)
        code = exit_code(main, call["words"])
    except BaseException:  # the child must not continue as a second server
        traceback.print_exc()
    os._exit(code)


def prepare(call, out, err):
    """Set the folder, streams, limits and user of the child."""
    import resource  # imported here because Windows does not have it

    os.chdir(call["folder"])
    os.environ.update(call["env"])
    if call["stdout"] == "closed":
        read, out = os.pipe()
        os.close(read)
    elif call["stdout"] is not None:
        out = os.open(call["stdout"], os.O_WRONLY)
    for source, target in ((os.open(os.devnull, os.O_RDONLY), 0), (out, 1), (err, 2)):
        os.dup2(source, target)
    encoding = call["encoding"]
    sys.stdout = io.TextIOWrapper(io.FileIO(1, "w"), encoding)
    sys.stderr = io.TextIOWrapper(
        io.FileIO(2, "w"), encoding, "backslashreplace", line_buffering=True
    )
    limits = call["limits"]
    resource.setrlimit(resource.RLIMIT_DATA, (limits["data"],) * 2)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limits["file"],) * 2)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.alarm(limits["seconds"])  # the default action ends the process
    if call["user"] is not None:
        os.setgroups([])
        os.setgid(call["user"])
        os.setuid(call["user"])


def exit_code(main, words):
    """Exit code of ``sys.exit(main())``, including the interpreter's final flush."""
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
