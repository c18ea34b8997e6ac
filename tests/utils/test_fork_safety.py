"""A forked process can use the package, whatever other threads did at the time of the fork."""

import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")

COMMON = """
import contextlib, os, signal, sys, threading, time, warnings
import numpy as np
from threadpoolctl import threadpool_info, threadpool_limits
from nst_numpy import stylize
from nst_numpy.images.suppress_stderr import suppressed_stderr
from nst_numpy.kernels import compilation, pooling
from nst_numpy.kernels.compilation import INTEGER, kernel
from nst_numpy.utils.blas_threads import one_blas_thread
from nst_numpy.utils.thread_safe_warnings import thread_safe_catch_warnings

warnings.simplefilter("ignore", DeprecationWarning)  # of a fork in a process with threads

def exit_code_of_child(function):
    child = os.fork()
    if child == 0:
        signal.alarm(100)
        try:
            function()
            os._exit(0)
        except BaseException:
            import traceback
            traceback.print_exc()
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
"""

JOBS = """
p, a = np.random.default_rng(0).uniform(0, 255, (2, 20, 24, 3))

def job():
    return stylize(p, a, size=24, iterations=1, init="noise", threads=2).losses

def run_jobs():
    while not stop:
        job()

def check():
    assert np.array_equal(job(), expected)

expected, stop = job(), False
threads = [threading.Thread(target=run_jobs) for _ in range(2)]
for thread in threads:
    thread.start()
codes = [exit_code_of_child(check) for _ in range(6) if not time.sleep(0.03)]
stop = True
assert codes == [0] * 6
"""

SETTINGS = """
def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}

@contextlib.contextmanager
def held_by_another_thread(context):
    def hold():
        with context():
            entered.set()
            leave.wait()
    entered, leave = threading.Event(), threading.Event()
    thread = threading.Thread(target=hold)
    thread.start()
    entered.wait()
    try:
        yield
    finally:
        leave.set()
        thread.join()

@contextlib.contextmanager
def ignored():
    with thread_safe_catch_warnings():
        warnings.simplefilter("ignore")
        yield

def check_filters():
    assert warnings.filters == filters
    with thread_safe_catch_warnings():
        warnings.simplefilter("error")
    assert warnings.filters == filters

def check_own_filters():
    assert warnings.filters != filters

def check_stderr():
    assert os.path.samestat(os.fstat(2), stderr)
    with suppressed_stderr():
        assert not os.path.samestat(os.fstat(2), stderr)
    assert os.path.samestat(os.fstat(2), stderr)

def check_blas():
    assert blas_threads() == {2}
    with one_blas_thread():
        assert blas_threads() == {1}
    assert blas_threads() == {2}

setter = threading.Thread(target=threadpool_limits, args=(2, "blas"))
setter.start()
setter.join()
filters, stderr = warnings.filters[:], os.fstat(2)
cases = ((ignored, check_filters), (suppressed_stderr, check_stderr), (one_blas_thread, check_blas))
for context, check in cases:
    assert exit_code_of_child(check) == 0
    with held_by_another_thread(context):
        assert exit_code_of_child(check) == 0
    assert exit_code_of_child(check) == 0

with ignored():
    assert exit_code_of_child(check_own_filters) == 0

# A fork within a limit: the child leaves it, and gets the threads back.
with one_blas_thread():
    assert blas_threads() == {1}
    child = os.fork()
    assert blas_threads() == {1}
if child == 0:
    os._exit(blas_threads() != {2})
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert blas_threads() == {2}
"""

COMPILATION = """
def new_kernel():
    function = pooling.average_pool_rows.dispatcher.py_func
    return kernel(pooling.READ, pooling.WRITTEN, INTEGER, INTEGER)(function)

def check():
    y = np.empty((1, 1, 1), np.float32)
    compiled = new_kernel()
    compiled.compile()
    compiled(np.ones((2, 2, 1), np.float32), y, 0, 1)
    assert y == 1

for delay in (0, 0.05, 0.1):
    thread = threading.Thread(target=new_kernel().compile)
    thread.start()
    time.sleep(delay)
    assert exit_code_of_child(check) == 0
    thread.join()
"""


@pytest.mark.parametrize("script", [JOBS, SETTINGS, COMPILATION], ids=["jobs", "settings", "code"])
def test_child_of_a_process_with_other_threads(tmp_path, script):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    if script is COMPILATION:
        environment |= {"NST_CACHE": str(tmp_path), "NUMBA_CACHE_DIR": ""}
    command = [sys.executable, "-c", COMMON + script]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert (done.returncode, done.stderr) == (0, "")
