"""Kernels are compiled once, kept in the cache folder where possible, and survive interrupts."""

import hashlib
import os
import pickle
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from numba.core import config

from nst_numpy import Notice
from nst_numpy.kernels import code_cache, pooling
from nst_numpy.kernels.compilation import INTEGER, kernel

IMAGE = np.arange(48, dtype=np.float32).reshape(4, 4, 3)
POOLED = IMAGE.reshape(2, 2, 2, 2, 3).mean((1, 3))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache folder, in a process that has not warned yet."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    monkeypatch.setenv("NST_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(code_cache, "_problems", [])
    monkeypatch.setattr(code_cache, "_warned", [])
    return tmp_path / "cache" / "kernels"


def new_kernel():
    """Return a kernel as a new process has it: not compiled yet."""
    function = pooling.average_pool_rows.dispatcher.py_func
    return kernel(pooling.READ, pooling.WRITTEN, INTEGER, INTEGER)(function)


def check_kernel(compiled):
    """Compile the kernel, and check its result."""
    y = np.empty_like(POOLED)
    compiled.compile()
    compiled(IMAGE, y, 0, 2)
    assert np.array_equal(y, POOLED)


def was_read_from_cache(compiled):
    """Whether numba did not have to compile."""
    return sum(compiled.dispatcher.stats.cache_hits.values()) == 1


def check_new_kernel(from_cache):
    """Check the result of a new kernel, and whether it comes from the cache."""
    compiled = new_kernel()
    check_kernel(compiled)
    assert was_read_from_cache(compiled) == from_cache


def only_file(cache):
    """Return the one file of the cache."""
    (file,) = cache.iterdir()
    return file


def test_compiled_kernel_is_read_from_cache(cache):
    check_new_kernel(from_cache=False)
    assert only_file(cache).name.startswith("average_pool_rows-")
    check_new_kernel(from_cache=True)


def test_numba_cache_dir_has_precedence(cache, tmp_path, monkeypatch):
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "numba"))
    check_new_kernel(from_cache=False)
    assert only_file(tmp_path / "numba" / "nst_numpy" / "kernels").suffix == ".nbc"
    assert not cache.exists()


def with_checksum(data):
    """Return a file of the cache with this content."""
    return hashlib.sha256(data).digest() + data


DAMAGE = {
    "empty": lambda content: b"",
    "cut in half": lambda content: content[: len(content) // 2],
    "one bit": lambda content: content[:5000] + bytes([content[5000] ^ 1]) + content[5001:],
    "random bytes": lambda content: np.random.default_rng(0).bytes(len(content)),
    "no pickle": lambda content: with_checksum(b"text"),
    "another object": lambda content: with_checksum(pickle.dumps(("a", "b"))),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
def test_damaged_file_is_replaced_without_a_warning(cache, damage):
    check_new_kernel(from_cache=False)
    file = only_file(cache)
    file.write_bytes(damage(file.read_bytes()))
    check_new_kernel(from_cache=False)
    check_new_kernel(from_cache=True)


def test_unreadable_file_gives_one_warning(cache):
    check_new_kernel(from_cache=False)
    file = only_file(cache)
    file.unlink()
    file.mkdir()
    with pytest.warns(Notice, match="cannot be kept .*kernels: Is a directory") as caught:
        check_new_kernel(from_cache=False)
        check_new_kernel(from_cache=False)
    assert len(caught) == 1


def test_folder_that_cannot_be_created_gives_one_warning(cache):
    cache.parent.write_text("a file")
    with pytest.warns(Notice, match="cannot be kept .*kernels: Not a directory") as caught:
        check_new_kernel(from_cache=False)
        check_new_kernel(from_cache=False)
    assert len(caught) == 1


def test_unknown_cache_folder_gives_a_warning(cache, monkeypatch):
    monkeypatch.setattr(code_cache, "cache_folder", lambda: None)
    with pytest.warns(Notice, match="there is no folder for caches"):
        check_new_kernel(from_cache=False)


def test_full_disk_gives_a_warning_and_leaves_no_file(cache):
    resource = pytest.importorskip("resource")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    new = new_kernel()
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.warns(Notice, match="cannot be kept .*kernels: File too large"):
            check_kernel(new)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert not any(cache.iterdir())
    check_new_kernel(from_cache=False)
    check_new_kernel(from_cache=True)


def test_file_name_depends_on_all_sources(cache, tmp_path, monkeypatch):
    """A change in any file of the kernels, or of numba's version, compiles them again."""
    check_new_kernel(from_cache=False)
    for name in ("hash_of_sources", "versions"):
        with monkeypatch.context() as patched:
            patched.setattr(code_cache, name, lambda: "another")
            check_new_kernel(from_cache=False)
    assert len(list(cache.iterdir())) == 3
    check_new_kernel(from_cache=True)


def test_hash_of_sources_changes_with_any_file(tmp_path, monkeypatch):
    folder = tmp_path / "kernels"
    shutil.copytree(Path(code_cache.__file__).parent, folder)
    monkeypatch.setattr(code_cache, "files", lambda package: folder)
    compute = code_cache.hash_of_sources.__wrapped__
    before = compute()
    assert before == compute()
    with (folder / "simd_vectors.py").open("a") as file:
        file.write("#")
    assert compute() != before


def test_old_files_of_a_kernel_are_removed(cache):
    cache.mkdir(parents=True)
    day = 86400
    names = [f"average_pool_rows-{age}.nbc" for age in range(20)]
    for age, name in enumerate([*names, ".12-34.part", "max_pool_rows-old.nbc"]):
        (cache / name).touch()
        seconds = time.time() - (age + 2) * day
        os.utime(cache / name, (seconds, seconds))
    (cache / ".56-78.part").touch()
    check_new_kernel(from_cache=False)
    left = {path.name for path in cache.iterdir()}
    assert {*names[:7], ".56-78.part", "max_pool_rows-old.nbc"} < left
    assert len(left) == 10


@pytest.fixture
def python_interrupts():
    """SIGINT raises KeyboardInterrupt, which it does not in a process started in the background."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals to threads")
def test_interrupt_while_compiling_is_raised_and_leaves_kernels_usable(cache, python_interrupts):
    main = threading.main_thread().ident
    for delay in np.linspace(0, 0.15, 6):
        shutil.rmtree(cache, ignore_errors=True)
        compiled = new_kernel()
        timer = threading.Timer(delay, signal.pthread_kill, [main, signal.SIGINT])
        with pytest.raises(KeyboardInterrupt):
            timer.start()
            compiled.compile()
            time.sleep(60)  # the compilation ended before the signal
        check_kernel(compiled)


def test_error_while_compiling_reaches_the_caller(cache):
    def wrong(x):
        return x.no_such_attribute

    with pytest.raises(Exception, match="no_such_attribute"):
        kernel(INTEGER)(wrong).compile()
    check_new_kernel(from_cache=False)


def test_threads_that_compile_at_the_same_time_share_the_result(cache):
    compiled, errors = new_kernel(), []

    def check():
        try:
            check_kernel(compiled)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(compiled.dispatcher.overloads) == 1


POOL = """
import os, sys, warnings
import numpy as np
from nst_numpy.kernels import average_pool, max_pool
if {setup!r}:  # the user without rights may not be able to load numba
    max_pool(np.zeros((2, 2, 1), np.float32))
    exec({setup!r})
with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    y = average_pool(np.arange(48, dtype=np.float32).reshape(4, 4, 3))
print(y.sum(), [str(w.message) for w in caught])
"""
RESULT = f"{POOLED.sum()}"


def start_pool(setup="", **environment):
    """Start a process that pools a picture; it prints the sum of the result and the warnings."""
    variables = {name: value for name, value in os.environ.items() if name != "NUMBA_CACHE_DIR"}
    variables |= {"PYTHONPATH": os.pathsep.join(sys.path), **environment}
    command = [sys.executable, "-c", POOL.format(setup=setup)]
    return subprocess.Popen(command, env=variables, stdout=subprocess.PIPE, text=True)


def test_processes_that_compile_at_the_same_time(tmp_path):
    processes = [start_pool(NST_CACHE=str(tmp_path)) for _ in range(3)]
    assert {process.communicate()[0] for process in processes} == {f"{RESULT} []\n"}
    assert len(list((tmp_path / "kernels").iterdir())) == 1


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
@pytest.mark.parametrize("home", ["", "os.environ['HOME'] = '/nowhere'"])
def test_user_without_home_or_without_permission(tmp_path, home):
    """Neither a folder literally named ~ nor a traceback."""
    (tmp_path / "work").mkdir(mode=0o777)
    for name in ("HOME", "NST_CACHE", "XDG_CACHE_HOME"):
        home = f"os.environ.pop({name!r}, None); {home}"
    setup = f"import pooch; os.chdir({str(tmp_path / 'work')!r}); os.setuid(54321); {home}"
    out = start_pool(setup, NST_CACHE=str(tmp_path / "first")).communicate()[0]
    assert out.startswith(f"{RESULT} ['Compiled kernels cannot be kept (")
    assert out.count("cannot be kept") == 1
    assert not any((tmp_path / "work").iterdir())


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="needs another user")
def test_read_only_cache_is_used_unchanged(tmp_path):
    """Another user reads the kernels of an administrator, and needs no warning."""
    assert start_pool(NST_CACHE=str(tmp_path)).communicate()[0] == f"{RESULT} []\n"
    for folder in [tmp_path, *tmp_path.parents][:3]:
        folder.chmod(0o755)
    kept = only_file(tmp_path / "kernels")
    out = start_pool("os.setuid(54321)", NST_CACHE=str(tmp_path)).communicate()[0]
    assert out == f"{RESULT} []\n"
    assert list((tmp_path / "kernels").glob("average_pool_rows-*")) == [kept]


LOADED = """
import contextlib, io, sys
from nst_numpy.cli import main
for words in (["--help"], ["--version"], ["transfer", "--help"], ["weights", "info", "tiny"],
              ["learn", "--help"], ["weights", "fetch", "--help"], ["plan", "--help"]):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.suppress(SystemExit):
        main(words)
    assert "numba" not in sys.modules, words
"""


def test_commands_that_compute_nothing_do_not_load_numba(tmp_path):
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", LOADED], env=environment, check=True)


WITHOUT_COMPILER = """
import sys
import numpy as np
from nst_numpy import stylize
p, a = np.random.default_rng(0).uniform(0, 255, (2, 20, 24, 3))
print(*stylize(p, a, size=24, iterations=2, **eval(sys.argv[1])).losses)
"""


def test_disabled_compiler_selects_the_plain_layers_with_one_warning():
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path), "NUMBA_DISABLE_JIT": "1"}
    command = [sys.executable, "-c", WITHOUT_COMPILER, "{}"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr.count("NUMBA_DISABLE_JIT disables numba's compiler") == 1
    del environment["NUMBA_DISABLE_JIT"]
    expected = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    losses = [[float(loss) for loss in each.stdout.split()] for each in (done, expected)]
    assert np.allclose(*losses, rtol=1e-2)
    assert expected.stderr == ""
