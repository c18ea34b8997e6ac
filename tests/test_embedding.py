"""The package inside another program: imports without side effects, use by two threads."""

import ast
import logging
import os
import subprocess
import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

import nst_numpy
from nst_numpy import stylize
from nst_numpy.cli import main
from nst_numpy.utils.blas_threads import one_blas_thread
from nst_numpy.utils.thread_safe_warnings import thread_safe_catch_warnings
from nst_numpy.utils.threads import number_of_threads

PACKAGE = Path(nst_numpy.__file__).parent
DEPENDENCIES = "h5py, logging, numba, numpy, os, PIL.ImageCms, signal, sys, threading, warnings"

IMPORT = f"""
import {DEPENDENCIES}

def state():
    yield "environment", dict(os.environ)
    yield "NumPy's errors", numpy.geterr()
    yield "filters of warnings", list(warnings.filters)
    yield "signals", [signal.getsignal(s) for s in sorted(signal.valid_signals())]
    yield "threads", threading.enumerate()
    yield "numba", [numba.config.THREADING_LAYER, numba.config.CACHE_DIR, numba.config.DISABLE_JIT]
    yield "logging", [logging.root.handlers[:], logging.root.level, logging.root.disabled]
    yield "the rest", [sys.excepthook, sys.path[:], sys.getrecursionlimit(), os.getcwd()]

before = dict(state())
import nst_numpy, nst_numpy.cli, nst_numpy.paper, nst_numpy.sweeps
print([what for what, value in state() if value != before[what]])
heavy = "torch tensorflow keras jax matplotlib IPython joblib dask distributed requests pooch"
heavy += " tqdm.notebook scipy.optimize threadpoolctl"
print([name for name in heavy.split() if name in sys.modules])
"""


def run(script, folder, *arguments):
    """Output of a script that runs in its own process with an empty home folder."""
    environment = {**os.environ, "HOME": str(folder), "PYTHONPATH": str(PACKAGE.parent)}
    command = [sys.executable, "-c", script, *arguments]
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout.splitlines()


def test_import_has_no_side_effects_and_loads_no_large_library(tmp_path):
    assert run(IMPORT, tmp_path) == ["[]", "[]"]
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


@pytest.mark.parametrize("step", [1, -1])
def test_modules_import_in_any_order(tmp_path, step):
    modules = (path.relative_to(PACKAGE.parent) for path in PACKAGE.rglob("*.py"))
    names = [".".join(path.with_suffix("").parts) for path in modules if path.stem[:2] != "__"]
    run(f"import {', '.join(sorted(names)[::step])}", tmp_path)


def test_only_commands_print():
    for path in {*PACKAGE.rglob("*.py")} - {*(PACKAGE / "cli").glob("*.py")}:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = node.func if isinstance(node, ast.Call) else None
            assert not (isinstance(called, ast.Name) and called.id == "print"), path


def blas_threads():
    return {each["num_threads"] for each in threadpool_info() if each["user_api"] == "blas"}


@pytest.fixture
def two_blas_threads():
    """Two threads, because with one the test could not see a wrong reset."""

    def let_blas_use(n):
        setter = threading.Thread(target=threadpool_limits, args=(n, "blas"))
        setter.start()  # in a thread that ends, so that its limit does not override later ones
        setter.join()

    import scipy.optimize  # noqa: F401  # brings a BLAS of its own

    before = max(blas_threads())
    let_blas_use(2)
    yield
    let_blas_use(before)


def state_of_process():
    """State that a job may change while it runs and must restore."""
    return warnings.filters[:], np.geterr(), number_of_threads(), blas_threads()


JOBS = [
    {"size": 48, "iterations": 4, "threads": 1, "optimizer": "lbfgsb", "seed": 1},
    {"size": 64, "iterations": 3, "threads": 2, "dtype": np.float64, "style_loss": "wasserstein"},
]


def run_concurrently(pictures, *callbacks):
    """Futures of the jobs, each in its own thread; each waits until the other has started."""
    begun = threading.Barrier(len(callbacks), timeout=60)

    def job(settings, callback):
        def met(iteration, *seen):
            if iteration == 0:
                begun.wait()
            callback(iteration)

        return stylize(*pictures, init="noise", callback=met, **settings)

    with ThreadPoolExecutor(len(callbacks)) as pool:
        return [pool.submit(job, *each) for each in zip(JOBS, callbacks, strict=True)]


def check_same(one, other):
    assert np.array_equal(one.picture, other.picture)
    assert np.array_equal(one.losses, other.losses)


def test_concurrent_jobs_give_the_same_results_as_single_jobs(folder, two_blas_threads):
    before = state_of_process()
    alone = [stylize("p.png", "a.png", init="noise", **job) for job in JOBS]
    both = run_concurrently(("p.png", "a.png"), lambda k: None, lambda k: None)
    for future, expected in zip(both, alone, strict=True):
        check_same(future.result(), expected)
    assert state_of_process() == before


def test_a_failing_job_does_not_affect_another_thread(folder, two_blas_threads):
    def fail(iteration):
        if iteration == 1:
            raise ZeroDivisionError

    before = state_of_process()
    failed, done = run_concurrently(("p.png", "a.png"), fail, lambda k: None)
    with pytest.raises(ZeroDivisionError):
        failed.result()
    check_same(done.result(), stylize("p.png", "a.png", init="noise", **JOBS[1]))
    assert state_of_process() == before


def test_blas_threads_are_restored_in_any_order_of_exits(two_blas_threads):
    first, second = one_blas_thread(), one_blas_thread()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert blas_threads() == {1}
    second.__exit__(None, None, None)
    assert blas_threads() == {2}


def test_blas_threads_are_restored_after_an_interrupt(two_blas_threads, monkeypatch):
    class Interrupted(threading.Event):
        def wait(self, timeout=None):
            super().wait(timeout)
            if threading.current_thread() is threading.main_thread():
                raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(threading, "Event", Interrupted)
        with pytest.raises(KeyboardInterrupt), one_blas_thread():
            pass
    for thread in threading.enumerate():
        if thread.name == "one BLAS thread":
            thread.join(10)
    assert blas_threads() == {2}


def test_warning_filters_are_changed_by_one_thread_at_a_time():
    def other():
        with thread_safe_catch_warnings():
            warnings.simplefilter("ignore")
            inside.set()

    before, inside = warnings.filters[:], threading.Event()
    thread = threading.Thread(target=other)
    with thread_safe_catch_warnings():
        warnings.simplefilter("error")
        thread.start()
        assert not inside.wait(0.1)
    thread.join()
    assert warnings.filters == before


def test_a_job_logs_its_steps(folder, caplog, capfd):
    with caplog.at_level(logging.DEBUG, "nst_numpy"):
        stylize("p.png", "a.png", size=48, iterations=2, threads=2, tv=1.0)
    messages = [r.getMessage() for r in caplog.records if r.levelno == logging.INFO]
    assert messages[0] == "Network tiny, 11 convolutions."
    assert messages[1] == "lbfgs, 48 x 36 pixels in float32, as a whole, threads: 2."
    assert messages[2].startswith("Targets computed in")
    assert messages[3].startswith("Stopped after 2 iterations (the limit). Loss ")
    assert sum(r.levelno == logging.DEBUG for r in caplog.records) >= 3  # evaluations
    assert capfd.readouterr() == ("", "")  # nothing is printed


@pytest.mark.parametrize("flags, evaluations", [([], None), (["-v"], False), (["-vv"], True)])
def test_the_command_line_shows_the_log_with_v(folder, capsys, flags, evaluations):
    job = ["transfer", "p.png", "a.png", "-o", "out.png", "--size", "48", "--iterations", "1"]
    assert main([*flags, *job]) == 0
    output = capsys.readouterr().err
    assert ("nst-numpy: Targets computed in" in output) == (evaluations is not None)
    assert ("evaluation: loss" in output) == bool(evaluations)
    assert logging.getLogger("nst_numpy").level == logging.NOTSET
